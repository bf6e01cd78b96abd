"""Every key of config.toml is explained where it stands, is a setting, and is used by somebody."""

import dataclasses
import re

from server.config import Config, read_config
from tests.house.tree import ROOT, below, text

LINES = (ROOT / "config.toml").read_text(encoding="utf-8").splitlines()
KEY = re.compile(r"(\w+) = ")


def settings() -> dict[str, list[str]]:
    return {
        section.name: [field.name for field in dataclasses.fields(section.type)]  # type: ignore[arg-type]
        for section in dataclasses.fields(Config)
    }


def test_the_shipped_file_is_good() -> None:
    assert isinstance(read_config(ROOT / "config.toml"), Config)


def test_a_comment_stands_directly_above_every_key() -> None:
    keys = [number for number, line in enumerate(LINES) if KEY.match(line)]
    assert len(keys) == sum(len(names) for names in settings().values())
    assert [LINES[number] for number in keys if not LINES[number - 1].startswith("# ")] == []


def test_every_setting_is_used_outside_its_own_check() -> None:
    readers = "\n".join(
        text(path) for path in below("server", suffix=".py") if path.as_posix() != "server/config.py"
    )
    own = text(next(path for path in below("server", suffix=".py") if path.as_posix() == "server/config.py"))
    # base_url and database_url are made inside config.py of settings nobody else needs.
    made = set(re.findall(r"self\.(\w+\.\w+)", own))
    dead = [
        f"{section}.{name}"
        for section, names in settings().items()
        for name in names
        if not re.search(rf"\b{section}\.{name}\b", readers)
        and not re.search(rf"\b{section} = config\.{section}\b[\s\S]*\b{section}\.{name}\b", readers)
        and f"{section}.{name}" not in made
    ]
    assert dead == []
