"""Letters that say: there are questions for you. On the measures' own schedule, tied to the course."""

from datetime import datetime
from zoneinfo import ZoneInfo

from scheduling.reminders import QuietHours
from server.care.measures import worth_a_letter
from server.services import home, measures, outgoing, patients, plans
from server.store import plans as courses
from server.store.database import Tx


async def may_be_asked(tx: Tx) -> list[str]:
    """Ids of the patients whose answers somebody waits for: those on a course, and after it monthly."""
    return await courses.patients_on_a_course(tx)


async def ask(tx: Tx, patient_id: str, *, quiet: QuietHours, now: datetime) -> bool:
    """Queues the letter when something became due that no letter has asked for; by day, and not while on hold.

    Somebody whose course is on hold is spoken to, not written to. A link that wrong dates have closed stays closed.
    """
    patient = await patients.by_id(tx, patient_id)
    there = now.astimezone(ZoneInfo(patient.time_zone))
    if not patient.channels or quiet.night(now, patient.time_zone):
        return False
    if (await plans.course_of(tx, patient, now=now)).on_hold:
        return False
    found = [each.due for each in await measures.asked_of(tx, patient_id, now=now) if each.due]
    if not worth_a_letter(found, last_letter=await outgoing.last_written(tx, patient_id, outgoing.QUESTIONS)):
        return False
    version = await home.version_to_mail(tx, patient_id, now=now)
    if version is None:
        return False
    await outgoing.queue_daily(
        tx, outgoing.QUESTIONS, patient=patient, version=version, on=there.date(), now=now
    )
    return True
