"""No file names a machine somebody worked on or a package registry: whoever installs chooses where from."""

import re

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
WORKPLACES = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/"]
FORBIDDEN = re.compile(
    "|".join([*map(re.escape, REGISTRIES), *(rf"(?<![\w.~/-]){re.escape(path)}" for path in WORKPLACES)])
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
