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


def international(number: str, country_code: str) -> str:
    """The number as text message gateways want it (E.164), or "" for one that cannot be texted: it has an extension,
    or too few digits. Without a plus it is one of our own country; a single zero before it is only for callers there.
    """
    link = tel(number)
    if ";ext=" in link:
        return ""
    digits = link.removeprefix("tel:")
    if not digits.startswith("+"):
        if digits.startswith("00"):
            digits = digits[2:]
        elif not (country_code == "1" and len(digits) == 11 and digits[0] == "1"):
            digits = country_code + digits.removeprefix("0")
        digits = f"+{digits}"
    return digits if 8 <= len(digits) <= 16 else ""
