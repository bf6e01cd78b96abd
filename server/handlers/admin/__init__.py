"""The administrator: accounts, roles, and who looked."""
