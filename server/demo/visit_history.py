"""The visits of a story: booked, arrived, seen, finished, written down. Each yields the time of its next step."""

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta

from server.care.encounter import PresenceEvent
from server.demo import call_history
from server.demo.people import ADA
from server.demo.scene import Scene
from server.demo.story import Visit
from server.services import accounts, appointments, call_quality, consults, messages, tasks, visits

BOOKED_BEFORE = timedelta(days=4)


def of(scene: Scene) -> list[AsyncIterator[datetime]]:
    return [visit(scene, each) for each in scene.story.visits]


async def visit(scene: Scene, past: Visit) -> AsyncIterator[datetime]:
    tx, starts_at = scene.tx, scene.at_work((past.days_ago, time(past.hour)))
    known_as = f"{scene.guest.name} {past.days_ago}"
    manner = call_history.manner(known_as, minutes=past.minutes)
    yield (booked_at := starts_at - BOOKED_BEFORE)
    encounter = await appointments.book(
        tx,
        patient_id=scene.patient_id,
        practitioner_id=scene.practitioner_id,
        visit_type=past.visit_type,
        starts_at=starts_at,
        mode="video",
        booked_by=scene.known.accounts[ADA.key],
        now=booked_at,
    )
    yield (arrived := starts_at - manner.came)
    await visits.answer(
        tx,
        encounter_id=encounter.id,
        where=past.where,
        call_back=scene.guest.phone,
        with_whom=past.with_whom,
        now=arrived,
    )
    await visits.arrive(tx, encounter_id=encounter.id, now=arrived)
    await _seen(scene, encounter.id, "patient", "joined", at=arrived)
    ada = await accounts.staff_of(tx, scene.known.accounts[ADA.key])
    for number, (sender, text) in enumerate(past.messages, start=1):
        yield (sent_at := arrived + timedelta(minutes=number))
        by = ada if sender == "clinic" else None
        await messages.send(tx, encounter_id=encounter.id, text=text, by=by, now=sent_at)
    yield (began := starts_at + manner.late)
    await tasks.acknowledge_like(tx, kind=messages.WAITING, encounter_id=encounter.id, by=ada, now=began)
    await visits.admit(tx, encounter_id=encounter.id, now=began)
    for seat, kind in (("clinician", "joined"), ("patient", "admitted"), ("patient", "call-started")):
        await _seen(scene, encounter.id, seat, kind, at=began)
    if manner.broke_after is not None:
        yield (broke := began + manner.broke_after)
        await _seen(scene, encounter.id, "patient", "call-interrupted", at=broke)
        await _seen(scene, encounter.id, "patient", "call-resumed", at=broke + call_history.BREAK)
    yield (ended := began + timedelta(minutes=past.minutes))
    measured = call_history.samples(known_as, starts_at=began, minutes=past.minutes)
    await call_quality.keep(tx, [(encounter.id, each) for each in measured])
    by_id = scene.known.accounts[scene.guest.sees]
    await visits.finish(tx, encounter_id=encounter.id, by=by_id, now=ended)
    async for at in _note(scene, encounter.id, past, ended=ended):
        yield at


async def _seen(scene: Scene, encounter_id: str, seat: str, kind: str, *, at: datetime) -> None:
    event = PresenceEvent(seat=seat, kind=kind, at=at)
    await visits.record(scene.tx, encounter_id=encounter_id, event=event)


async def _note(scene: Scene, encounter_id: str, past: Visit, *, ended: datetime) -> AsyncIterator[datetime]:
    """Written in the buffer after the visit, confirmed and, unless it is left a draft, signed."""
    tx, by = scene.tx, await scene.clinician()
    note = await consults.open_for_visit(tx, encounter_id, by=by, now=ended)
    yield (saved_at := ended + timedelta(minutes=4))
    await consults.save(
        tx, note.id, body=past.body, based_on=0, page="history", sequence=1, by=by, now=saved_at
    )
    if past.signed:
        await consults.confirm_facts(tx, note.id, by=by, now=saved_at)
        yield (signed_at := saved_at + timedelta(minutes=2))
        await consults.sign(tx, note.id, by=by, now=signed_at)
