"""Tables as CSV, which people open with a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from aiohttp import web


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
