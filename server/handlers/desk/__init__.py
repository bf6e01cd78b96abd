"""Front desk: bookings and today's board."""
