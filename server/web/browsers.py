"""Which browser somebody has, from the name it gives itself: the family and the kind of device, nothing finer.

Made for the person on the phone who helps: "open the settings of Safari on your iPhone". A name is a claim, never a
proof.
"""

import re

# The first that fits: nearly every browser also calls itself Chrome or Safari.
FAMILIES = (
    ("an app's window", r"FBAN|FBAV|FB_IAB|Instagram|Line/|MicroMessenger|Snapchat|LinkedInApp|GSA/|; wv\)"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Opera", r"OPR/|OPiOS/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/[\d.]+.* Safari/"),
)
DEVICES = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows NT"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Macintosh"),
    ("Linux", r"Linux"),
)


def family(agent: str) -> str | None:
    """ "Safari, iPhone", or None when nothing of it is known. Never the text itself: it is the page's own."""
    known = [_first(FAMILIES, agent), _first(DEVICES, agent)]
    return ", ".join(part for part in known if part) or None


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for name, pattern in names if re.search(pattern, agent)), None)
