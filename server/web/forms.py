"""Reading forms: what was typed is kept as typed, and every problem has a sentence beside its field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from aiohttp import web

from server.web.words import N_

Value = TypeVar("Value")
# The longest text a page of ours takes for one answer; each page says so itself, and nothing is cut off unsaid.
LONGEST = 20_000


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
    return Form({name: value for name, value in posted.items() if isinstance(value, str)})
