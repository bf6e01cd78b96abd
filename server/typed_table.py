"""A table of TOML as a frozen dataclass, with a dataclass for every table in it.

Whatever is unknown, missing or ill-typed is refused by its name.
"""

import dataclasses
import types
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints


class TableUnfit(Exception):
    """The message names the key and what it must be."""


def read_as(kind: Any, table: Any) -> Any:
    """Raises TableUnfit."""
    return _section(kind, table, prefix="")


def _section(kind: Any, table: Any, *, prefix: str) -> Any:
    if not isinstance(table, dict):
        raise TableUnfit(f"{prefix.rstrip('.')} must be a table")
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    for name in table:
        if name not in names:
            raise TableUnfit(f"{prefix}{name} is not a setting")
    for name in names:
        if name not in table:
            raise TableUnfit(f"{prefix}{name} is missing")
    return kind(**{name: _value(hints[name], table[name], f"{prefix}{name}") for name in names})


def _value(kind: Any, given: Any, key: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _section(kind, given, prefix=f"{key}.")
    if get_origin(kind) is Literal:
        if not isinstance(given, str) or given not in get_args(kind):
            raise TableUnfit(f"{key} must be one of {', '.join(get_args(kind))}")
        return given
    if kind is Path:
        return Path(_value(str, given, key))
    if isinstance(kind, types.GenericAlias):
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            raise TableUnfit(f"{key} must be a list of texts")
        return tuple(_value(str, item, key) for item in given)
    if type(given) is not kind:
        raise TableUnfit(f"{key} must be {'a text' if kind is str else 'a whole number'}")
    if kind is str and "\0" in given:
        raise TableUnfit(f"{key} must not hold a zero byte: no file's name and no database takes one")
    if kind is int and given < 0:
        raise TableUnfit(f"{key} must not be negative")
    return given
