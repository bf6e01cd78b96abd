"""Pages for people who were invited into somebody else's visit."""
