"""The house: pages, services, records."""
