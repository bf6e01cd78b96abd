"""The patient's journal: written, kept, shared, written anew. A clinician reads what was shared and nothing else."""

from collections.abc import Mapping
from datetime import datetime

from scheduling.bookings import PatientId
from server.care import journal as care
from server.care.journal import EntryId, JournalEntry, JournalVersion
from server.care.plan import SessionId
from server.care.safety import PATIENT
from server.services import completion, safety, trail
from server.store import audit
from server.store import journals as store
from server.store.database import Tx
from server.store.ids import new_id


class NoSuchEntry(Exception):
    """This patient has no such entry."""


async def begin(
    tx: Tx, *, patient_id: str, now: datetime, session_id: SessionId | None = None
) -> JournalEntry:
    """An empty entry of the patient's own."""
    entry = JournalEntry(
        id=EntryId(new_id()),
        patient_id=PatientId(patient_id),
        session_id=session_id,
        begun_at=now,
        versions=(JournalVersion(id=new_id(), version=1, edit=0, saved_at=now),),
    )
    await store.insert(tx, entry)
    await _record(tx, entry, action="journal-begun", now=now)
    return entry


async def empty_one(tx: Tx, patient_id: str) -> JournalEntry | None:
    """An entry of the patient's own that was begun and not written in."""
    for entry in reversed(await store.of_patient(tx, patient_id)):
        if entry.session_id is None and not entry.newest.body and entry.newest.shared_at is None:
            return entry
    return None


async def after_session(tx: Tx, *, patient_id: str, session_id: SessionId, now: datetime) -> JournalEntry:
    """The session's entry; asking again is asking for the same one."""
    known = await store.of_session(tx, session_id)
    if known is not None:
        return known
    return await begin(tx, patient_id=patient_id, session_id=session_id, now=now)


async def write(
    tx: Tx, entry_id: str, *, patient_id: str, body: Mapping[str, str], based_on: int, now: datetime
) -> JournalEntry:
    """Keeps the words to the patient; the answers that bear on safety act at once.

    Raises NoSuchEntry, AlreadyShared, EntryChanged, EntryTooLong.
    """
    before = await of_patient(tx, entry_id, patient_id=patient_id)
    after = care.write(before, body=body, based_on=based_on, now=now)
    try:
        await store.save_newest(tx, after, over=based_on)
    except store.StaleEntry as stale:
        raise care.EntryChanged from stale
    if before.newest.edit == 0 or now - before.newest.saved_at >= trail.SITTING:
        await _record(tx, after, action="journal-saved", now=now)
    newest = after.newest
    if care.alarms_anew(before.newest, newest):
        event_id = f"journal|{newest.id}|{newest.edit}"
        await safety.press(tx, patient_id=patient_id, kind="unusual", event_id=event_id, now=now)
    return after


async def share(tx: Tx, entry_id: str, *, patient_id: str, now: datetime) -> JournalEntry:
    """The last of a course's four completes it. Raises NoSuchEntry, AlreadyShared, NothingToShare."""
    before = await of_patient(tx, entry_id, patient_id=patient_id)
    after = care.share(before, now=now)
    await store.save_newest(tx, after, over=after.newest.edit)
    await _record(tx, after, action="journal-shared", now=now)
    await completion.settle(tx, patient_id, by=PATIENT, now=now)
    return after


async def revise(tx: Tx, entry_id: str, *, patient_id: str, now: datetime) -> JournalEntry:
    """A new version of a shared entry, private until it is shared too. Raises NoSuchEntry, NotSharedYet."""
    before = await of_patient(tx, entry_id, patient_id=patient_id)
    after = care.revise(before, version_id=new_id(), now=now)
    await store.add_version(tx, after, after.newest)
    await _record(tx, after, action="journal-revised", now=now)
    return after


async def of_patient(tx: Tx, entry_id: str, *, patient_id: str) -> JournalEntry:
    """Raises NoSuchEntry: somebody else's does not exist for this patient."""
    entry = await store.by_id(tx, entry_id)
    if entry is None or entry.patient_id != patient_id:
        raise NoSuchEntry(entry_id)
    return entry


async def all_of(tx: Tx, patient_id: str) -> list[JournalEntry]:
    """Newest first, kept ones included: for the patient's own eyes."""
    return list(reversed(await store.of_patient(tx, patient_id)))


async def _record(tx: Tx, entry: JournalEntry, *, action: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=PATIENT,
        action=action,
        object_kind="journal",
        object_id=entry.id,
        patient_id=entry.patient_id,
        now=now,
    )
