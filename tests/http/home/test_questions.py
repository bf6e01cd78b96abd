"""Patients on a course are told when their questionnaires are due: by day, once, and not while they are on hold."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from server.care.measures import INSTRUMENTS
from server.jobs.questions import ask_everybody
from server.services import home, journals, measures, patients, plans, safety, sending
from server.store import plans as courses


@pytest.fixture
def letters(queued):
    async def count() -> int:
        return [kind for kind, _ in await queued()].count("questions")

    return count


@pytest.fixture
def answer_all(database, cast, clock):
    async def hand_in() -> None:
        async with database.write() as tx:
            for instrument in INSTRUMENTS.values():
                facts = {"patient_id": cast.mira, "code": instrument.code, "now": clock.now()}
                for item in instrument.items:
                    await measures.answer(tx, item=item.name, value=0, **facts)
                await measures.complete(tx, **facts)

    return hand_in


@pytest.fixture
def hold_session(database, cast, clock, plan):
    async def done(number: int) -> None:
        async with database.write() as tx:
            await plans.finish_session(
                tx, patient_id=cast.mira, session_id=plan.sessions[number - 1].id, now=clock.now()
            )

    return done


async def test_the_first_letter_goes_once_however_often_the_job_runs(app, plan, letters, clock) -> None:
    assert [await ask_everybody(app) for _ in range(3)] == [1, 0, 0]
    clock.advance(days=3)
    assert await ask_everybody(app) == 0
    assert await letters() == 1


async def test_nobody_without_a_course_is_asked(app, letters) -> None:
    assert await ask_everybody(app) == 0
    assert await letters() == 0


async def test_after_session_2_the_letter_waits_for_the_patients_own_morning(
    app, plan, letters, answer_all, hold_session, clock
) -> None:
    await ask_everybody(app)
    await answer_all()
    await hold_session(1)
    # Two weeks later at 19:00 in Denver.
    clock.at = datetime(2026, 12, 8, 2, 0, tzinfo=UTC)
    await hold_session(2)
    assert await ask_everybody(app) == 0
    # At 07:59 twelve hours are over, and the day has not begun.
    clock.at = datetime(2026, 12, 8, 14, 59, tzinfo=UTC)
    assert await ask_everybody(app) == 0
    clock.advance(minutes=1)
    assert [await ask_everybody(app), await ask_everybody(app)] == [1, 0]
    assert await letters() == 2


async def test_every_month_there_is_another_one_as_long_as_answers_come(
    app, plan, letters, answer_all, clock
) -> None:
    """Across the change to summer time, and with the two forms due minutes apart."""
    sent_on = []
    for _ in range(8 * 150):
        if await ask_everybody(app):
            sent_on.append(clock.now().date())
            await answer_all()
        clock.advance(hours=3)
    gaps = [(later - earlier).days for earlier, later in pairwise(sent_on)]
    assert sent_on[0] == date(2026, 11, 23)
    assert gaps == [30, 30, 30, 30]
    assert await letters() == 5


async def test_while_the_course_is_on_hold_no_letter_goes(
    app, plan, letters, database, clock, cast, dr_reyes
) -> None:
    async with database.write() as tx:
        pressed = await safety.press(
            tx, patient_id=cast.mira, kind="something-wrong", event_id="e1", now=clock.now()
        )
    assert await ask_everybody(app) == 0
    async with database.write() as tx:
        await safety.lift(tx, pressed.id, reason="we spoke", by=dr_reyes, now=clock.now())
    assert await ask_everybody(app) == 1


async def test_after_the_course_the_letters_go_on_and_not_once_it_was_ended(
    app, plan, letters, answer_all, database, clock, cast, dr_reyes
) -> None:
    await ask_everybody(app)
    await answer_all()
    async with database.write() as tx:
        for session in plan.sessions:
            hers = {"patient_id": cast.mira, "now": clock.now()}
            entry = await plans.finish_session(tx, session_id=session.id, **hers)
            await journals.write(tx, entry.id, body={"text": "sea"}, based_on=0, **hers)
            await journals.share(tx, entry.id, **hers)
            clock.advance(days=14)
        assert await courses.active_of(tx, cast.mira) is None
    assert [await ask_everybody(app), await ask_everybody(app)] == [1, 0]
    async with database.write() as tx:
        days = [clock.now().date() + timedelta(days=7 * n) for n in range(4)]
        again = {"patient_id": cast.mira, "by": dr_reyes, "now": clock.now()}
        await plans.make(tx, practitioner_id=cast.dr_reyes, days=days, **again)
        await plans.end(tx, reason="moves abroad", **again)
    await answer_all()
    clock.advance(days=40)
    assert await ask_everybody(app) == 0


async def test_a_link_closed_by_wrong_dates_is_not_opened_by_a_letter(
    app, plan, token, letters, stranger, database, cast, clock
) -> None:
    await stranger.post(f"/home/door/{token}")
    for _ in range(5):
        await stranger.post("/home/identity", date_of_birth="1990-01-01")
    assert await ask_everybody(app) == 0
    assert await letters() == 0


async def test_somebody_without_an_address_is_not_asked(app, plan, letters, database, cast, clock) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, email=None, by=cast.ada, now=clock.now())
    assert await ask_everybody(app) == 0


async def test_the_letter_leads_to_the_patients_own_pages(app, plan, database, cast, clock) -> None:

    await ask_everybody(app)
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        claimed = await sending.claim(tx, message_id, now=clock.now())
        token = await home.known_token(tx, cast.mira)
    assert claimed is not None and (claimed.kind, claimed.token) == ("questions", token)


@pytest.mark.parametrize(
    ("reached_by", "ways"), [("email", ["email"]), ("sms", ["sms"]), ("both", ["email", "sms"])]
)
async def test_links_to_their_own_pages_go_the_way_the_patient_chose(
    app, plan, database, cast, clock, reached_by, ways
) -> None:
    """Of every kind: the first link, word of questions, word of something new."""
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by=reached_by, by=cast.ada, now=clock.now())
        await home.send_link(tx, cast.mira, by=cast.ada, now=clock.now())
        await home.tell_to_look(tx, cast.mira, about="a hold", now=clock.now())
    assert await ask_everybody(app) == 1
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
    told = {kind: [] for kind in ("home", "questions", "look")}
    for each in claimed:
        if each is not None and each.kind in told:
            told[each.kind].append(each.channel)
            assert each.token and each.to == (
                "(303) 555-0142" if each.channel == "sms" else "mira@example.org"
            )
    assert {kind: sorted(channels) for kind, channels in told.items()} == dict.fromkeys(told, ways)


async def test_a_text_about_ones_own_pages_that_waited_does_not_arrive_at_night(
    app, plan, database, cast, clock
) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="sms", by=cast.ada, now=clock.now())
    await ask_everybody(app)
    clock.advance(hours=13)
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
    assert [each.kind for each in claimed if each] == []
    clock.advance(hours=11)
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
    assert [each.kind for each in claimed if each] == ["questions"]
