"""The course of a story: planned, gone through, written about, measured, held and let go on.

Each thread yields the time of its next step (see history.py).
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from server.care.journal import JournalEntry
from server.care.measures import INSTRUMENTS
from server.demo.scene import Scene
from server.demo.story import Alarm, Entry, Filled, Page, Plan, Press, Session
from server.services import alarms, consults, journals, measures, patients, plans, safety, tasks

WRITES_FOR = timedelta(minutes=25)
SHARES_AFTER = timedelta(minutes=3)
A_TICK = timedelta(seconds=8)
ADDS_WORDS_AFTER = timedelta(minutes=6)


def of(scene: Scene) -> list[AsyncIterator[datetime]]:
    story = scene.story
    threads = [
        *(own_entry(scene, each) for each in story.entries),
        *(filled(scene, each) for each in story.measures),
    ]
    if story.plan:
        threads.append(planned(scene, story.plan))
        threads += [
            session(scene, day, each) for day, each in zip(story.plan.kept, story.sessions, strict=False)
        ]
    if story.press:
        threads.append(pressed(scene, story.press))
    if story.alarm:
        threads.append(answered(scene, story.alarm))
    return threads


async def planned(scene: Scene, plan: Plan) -> AsyncIterator[datetime]:
    by = await scene.clinician()
    yield (made_at := scene.at_work(plan.made))
    await plans.make(
        scene.tx,
        patient_id=scene.patient_id,
        practitioner_id=scene.practitioner_id,
        days=[scene.day(each) for each in plan.days],
        by=by,
        now=made_at,
    )
    if plan.moved:
        yield (moved_at := scene.at_work(plan.moved))
        days = [scene.day(each) for each in plan.moved_to]
        await plans.move(scene.tx, patient_id=scene.patient_id, days=days, by=by, now=moved_at)


async def session(scene: Scene, day: int, held: Session) -> AsyncIterator[datetime]:
    """The next session of the course, and what was written afterwards."""
    yield (done_at := scene.at_home((-day, held.done)))
    patient = await patients.by_id(scene.tx, scene.patient_id)
    following = (await plans.course_of(scene.tx, patient, now=done_at)).next
    if following is None:
        raise LookupError(f"{scene.guest.key}'s course has no session left for day {day}")
    entry = await plans.finish_session(
        scene.tx, patient_id=scene.patient_id, session_id=following.id, now=done_at
    )
    async for at in _pages(scene, entry, held.pages, days_ago=-day):
        yield at


async def own_entry(scene: Scene, own: Entry) -> AsyncIterator[datetime]:
    yield (begun_at := scene.at_home((own.days_ago, own.pages[0].at)) - WRITES_FOR)
    entry = await journals.begin(scene.tx, patient_id=scene.patient_id, now=begun_at)
    async for at in _pages(scene, entry, own.pages, days_ago=own.days_ago):
        yield at


async def _pages(
    scene: Scene, entry: JournalEntry, pages: Sequence[Page], *, days_ago: int
) -> AsyncIterator[datetime]:
    for number, page in enumerate(pages):
        written_at = scene.at_home((days_ago - page.days_after, page.at))
        if number:
            yield (revised_at := written_at - WRITES_FOR)
            entry = await journals.revise(scene.tx, entry.id, patient_id=scene.patient_id, now=revised_at)
        yield written_at
        entry = await journals.write(
            scene.tx,
            entry.id,
            patient_id=scene.patient_id,
            body=page.body,
            based_on=entry.newest.edit,
            now=written_at,
        )
        if page.shared:
            yield (shared_at := written_at + SHARES_AFTER)
            entry = await journals.share(scene.tx, entry.id, patient_id=scene.patient_id, now=shared_at)


async def filled(scene: Scene, form: Filled) -> AsyncIterator[datetime]:
    """Ticked answer by answer, as it is on the page: item 9 rings at its tick."""
    at = scene.at_home(form.at)
    asked = INSTRUMENTS[form.code]
    ticks = [*zip(asked.items, form.answers, strict=True), (asked.difficulty, str(form.difficulty))]
    for item, value in ticks:
        yield at
        await measures.answer(
            scene.tx,
            patient_id=scene.patient_id,
            code=form.code,
            item=item.name,
            value=int(value),
            now=at,
        )
        at += A_TICK
    yield at
    await measures.complete(scene.tx, patient_id=scene.patient_id, code=form.code, now=at)


async def pressed(scene: Scene, press: Press) -> AsyncIterator[datetime]:
    yield (at := scene.at_home(press.at))
    hold = await safety.press(
        scene.tx,
        patient_id=scene.patient_id,
        kind="something-wrong",
        event_id=f"history|{scene.guest.key}",
        now=at,
    )
    yield (said_at := at + ADDS_WORDS_AFTER)
    await safety.add_words(
        scene.tx, patient_id=scene.patient_id, hold_id=hold.id, words=press.words, now=said_at
    )
    # Nobody took it in time, so it is everybody's already: a demo that starts has nothing old to tell.
    yield (late_at := at + tasks.DUE_OTHERWISE)
    for task_id in await tasks.overdue_with_owner(scene.tx, now=late_at):
        await alarms.escalate(scene.tx, task_id, now=late_at)


async def answered(scene: Scene, alarm: Alarm) -> AsyncIterator[datetime]:
    """The task taken by name, the patient rung and written about; days later the hold lifted with its reason."""
    tx, patient_id, by = scene.tx, scene.patient_id, await scene.clinician()
    rang_at = scene.at_home(alarm.rang)
    yield (taken_at := rang_at + alarm.taken_after)
    await tasks.acknowledge_about(tx, kinds=["self-harm"], patient_id=patient_id, by=by, now=taken_at)
    yield (noted_at := rang_at + alarm.noted_after)
    note = await consults.start_without_visit(tx, patient_id, visit_type="check-in", by=by, now=noted_at)
    await consults.save(
        tx, note.id, body=alarm.note, based_on=0, page="history", sequence=1, by=by, now=noted_at
    )
    await consults.sign(tx, note.id, by=by, now=noted_at)
    yield (lifted_at := scene.at_work(alarm.lifted))
    for hold in await safety.of_patient(tx, patient_id):
        if hold.open:
            await safety.lift(tx, hold.id, by=by, reason=alarm.reason, now=lifted_at)
