"""Ask the clinic: asked by the patient, answered, handed to the other side or closed by the clinic."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from server.care import asking as care
from server.care.access import Staff
from server.care.asking import CLINICAL, About, AnswerTimes, Kind, ThreadEntry
from server.care.messages import readable
from server.care.people import Patient
from server.care.safety import ASKED, PATIENT
from server.services import alarms, home, patients, tasks, trail
from server.store import asking as store
from server.store import audit
from server.store.database import Tx
from server.store.ids import new_id

READ = "thread-read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A patient's questions that wait, oldest first."""

    patient: Patient
    questions: list[ThreadEntry]


async def ask(
    tx: Tx, *, patient_id: str, about: About, text: str, key: str, times: AnswerTimes, now: datetime
) -> ThreadEntry:
    """A question of the patient's; the same words with the same `key` again are the same question.

    Raises NothingWritten, MessageTooLong.
    """
    text = readable(text)
    sending = _sending(PATIENT, key, text)
    if (known := await store.sent_already(tx, patient_id, sending)) is not None:
        return known
    entry = _entry(patient_id, about=about, kind="words", text=text, by=None, now=now)
    await store.insert(tx, entry, sending=sending)
    await _record(tx, entry, action="asked", by=PATIENT, now=now)
    await _call_for(tx, patient_id, about=about, by=PATIENT, times=times, now=now)
    return entry


async def answer(
    tx: Tx, *, patient_id: str, about: About, text: str, key: str, seen: str, by: Staff, now: datetime
) -> None:
    """Answers what was on the page, whose newest entry was `seen`; what came later still waits.

    Raises NothingWritten, MessageTooLong.
    """
    text = readable(text)
    sending = _sending(by.account_id, key, text)
    if await store.sent_already(tx, patient_id, sending) is not None:
        return
    await _settle(tx, await _open_and_seen(tx, patient_id, about, seen), by=by, now=now)
    entry = _entry(patient_id, about=about, kind="words", text=text, by=by, now=now)
    await store.insert(tx, entry, sending=sending)
    await _record(tx, entry, action="answered", by=by.account_id, now=now)
    await _off_the_list(tx, patient_id, about=about, by=by, now=now)
    await home.tell_of_an_answer(tx, patient_id, now=now)


async def close(tx: Tx, *, patient_id: str, about: About, seen: str, by: Staff, now: datetime) -> None:
    """Read, and needs no answer; the thread says so. Raises NothingAsked."""
    asked = await _some_open(tx, patient_id, about, seen)
    await _settle(tx, asked, by=by, now=now)
    await _done(tx, patient_id, about=about, kind="closed", text="", by=by, now=now)
    await _off_the_list(tx, patient_id, about=about, by=by, now=now)


async def hand_on(
    tx: Tx, *, patient_id: str, about: About, seen: str, by: Staff, times: AnswerTimes, now: datetime
) -> None:
    """From the side `about` to the other one, whose to read it is from now on. Raises NothingAsked."""
    asked = await _some_open(tx, patient_id, about, seen)
    to = care.OTHER[about]
    await store.hand_on(tx, [entry.id for entry in asked], to=to)
    mine = await alarms.treating(tx, patient_id) if to == CLINICAL else None
    name = mine.name if mine else ""
    await _done(tx, patient_id, about=to, kind=care.HANDED_ON[to], text=name, by=by, now=now)
    await _off_the_list(tx, patient_id, about=about, by=by, now=now)
    await _call_for(tx, patient_id, about=to, by=by.account_id, times=times, now=now)


async def own(tx: Tx, patient_id: str, *, now: datetime) -> list[ThreadEntry]:
    """The thread for its patient, on the record; needs a write transaction."""
    thread = await store.of_patient(tx, patient_id)
    unread = [entry.id for entry in thread if entry.sender == "clinic" and entry.read_at is None]
    if unread:
        await store.mark_read(tx, unread, by=PATIENT, now=now)
        await _read_by_patient(tx, patient_id, now=now)
    return thread


async def for_desk(tx: Tx, patient_id: str, *, by: Staff, now: datetime) -> list[ThreadEntry]:
    """What is the front desk's to read, on the record."""
    return await _read(tx, care.for_the_desk(await store.of_patient(tx, patient_id)), patient_id, by, now)


async def for_clinician(tx: Tx, patient_id: str, *, by: Staff, now: datetime) -> list[ThreadEntry]:
    """All of it, on the record."""
    return await _read(tx, await store.of_patient(tx, patient_id), patient_id, by, now)


