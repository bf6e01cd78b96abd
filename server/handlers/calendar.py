"""What a clinician's own calendar fetches, again and again, at its secret address."""

import hashlib

from aiohttp import web

from server.services import calendar_feeds
from server.services.calendar_feeds import BUSY, Followable, NoFeed
from server.web import keys
from server.web.calendars import FeedEntry, feed_of, own_title, own_uid

KIND = "text/calendar"


async def show(request: web.Request) -> web.Response:
    """Whoever holds the address is its calendar. One that is closed, or that nobody made, is simply not there."""
    database, now = request.app[keys.DATABASE], request.app[keys.CLOCK].now()
    token = request.match_info["token"].removesuffix(".ics")
    try:
        async with database.read() as tx:
            followed, note_due = await calendar_feeds.follow(tx, token, now=now)
    except NoFeed:
        return web.Response(status=404, text="There is no calendar at this address.\n")
    if note_due:
        async with database.write() as tx:
            await calendar_feeds.note(tx, token, now=now)
    body = _written(request, followed)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=KIND, charset="utf-8", headers=headers)


def _written(request: web.Request, followed: Followable) -> bytes:
    clinic, site = request.app[keys.CLINIC], request.app[keys.SITE]
    entries = [
        FeedEntry(
            uid=own_uid(visit.encounter_id, followed.practitioner_id, site.mail_domain),
            sequence=visit.sequence,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            title=own_title(
                kind=visit.kind,
                patient_name=visit.patient_name,
                mode=visit.mode,
                language=clinic.languages[0],
            ),
            link="" if followed.shows == BUSY else f"{site.base_url}/clinic/consult/{visit.encounter_id}",
            changed_at=followed.opened_at,
        )
        for visit in followed.visits
    ]
    return feed_of(entries, name=clinic.name, zone=followed.zone)
