"""Reading what a page sends: forms, where what was typed is kept as typed and every problem has a sentence beside its
field, and the JSON of our own scripts."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from aiohttp import web

from server.web.words import N_

Value = TypeVar("Value")
# Longer than anything that is kept: a text that is too long is refused where it belongs, not cut here in silence.
LONGEST = 100_000


@dataclass(slots=True)
class Form:
    """`typed` goes back into the page on a refusal; `problems` holds one sentence per field."""

    typed: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, *, required: str | None = None, longest: int = 500) -> str:
        """The trimmed text. `required` is the sentence shown when it is missing."""
        value = self.typed.get(name, "").strip()
        if not value and required:
            self.problems[name] = required
        if len(value) > longest:
            self.problems[name] = N_("This is too long. Please shorten it.")
        return value

    def parsed(self, name: str, read: Callable[[str], Value], sentence: str) -> Value | None:
        """What `read` makes of the field, or None with `sentence` beside it when it raises ValueError."""
        try:
            return read(self.typed.get(name, "").strip())
        except ValueError:
            self.problems[name] = sentence
            return None

    def date(self, name: str, sentence: str) -> date | None:
        return self.parsed(name, date.fromisoformat, sentence)

    @property
    def ok(self) -> bool:
        return not self.problems


async def read_form(request: web.Request) -> Form:
    """The posted fields as text; files and repeated names are nothing we ask for and are ignored."""
    posted = await request.post()
    return Form({name: value[:LONGEST] for name, value in posted.items() if isinstance(value, str)})


async def read_json(request: web.Request) -> dict[str, Any]:
    """What a script of ours sends: an object of values that can be kept. Raises HTTPBadRequest for anything else.

    Python's parser takes more than JSON has: NaN, Infinity, halves of characters, nesting without end.
    """
    try:
        said = json.loads(await request.read(), parse_constant=_finite, parse_float=_finite)
        json.dumps(said, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as unreadable:
        raise web.HTTPBadRequest from unreadable
    if not isinstance(said, dict):
        raise web.HTTPBadRequest
    return said


def _finite(written: str) -> float:
    """1e400 and "Infinity" are no numbers anybody could mean. Raises ValueError."""
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


def whole(number: object) -> int:
    """A whole number as JSON has it; `true` and "1" are none. Raises HTTPBadRequest."""
    if not isinstance(number, int) or isinstance(number, bool):
        raise web.HTTPBadRequest
    return number
