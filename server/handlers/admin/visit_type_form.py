"""The form of a kind of visit: what it shows at first, and what was meant by what was typed."""

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from server.care.people import Practitioner
from server.care.visit_kinds import Kind
from server.web.forms import Form
from server.web.words import N_

NO_NAME = N_("Type a name, as patients will read it.")
LENGTH = N_("Write the length in minutes, from 5 to 480.")
BUFFER = N_("Write minutes, from 0 to 240.")
HOURS = N_("Write hours, from 0 to 2000, like 12 or 0.5.")
DAYS = N_("Write days, from 1 to 1000, or leave it empty.")
SHORTEST, LONGEST, LONGEST_BUFFER, MOST_HOURS, MOST_DAYS = 5, 480, 240, 2000, 1000
MINUTES_AN_HOUR = 60


def blank() -> Form:
    return Form(
        {"minutes": "30", "before": "0", "after": "10", "notice": "0", "cut_off": "12", "horizon": ""}
    )


def filled(kind: Kind) -> Form:
    """The kind as it is."""
    typed = {
        "name": kind.name,
        "name_es": kind.name_es,
        "minutes": _minutes(kind.length),
        "before": _minutes(kind.buffer_before),
        "after": _minutes(kind.buffer_after),
        "notice": _hours(kind.minimum_notice),
        "cut_off": _hours(kind.cut_off),
        "horizon": "" if kind.horizon is None else f"{kind.horizon / timedelta(days=1):g}",
        "preparation": kind.preparation,
        "preparation_es": kind.preparation_es,
    }
    typed |= {"public": "yes"} if kind.public else {}
    return Form(typed | {f"holder-{each}": "yes" for each in kind.held_by})


def read(form: Form, *, code: str | None, people: list[Practitioner]) -> Kind | None:
    """None with a sentence beside each field that needs another look. A new kind's code is made of its name."""
    name = form.text("name", required=NO_NAME, longest=100)
    length = form.parsed("minutes", _whole(SHORTEST, LONGEST), LENGTH)
    before = form.parsed("before", _whole(0, LONGEST_BUFFER), BUFFER)
    after = form.parsed("after", _whole(0, LONGEST_BUFFER), BUFFER)
    notice = form.parsed("notice", _read_hours, HOURS)
    cut_off = form.parsed("cut_off", _read_hours, HOURS)
    horizon = form.parsed("horizon", _whole(1, MOST_DAYS), DAYS) if form.text("horizon") else None
    words: dict[str, Any] = {
        "name_es": form.text("name_es", longest=100),
        "preparation": form.text("preparation", longest=2000).replace("\r\n", "\n"),
        "preparation_es": form.text("preparation_es", longest=2000).replace("\r\n", "\n"),
    }
    code = code or code_of(name)
    if name and not code:
        form.problems["name"] = NO_NAME
    if not form.ok or length is None or before is None or after is None or notice is None or cut_off is None:
        return None
    return Kind(
        code=code,
        name=name,
        length=timedelta(minutes=length),
        buffer_before=timedelta(minutes=before),
        buffer_after=timedelta(minutes=after),
        minimum_notice=timedelta(minutes=notice),
        cut_off=timedelta(minutes=cut_off),
        horizon=None if horizon is None else timedelta(days=horizon),
        held_by=frozenset(each.id for each in people if f"holder-{each.id}" in form.typed),
        public="public" in form.typed,
        **words,
    )


def code_of(name: str) -> str:
    """ "Visita de familia" → "visita-de-familia"."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "-".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))[:60]


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number within limits; raises ValueError."""

    def read_one(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return read_one


def _read_hours(text: str) -> int:
    """In minutes. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,5}([.,][0-9]{1,4})?", text):
        raise ValueError(text)
    hours = float(text.replace(",", "."))
    if hours > MOST_HOURS:
        raise ValueError(text)
    return round(hours * MINUTES_AN_HOUR)


def _minutes(duration: timedelta) -> str:
    return f"{duration / timedelta(minutes=1):.0f}"


def _hours(duration: timedelta) -> str:
    return f"{duration / timedelta(hours=1):.4f}".rstrip("0").rstrip(".")
