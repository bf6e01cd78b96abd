"""What a look at the server finds wrong (doctor)."""


class Wrong(Exception):
    """The text says what, and what to do."""
