"""The six digits of an authenticator app (RFC 6238: SHA-1, 30 seconds), and the recovery codes that stand in for them.

Pure: the time is given, and what was used already is somebody else's to remember.
"""

import hmac
import secrets
import string
from datetime import datetime

import pyotp

DIGITS = 6
SECONDS = 30
# Phones' clocks are not all right, and a person takes a moment to type: one step either way is let pass.
DRIFT = 1
RECOVERY_CODES = 10
# Digits too, because a phone shows nothing else for the field they share; sixteen are 53 bits.
RECOVERY_DIGITS = 16
GROUP = 4


def new_secret() -> str:
    """160 bits, as the RFC asks for with SHA-1, in the letters an app can be given by hand."""
    return pyotp.random_base32()


def step_of(secret: str, digits: str, *, now: datetime) -> int | None:
    """The time step whose code this is, the newest if several; None when it is no code of about now."""
    app = _app(secret)
    this = app.timecode(now)
    # Every step is looked at, so that the time taken tells nothing.
    found = [
        step
        for step in range(this + DRIFT, this - DRIFT - 1, -1)
        if hmac.compare_digest(app.generate_otp(step).encode(), digits.encode())
    ]
    return found[0] if found else None


def app_address(secret: str, *, person: str, clinic: str) -> str:
    """What the QR code says to an authenticator app."""
    return _app(secret).provisioning_uri(name=person, issuer_name=clinic)


def new_recovery_codes() -> tuple[str, ...]:
    """As they are checked; `grouped` is how they are read."""
    return tuple(
        "".join(secrets.choice(string.digits) for _ in range(RECOVERY_DIGITS)) for _ in range(RECOVERY_CODES)
    )


def grouped(text: str) -> str:
    """In groups of four, which a person can copy without losing their place."""
    return " ".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def plain(typed: str) -> str:
    """What was meant, however it was written or pasted: without spaces and dashes."""
    return "".join(letter for letter in typed if not letter.isspace() and letter not in "-–")


def is_digits(code: str) -> bool:
    """Whether this is a code from an app, and no recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def _app(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=DIGITS, interval=SECONDS)
