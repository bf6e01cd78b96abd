"""The demo's sent mail: what left the house, kept by the demo's own mail server."""

import email
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiohttp import web

from server.web import keys, pages
from server.web.refusals import NotYours

NUMBER = re.compile(r"\d{1,9}")
SHOWN = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One message; `pieces` is its text cut at its links, so that the page can make them clickable."""

    number: str
    to: str
    subject: str
    sent_at: datetime
    pieces: list[str]
    has_calendar: bool


async def show_all(request: web.Request) -> web.Response:
    newest = sorted(_folder(request).glob("*.eml"), reverse=True)[:SHOWN]
    return pages.render(request, "desk/mail", kept=[_read(path) for path in newest], opened=None)


async def show(request: web.Request) -> web.Response:
    path = _folder(request) / f"{request.match_info['n']}.eml"
    if not NUMBER.fullmatch(request.match_info["n"]) or not path.is_file():
        raise NotYours
    newest = sorted(path.parent.glob("*.eml"), reverse=True)[:SHOWN]
    return pages.render(request, "desk/mail", kept=[_read(p) for p in newest], opened=_read(path))


def _folder(request: web.Request) -> Path:
    """Only a demo keeps its mail; anywhere else the page does not exist."""
    if keys.DEMO not in request.app:
        raise NotYours
    return request.app[keys.DEMO].mail_folder


def _read(path: Path) -> Kept:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return Kept(
        number=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=message["Date"].datetime,
        pieces=re.split(r"(https?://\S+)", text),
        has_calendar=any(part.get_content_type() == "text/calendar" for part in message.walk()),
    )
