"""What a field of a message may hold: a check per field, kept in the dataclass. Used as `fields.text(…)`."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any, TypeVar

NUMBER_LIMIT = 1e12
SEQ_LIMIT = 2**53 - 1  # the largest integer a page can hold exactly

Check = Callable[[Any], Any]  # returns the value to keep, or raises ValueError
T = TypeVar("T")


def text(pattern: str) -> Check:
    shape = re.compile(pattern)

    def check(value: Any) -> str:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise ValueError
        return value

    return check


def string(limit: int) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise ValueError
        return value

    return check


def flag(value: Any) -> bool:
    if value is not True and value is not False:
        raise ValueError
    return bool(value)


def up_to(limit: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not 0 <= value <= limit:  # True is an int to isinstance
            raise ValueError
        return value

    return check


count = up_to(SEQ_LIMIT)


def number(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= NUMBER_LIMIT:
        raise ValueError
    return float(value)


def maybe(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def one(part: type[Any]) -> Check:
    return lambda value: build(part, value)


def many(part: type[Any]) -> Check:
    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > 64:
            raise ValueError
        return tuple(build(part, row) for row in value)

    return check


def texts(most: int, limit: int) -> Check:
    each = string(limit)

    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError
        return tuple(map(each, value))

    return check


def of(check: Check, **options: Any) -> Any:
    return dataclasses.field(metadata={"check": check}, **options)


def figure() -> Any:
    return of(maybe(number), default=None)


def build(part: type[T], body: Any) -> T:
    if type(body) is not dict:
        raise ValueError
    values: dict[str, Any] = {}
    for each in dataclasses.fields(part):  # type: ignore[arg-type]  # every part is a dataclass
        name = each.name.rstrip("_")
        if name in body:
            values[each.name] = each.metadata["check"](body.pop(name))
        elif each.default is dataclasses.MISSING:
            raise ValueError
    if body:
        raise ValueError
    return part(**values)
