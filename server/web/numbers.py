"""Telephone numbers as a finger can call them: people write them with spaces, brackets and extensions."""

import re

from server.web.words import N_

NO_NUMBER = N_("A phone number has at least seven digits. Please check it, or leave it empty.")

# An extension: "ext. 12", "x12", "Durchwahl 12" …; what comes after it is dialled when somebody has answered.
_EXTENSION = re.compile(r"\s*(?:\(?\s*[A-Za-z]+\.?\s*|[;,#]\s*(?:ext=)?)(\d+)\)?\s*$")
# "+44 (0)20 …": the zero is for callers from inside the country.
_TRUNK_ZERO = re.compile(r"(?<=\d)\s*\(0\)")


def tel(number: str) -> str:
    """The link for a number, without anything a phone would stumble over (RFC 3966)."""
    bare = number.strip()
    extension = _EXTENSION.search(bare)
    if extension and extension.start() > 0:
        bare = bare[: extension.start()]
    else:
        extension = None
    if bare.startswith("+"):
        bare = _TRUNK_ZERO.sub("", bare)
    digits = ("+" if bare.startswith("+") else "") + re.sub(r"[^0-9]", "", bare)
    return f"tel:{digits};ext={extension[1]}" if extension else f"tel:{digits}"


def checked(text: str) -> str:
    """The number as it was typed. Raises ValueError when nobody could ring it."""
    if len(re.sub(r"\D", "", text)) < 7 or re.search(r"[^\d\s()+./ext-]", text):
        raise ValueError(text)
    return text
