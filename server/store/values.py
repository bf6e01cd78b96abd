"""What both databases can keep, looked at before either is asked."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import String

LARGEST_INTEGER = 2**31 - 1


class ValueUnfit(ValueError):
    """A text with a NUL or half a character in it or longer than its column, or a number beyond 32 bits; says which."""


def check_text(text: str) -> None:
    """Raises ValueUnfit."""
    if "\0" in text:
        raise ValueUnfit("a NUL")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueUnfit("what is not written in UTF-8") from None


def check_values(
    _connection: Any, _cursor: Any, _statement: str, parameters: Any, context: Any, _many: bool
) -> None:
    """Listens to every statement before it is sent. Raises ValueUnfit."""
    for value in _each(parameters):
        if isinstance(value, str):
            check_text(value)
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise ValueUnfit("a number beyond 32 bits")
    if context is not None and (context.isinsert or context.isupdate) and context.compiled is not None:
        _check_lengths(context)


def _check_lengths(context: Any) -> None:
    """PostgreSQL would refuse what SQLite would take."""
    kinds = ((name, bind.type) for name, bind in context.compiled.binds.items())
    longest = {name: kind.length for name, kind in kinds if isinstance(kind, String) and kind.length}
    for row in context.compiled_parameters:
        for name, length in longest.items():
            if len(row.get(name) or "") > length:
                raise ValueUnfit(f"more than {length} characters ({name})")


def _each(parameters: Any) -> Iterator[Any]:
    """One statement's values, or those of many."""
    for value in parameters.values() if isinstance(parameters, dict) else parameters or ():
        if isinstance(value, (Sequence, dict)) and not isinstance(value, (str, bytes)):
            yield from _each(value)
        else:
            yield value
