"""New random identifiers: 128 bits, so that knowing one tells nothing about the next."""

import secrets


def new_id() -> str:
    """32 hexadecimal digits."""
    return secrets.token_hex(16)