async def waiting(tx: Tx, about: About, *, by: Staff, now: datetime) -> list[Asked]:
    """Whose questions wait for this side, the longest waiting first; on the record."""
    found: dict[str, list[ThreadEntry]] = {}
    for entry in await store.open_ones(tx, about):
        found.setdefault(entry.patient_id, []).append(entry)
    await trail.read(tx, action=READ, patient_ids=found, by=by.account_id, now=now)
    known = await patients.by_ids(tx, found)
    return [Asked(patient=known[patient_id], questions=asked) for patient_id, asked in found.items()]


async def of_the_chart(tx: Tx, patient_id: str) -> list[ThreadEntry]:
    return care.of_the_chart(await store.of_patient(tx, patient_id))


async def has_unread_answer(tx: Tx, patient_id: str) -> bool:
    return await store.has_unread_answer(tx, patient_id)


async def _open_and_seen(tx: Tx, patient_id: str, about: About, seen: str) -> list[ThreadEntry]:
    await patients.by_id(tx, patient_id)
    return care.open_on(care.seen_by(await store.of_patient(tx, patient_id), seen), about)


async def _some_open(tx: Tx, patient_id: str, about: About, seen: str) -> list[ThreadEntry]:
    asked = await _open_and_seen(tx, patient_id, about, seen)
    if not asked:
        raise care.NothingAsked
    return asked


async def _settle(tx: Tx, asked: list[ThreadEntry], *, by: Staff, now: datetime) -> None:
    ids = [entry.id for entry in asked]
    await store.settle(tx, ids, now=now)
    await store.mark_read(tx, ids, by=by.account_id, now=now)


async def _done(
    tx: Tx, patient_id: str, *, about: About, kind: Kind, text: str, by: Staff, now: datetime
) -> None:
    """What was done with a question, as the thread says it."""
    entry = _entry(patient_id, about=about, kind=kind, text=text, by=by, now=now)
    await store.insert(tx, entry, sending=entry.id)
    await _record(tx, entry, action=f"question-{kind}", by=by.account_id, now=now)


async def _call_for(
    tx: Tx, patient_id: str, *, about: About, by: str, times: AnswerTimes, now: datetime
) -> None:
    """One task for each side that has something to answer; the patient's own clinician has it first."""
    mine = await alarms.treating(tx, patient_id) if about == CLINICAL else None
    await tasks.open_task(
        tx,
        kind=ASKED,
        patient_id=patient_id,
        encounter_id=None,
        detail=None,
        by=by,
        now=now,
        owner_role=care.ROLE[about],
        owner_id=mine.account_id if mine else None,
        subject_id=about,
        due_at=care.due_at(now, days=times.days(about), zone=times.zone),
    )


async def _off_the_list(tx: Tx, patient_id: str, *, about: About, by: Staff, now: datetime) -> None:
    """Unless something came in meanwhile that the page did not show yet."""
    if not care.open_on(await store.of_patient(tx, patient_id), about):
        await tasks.acknowledge_about(
            tx, kinds=[ASKED], patient_id=patient_id, by=by, now=now, subject_id=about
        )


def _entry(
    patient_id: str, *, about: About, kind: Kind, text: str, by: Staff | None, now: datetime
) -> ThreadEntry:
    sender: Literal["patient", "clinic"] = "clinic" if by else "patient"
    return ThreadEntry(
        id=new_id(),
        patient_id=patient_id,
        about=about,
        kind=kind,
        sender=sender,
        account_id=by.account_id if by else None,
        text=text,
        sent_at=now,
    )


def _sending(author: str, key: str, text: str) -> str:
    """With the words in it: other words from a page one went back to are no repetition, though the key is."""
    return hashlib.sha256(f"{author}|{key}|{text}".encode()).hexdigest()


async def _read(
    tx: Tx, thread: list[ThreadEntry], patient_id: str, by: Staff, now: datetime
) -> list[ThreadEntry]:
    unread = {entry.id for entry in thread if entry.sender == "patient" and entry.read_at is None}
    if unread:
        await store.mark_read(tx, unread, by=by.account_id, now=now)
    if thread:
        await trail.read(tx, action=READ, patient_ids=[patient_id], by=by.account_id, now=now)
    return [replace(e, read_at=now, read_by=by.account_id) if e.id in unread else e for e in thread]


async def _read_by_patient(tx: Tx, patient_id: str, *, now: datetime) -> None:
    await trail.read(tx, action=READ, patient_ids=[patient_id], by=PATIENT, now=now)


async def _record(tx: Tx, entry: ThreadEntry, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="thread",
        object_id=entry.id,
        patient_id=entry.patient_id,
        now=now,
    )
