"""The server as a visible participant in a call."""
