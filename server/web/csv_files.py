"""Tables as CSV, which people open with a spreadsheet."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from server.web.words import N_

# So much is written in one go, with everything else of the clinic waiting: a moment, and not a minute.
MOST_ROWS, LARGEST = 200, 64 * 1024
TOO_LARGE = N_("This file is larger than 64 KB. Please split it.")
TOO_MANY = N_("This file has more than 200 rows. Please split it.")
NOT_UTF8 = N_("This is no UTF-8 text. In your spreadsheet, save it as “CSV UTF-8”.")
NO_TABLE = N_("This is no CSV table. In your spreadsheet, save it as “CSV UTF-8”.")
EMPTY = N_("There is no row in this file. The first line names the columns, the rows follow.")
HEAD_TWICE = N_("The first line names a column twice, or leaves a name out.")


class Unreadable(Exception):
    """This is no table of ours; `sentence` says what to do."""

    def __init__(self, sentence: str, **names: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.names = names


def response(head: Sequence[str], lines: Iterable[Sequence[str]], *, name: str) -> web.Response:
    """The table as a file to keep, called `name`."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in line] for line in lines)
    named = f'attachment; filename="{name}"'
    return web.Response(text=text.getvalue(), content_type="text/csv", headers={"Content-Disposition": named})


def _harmless(text: str) -> str:
    """Spreadsheets take a text that begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """`lines` are (the file's line, its cells by the head's names); `text` is the file itself."""

    text: str
    head: tuple[str, ...]
    lines: tuple[tuple[int, dict[str, str]], ...]


def read(data: bytes) -> Sheet:
    """A table with a head, separated by commas or semicolons, in UTF-8 with or without its mark. Raises Unreadable."""
    text = _decoded(data)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as problem:
        raise Unreadable(NO_TABLE) from problem
    if len(rows) < 2:
        raise Unreadable(EMPTY)
    head = tuple(cell.strip().casefold().replace(" ", "_") for cell in rows[0][1])
    if len(set(head)) < len(head) or "" in head:
        raise Unreadable(HEAD_TWICE)
    if len(rows) - 1 > MOST_ROWS:
        raise Unreadable(TOO_MANY)
    return Sheet(
        text=text, head=head, lines=tuple((number, _named(head, cells)) for number, cells in rows[1:])
    )


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise Unreadable(TOO_LARGE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Unreadable(NOT_UTF8) from problem
    if any(unicodedata.category(mark) == "Cc" and mark not in "\r\n\t" for mark in text):
        raise Unreadable(NO_TABLE)
    return text


def _named(head: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    """Cells beyond the head stand under "": whoever reads the row refuses it."""
    named = {name: _plain(cell) for name, cell in zip(head, cells, strict=False)}
    beyond = "".join(cell.strip() for cell in cells[len(head) :])
    return named | ({"": beyond} if beyond else {})


def _plain(cell: str) -> str:
    """The apostrophe that keeps spreadsheets from taking a number with a plus for a formula is no part of it."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell
