"""The whole programme at the desk: seen before it is booked, with whom one says, moved and cancelled whole."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from server.services import patients, sending
from server.store import encounters, plans
from server.store import tasks as tasks_store
from server.store.database import Database
from tests.clocks import StoppedClock
from tests.conftest import Page, Visitor
from tests.people import Cast

FIRST = "2026-11-24"


def fields(page: Page) -> dict[str, str]:
    """What the page's form would post: every time it shows, and the first alternative of every conflict."""
    return dict(re.findall(r'name="((?:slot-|day-|was)[\w-]*)"[^>]*? value="([^"]*)"', page.text))


@pytest.fixture
def programme(cast: Cast) -> str:
    return f"/desk/series/{cast.tomas}"


async def booked(ada: Visitor, programme: str, cast: Cast) -> Page:
    wish = {"practitioner": cast.dr_okafor, "anchor": FIRST, "at": "12:00"}
    page = await ada.post(programme, step="look", **wish)
    return await ada.post(programme, step="save", **(fields(page) | wish))


async def visits(database: Database, cast: Cast):  # type: ignore[no-untyped-def]
    async with database.read() as tx:
        return await encounters.of_patient(tx, cast.tomas)


async def waiting(database: Database, cast: Cast, clock: StoppedClock) -> list[sending.Outgoing]:
    """All that would go out to Tomas now."""
    async with database.write() as tx:
        taken = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
    return [each for each in taken if each is not None]


async def test_the_dates_are_seen_in_both_zones_and_nothing_is_booked_yet(
    ada, database, cast, programme, words
) -> None:
    page = await ada.post(programme, step="look", practitioner=cast.dr_okafor, anchor=FIRST, at="12:00")
    read = words(page.text)
    assert page.status == 200 and await visits(database, cast) == []
    assert "12:00 PM patient (New York)" in read and "10:00 AM clinic (Denver)" in read


async def test_it_is_booked_with_whom_the_desk_says_and_that_clinician_is_asked_to_look(
    ada, database, cast, clock, programme, words
) -> None:
    answer = await booked(ada, programme, cast)
    assert (answer.status, answer.location) == (303, programme)
    made = await visits(database, cast)
    assert len(made) == 6 and {each.practitioner_id for each in made} == {cast.dr_okafor}
    async with database.read() as tx:
        plan = await plans.active_of(tx, cast.tomas)
        told = await tasks_store.open_ones(tx, roles=frozenset({"clinician"}))
    assert plan is not None and (plan.practitioner_id, plan.made_by) == (cast.dr_okafor, cast.ada)
    assert plan.sessions[0].planned_on == date(2026, 12, 1)
    assert [(each.kind, each.owner_id, each.patient_id) for each in told] == [
        ("programme", cast.okafor, cast.tomas)
    ]
    read = words((await ada.get(programme)).text)
    assert "Move all that is ahead" in read and "With Dr. Chidi Okafor" in read


async def test_the_clinician_reads_what_the_desk_did(ada, okafor, cast, programme, words) -> None:
    await booked(ada, programme, cast)
    assert "The front desk changed the programme" in words((await okafor.get("/clinic/day")).text)


async def test_somebody_else_chosen_after_the_look_is_looked_at_first(
    ada, database, cast, programme, words
) -> None:
    page = await ada.post(programme, step="look", practitioner=cast.dr_okafor, anchor=FIRST, at="12:00")
    other = {"practitioner": cast.dr_reyes, "anchor": FIRST, "at": "12:00"}
    page = await ada.post(programme, step="save", **(fields(page) | other))
    assert page.status == 409 and "so nothing was saved" in words(page.text)
    assert await visits(database, cast) == []


async def test_each_visit_says_which_of_the_programme_it_is(ada, database, cast, programme, words) -> None:
    await booked(ada, programme, cast)
    third = (await visits(database, cast))[2]
    card = await ada.get(f"/desk/visit/{third.id}")
    assert "Visit 3 of 6" in words(card.text) and programme in card.text
    assert "Book the whole programme" not in words(card.text)


async def test_a_patient_without_one_is_offered_it_on_the_card_and_while_booking(
    ada, cast, booked, words
) -> None:
    assert "Book the whole programme" in words((await ada.get(f"/desk/visit/{booked.id}")).text)
    page = await ada.post("/desk/book", step="search", q="Mira", patient_id=cast.mira)
    assert f"/desk/series/{cast.mira}" in page.text


