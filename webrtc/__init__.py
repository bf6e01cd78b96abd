"""The call: rooms, seats, sealed media. Knows seats, not patients."""
