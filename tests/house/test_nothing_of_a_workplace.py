"""No file names a machine somebody worked on or a package registry: whoever installs chooses where from."""

import re

from server.routes import ROUTES
from tests.house.tree import ROOT, files

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.",
    "deb." + "debian.org",
    "cd" + "n.",
    "unp" + "kg.com",
]
WORKPLACES = ["/wo" + "rk/", "/ro" + "ot/", "/Us" + "ers/"]
# A patient's own pages have the address that people's folders have on some machines.
PAGES = "|".join(sorted({route.path.split("/")[2] for route in ROUTES if route.path.startswith("/home/")}))
FORBIDDEN = re.compile(
    "|".join(
        [
            *map(re.escape, REGISTRIES),
            *(rf"(?<![\w.~/-]){re.escape(path)}" for path in WORKPLACES),
            rf"(?<![\w.~/-])/home/(?!(?:{PAGES})\b)\w",
        ]
    )
)
PICTURES = {".png", ".ico", ".woff2", ".webp", ".jpg"}


def test_no_file_names_a_registry_or_a_workplace() -> None:
    found = {}
    for path in files():
        if path.suffix in PICTURES:
            continue
        said = FORBIDDEN.findall((ROOT / path).read_text(encoding="utf-8"))
        if said:
            found[path.as_posix()] = sorted(set(said))
    assert found == {}
