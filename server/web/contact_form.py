"""One field for an e-mail address or a phone number, whichever somebody types."""

import re

SHORTEST_NUMBER = 7


def email_or_phone(text: str) -> tuple[str | None, str | None]:
    """(address, number), one of them None; both when it is neither."""
    text = text.strip()
    if re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        return text, None
    if "@" not in text and len(re.sub(r"\D", "", text)) >= SHORTEST_NUMBER:
        return None, text
    return None, None