async def test_by_mail_there_is_one_overview_and_an_entry_for_each_visit(
    ada, database, cast, clock, programme
) -> None:
    await booked(ada, programme, cast)
    out = await waiting(database, cast, clock)
    assert sorted(each.kind for each in out) == ["booked"] * 6 + ["programme"]
    [overview] = [each for each in out if each.kind == "programme"]
    assert [each.starts_at for each in overview.visits] == [
        each.planned_starts_at for each in await visits(database, cast)
    ]


async def test_by_text_there_is_one_message_and_not_six(ada, database, cast, clock, programme) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.tomas, reached_by="sms", by=cast.ada, now=clock.now())
    await booked(ada, programme, cast)
    out = await waiting(database, cast, clock)
    assert [(each.kind, each.channel) for each in out] == [("programme", "sms")]


async def test_what_is_ahead_moves_as_one_and_the_newest_overview_alone_goes_out(
    ada, database, cast, clock, programme
) -> None:
    await booked(ada, programme, cast)
    before = [each.planned_starts_at for each in await visits(database, cast)]
    page = await ada.post(f"{programme}/move", step="look", by="7")
    assert [each.planned_starts_at for each in await visits(database, cast)] == before
    answer = await ada.post(f"{programme}/move", step="save", by="7", **fields(page))
    assert (answer.status, answer.location) == (303, programme)
    after = [each.planned_starts_at for each in await visits(database, cast)]
    assert [each - timedelta(days=7) for each in after] == before
    out = await waiting(database, cast, clock)
    assert sorted(each.kind for each in out) == ["moved"] * 6 + ["programme"]
    [overview] = [each for each in out if each.kind == "programme"]
    assert overview.visits[0].starts_at == after[0]


async def test_a_move_pressed_twice_moves_once(ada, database, cast, programme, words) -> None:
    await booked(ada, programme, cast)
    page = await ada.post(f"{programme}/move", step="look", by="7")
    moving = {"step": "save", "by": "7", **fields(page)}
    assert (await ada.post(f"{programme}/move", **moving)).status == 303
    again = await ada.post(f"{programme}/move", **moving)
    assert again.status == 409 and "so nothing was saved" in words(again.text)
    async with database.read() as tx:
        plan = await plans.active_of(tx, cast.tomas)
    assert plan is not None and plan.sessions[0].planned_on == date(2026, 12, 8)


async def test_the_rest_is_cancelled_with_a_reason_and_what_has_begun_stays(
    ada, sign_in, database, cast, clock, programme
) -> None:
    await booked(ada, programme, cast)
    clock.at = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
    ada = await sign_in(cast.ada)
    assert (await ada.post(f"{programme}/cancellation", reason=" ")).status == 422
    assert (await ada.post(f"{programme}/cancellation", reason="moved away")).status == 303
    assert [each.status for each in await visits(database, cast)] == ["planned"] + ["cancelled"] * 5
    async with database.read() as tx:
        assert await plans.active_of(tx, cast.tomas) is None


async def test_word_of_a_cancelled_programme_names_no_date(ada, database, cast, clock, programme) -> None:
    await booked(ada, programme, cast)
    await ada.post(f"{programme}/cancellation", reason="moved away")
    [overview] = [each for each in await waiting(database, cast, clock) if each.kind == "programme"]
    assert overview.visits == ()


async def test_a_text_about_a_move_waits_for_the_patients_morning(
    ada, sign_in, database, cast, clock, programme
) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.tomas, reached_by="sms", by=cast.ada, now=clock.now())
    # Eleven at night in New York.
    clock.at = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    ada = await sign_in(cast.ada)
    wish = {"practitioner": cast.dr_okafor, "anchor": "2026-11-30", "at": "12:00"}
    page = await ada.post(programme, step="look", **wish)
    await ada.post(programme, step="save", **(fields(page) | wish))
    assert await waiting(database, cast, clock) == []
    clock.at = datetime(2026, 11, 24, 13, 1, tzinfo=UTC)
    assert [each.kind for each in await waiting(database, cast, clock)] == ["programme"]


async def test_nobody_unknown_has_a_programme(ada) -> None:
    assert (await ada.get(f"/desk/series/{'0' * 32}")).status == 404
    assert (await ada.post(f"/desk/series/{'0' * 32}/move", step="save", by="7")).status == 404
