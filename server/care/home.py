"""The door to a patient's own pages: link, date of birth, six digits, and then the device is remembered."""

from datetime import timedelta

from server.care.refusals import CareRefusal

# As on a visit's link: so many wrong dates close it, and then the telephone helps.
WRONG_DATES = 5
# A code lives so long and bears so many wrong tries; so many codes are sent within an hour.
CODE_LIVES = timedelta(minutes=10)
WRONG_CODES = 5
CODES_AN_HOUR = 5
# Somebody who has pressed Continue gets this long to come in; a remembered device so long since it was last used.
COMING_IN = timedelta(hours=1)
REMEMBERED = timedelta(days=90)


class LinkUnknown(CareRefusal):
    """Nobody made this link."""


class LinkReplaced(CareRefusal):
    """A newer message carries a newer link."""


class LinkLocked(CareRefusal):
    """Too many wrong dates of birth; only the telephone helps."""


class TooManyCodes(CareRefusal):
    """Several codes were sent within the hour; the next one has to wait."""


class NoWayToSend(CareRefusal):
    """The clinic has no address or number to which a code could go."""


def device_name(user_agent: str) -> str:
    """What a browser says it is, short enough that its owner knows it again: "Safari on iPhone"."""
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS", "Mac"),
        ("Windows", "Windows"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    )
    # In this order, because each of them also names those after it.
    browsers = (
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Chrome", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
    )
    system = next((name for mark, name in systems if mark in user_agent), "")
    browser = next((name for mark, name in browsers if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system)))
