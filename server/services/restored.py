"""What a restore has to end before anybody is served again.

A backup knows nothing of what happened after it was made: a session that was signed out, a device that was forgotten,
a link that was replaced would all be alive again. So everything that lets somebody in ends, guests' links too, except
the links to visits, which stand in mails that patients need.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from server.care.home import WRONG_DATES
from server.services import home
from server.services.outgoing import ATTENTION, BOOKED, CANCELLED, LINK, MOVED, OWN, OWN_GONE, NoAddress
from server.store import audit, encounters, guests, outbox, plans, sessions
from server.store import home as doors
from server.store.database import Tx

# Nobody knows whether a letter that waited when the backup was made has left. These go, perhaps a second time under
# the same Message-ID: a patient without word of their visit, or a clinician without word of an alarm, is worse. Codes,
# links to own pages and questions, "join now" and whatever else has its moment are too late, or lead nowhere any more.
STILL_SENT = frozenset({BOOKED, MOVED, CANCELLED, LINK, ATTENTION, OWN, OWN_GONE})
# Versions of a link that can have been made since a backup are far fewer than the first; two restores from one backup
# take the same step once in the second.
FARTHEST_SINCE, STEPS = 1000, 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Aftermath:
    """How much of each was ended, kept, or is left for people to do."""

    staff_sessions: int
    visitor_sessions: int
    devices: int
    links_sent: int
    links_to_send: int
    letters_kept: int
    letters_withdrawn: int
    visits_to_come: int


async def settle(tx: Tx, *, made_at: str, by: str, now: datetime) -> Aftermath:
    """Everything above in one transaction, with one row on the audit trail. `made_at`: when the backup was made."""
    await audit.append(
        tx, actor=by, action=audit.RESTORED, object_kind="backup", object_id=made_at, patient_id=None, now=now
    )
    staff, visitors = await sessions.end_all(tx), await sessions.end_all_visitors(tx)
    visitors += await guests.end_all(tx, now=now)
    devices = await doors.end_all_devices(tx, now=now)
    withdrawn = await outbox.withdraw_others(tx, STILL_SENT, now=now)
    kept = await outbox.count_waiting(tx)
    jump = FARTHEST_SINCE + secrets.randbelow(STEPS)
    had_a_link = await doors.withdraw_all_links(tx, jump=jump, now=now)
    sent = await _send_links(tx, had_a_link, by=by, now=now)
    return Aftermath(
        staff_sessions=staff,
        visitor_sessions=visitors,
        devices=devices,
        links_sent=sent,
        links_to_send=len(had_a_link) - sent,
        letters_kept=kept,
        letters_withdrawn=withdrawn,
        visits_to_come=await encounters.count_to_come(tx, now),
    )


async def _send_links(tx: Tx, patient_ids: list[str], *, by: str, now: datetime) -> int:
    """New links to those on a course: "something feels wrong" is on their own pages. The desk sends the others theirs.

    Not where wrong dates of birth had closed the old one: there only the telephone helps.
    """
    sent, on_a_course = 0, set(await plans.patients_on_a_course(tx))
    for patient_id in filter(on_a_course.__contains__, patient_ids):
        link = await doors.newest_link(tx, patient_id)
        if link is not None and link.wrong_dates < WRONG_DATES:
            with suppress(NoAddress):
                await home.send_link(tx, patient_id, by=by, now=now)
                sent += 1
    return sent
