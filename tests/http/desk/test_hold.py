"""A time is kept while its form is filled in: the other front desk sees it, and it comes free again by itself."""

import json
from datetime import timedelta

import pytest

from server.services import accounts, patients, slot_holds
from server.store.database import Database
from tests.clocks import StoppedClock
from tests.conftest import Visitor
from tests.people import Cast

TEN = "2026-11-23T17:00Z"
BEA_KEY, ADA_KEY = "b" * 32, "a" * 32


@pytest.fixture
async def bea(database: Database, cast: Cast, clock: StoppedClock, sign_in) -> Visitor:
    """The other receptionist."""
    async with database.write() as tx:
        account = await accounts.create(
            tx,
            name="Bea Stone",
            email="bea@harbor.example",
            roles=frozenset({"front-desk"}),
            password_hash=None,
            now=clock.now(),
        )
    return await sign_in(account)


def chosen(cast: Cast, key: str, at: str = TEN, **more: str) -> dict[str, str]:
    return {"booking_key": key, "chosen": f"{cast.dr_reyes}|{at}", "visit_type": "check-in", **more}


async def kept(database: Database, cast: Cast, clock: StoppedClock) -> list[str]:
    """Who keeps which of Dr Reyes's times."""
    start, end = clock.now().replace(hour=0), clock.now().replace(day=30)
    async with database.read() as tx:
        found = await slot_holds.kept_between(tx, [cast.dr_reyes], start=start, end=end, now=clock.now())
    return [f"{each.by} {each.starts_at:%H:%M}" for each in found]


async def test_a_chosen_time_is_kept_and_everybody_sees_by_whom_and_until_when(ada, bea, cast, words) -> None:
    answer = await ada.post("/desk/hold", **chosen(cast, ADA_KEY))
    assert (answer.status, json.loads(answer.text)["until"].replace("\u202f", " ")) == (200, "9:10 AM")
    board = words((await bea.get("/desk/today")).text)
    assert "Held by Ada Quill until 9:10 AM" in board
    times = await bea.get("/desk/book?visit_type=check-in")
    assert "held by Ada Quill until 9:10 AM" in words(times.text)
    assert f'value="{cast.dr_reyes}|{TEN}"' not in times.text


async def test_another_desk_neither_keeps_nor_books_it(ada, bea, database, cast, clock, words) -> None:
    await ada.post("/desk/hold", **chosen(cast, ADA_KEY))
    answer = await bea.post("/desk/hold", **chosen(cast, BEA_KEY))
    assert answer.status == 409 and "just taken" in json.loads(answer.text)["sentence"]
    wish = chosen(cast, BEA_KEY, step="book", mode="video", patient_id=cast.tomas)
    page = await bea.post("/desk/book", **wish)
    assert page.status == 409 and "just taken" in words(page.text)
    assert await kept(database, cast, clock) == ["Ada Quill 17:00"]


async def test_whoever_keeps_it_books_it_and_nothing_is_kept_after(ada, database, cast, clock) -> None:
    await ada.post("/desk/hold", **chosen(cast, ADA_KEY))
    wish = chosen(cast, ADA_KEY, step="book", mode="video", patient_id=cast.mira)
    assert (await ada.post("/desk/book", **wish)).status == 303
    assert await kept(database, cast, clock) == []


async def test_it_comes_free_by_itself(ada, bea, database, cast, clock) -> None:
    await ada.post("/desk/hold", **chosen(cast, ADA_KEY))
    clock.advance(minutes=10)
    assert await kept(database, cast, clock) == []
    wish = chosen(cast, BEA_KEY, step="book", mode="video", patient_id=cast.tomas)
    assert (await bea.post("/desk/book", **wish)).status == 303


async def test_one_form_keeps_one_time(ada, database, cast, clock) -> None:
    await ada.post("/desk/hold", **chosen(cast, ADA_KEY))
    await ada.post("/desk/hold", **chosen(cast, ADA_KEY, "2026-11-23T18:00Z"))
    assert await kept(database, cast, clock) == ["Ada Quill 18:00"]


async def test_a_time_that_cannot_be_kept_leaves_the_one_before(ada, bea, database, cast, clock) -> None:
    await bea.post("/desk/hold", **chosen(cast, BEA_KEY, "2026-11-23T18:00Z"))
    await ada.post("/desk/hold", **chosen(cast, ADA_KEY))
    assert (await ada.post("/desk/hold", **chosen(cast, ADA_KEY, "2026-11-23T18:15Z"))).status == 409
    assert await kept(database, cast, clock) == ["Ada Quill 17:00", "Bea Stone 18:00"]


async def test_leaving_the_page_gives_it_back_and_only_ones_own(ada, bea, database, cast, clock) -> None:
    await ada.post("/desk/hold", **chosen(cast, ADA_KEY))
    await bea.post("/desk/hold/release", booking_key=ADA_KEY)
    assert await kept(database, cast, clock) == ["Ada Quill 17:00"]
    assert (await ada.post("/desk/hold/release", booking_key=ADA_KEY)).status == 204
    assert await kept(database, cast, clock) == []


async def test_without_a_script_the_button_keeps_it_too(ada, database, cast, clock) -> None:
    page = await ada.post("/desk/book", slot=f"{cast.dr_reyes}|{TEN}", **chosen(cast, ADA_KEY))
    assert page.status == 200
    assert await kept(database, cast, clock) == ["Ada Quill 17:00"]


async def test_looking_at_a_page_keeps_nothing(ada, database, cast, clock) -> None:
    await ada.get(f"/desk/book?slot={cast.dr_reyes}|{TEN}")
    assert await kept(database, cast, clock) == []


async def test_a_visit_that_moves_keeps_its_new_time_over_its_own_buffer(
    ada, database, cast, clock, booked
) -> None:
    """Ten o'clock moves by a quarter of an hour: its own time is in nobody's way."""
    fields = {"booking_key": ADA_KEY, "visit": booked.id, "chosen": f"{cast.dr_reyes}|2026-11-23T17:15Z"}
    page = await ada.post(f"/desk/reschedule/{booked.id}", step="move", was="2026-11-23T17:00Z", **fields)
    assert page.status == 303


@pytest.mark.parametrize("key", ["", "short", "z" * 32])
async def test_a_key_that_is_none_keeps_nothing(ada, database, cast, clock, key: str) -> None:
    assert (await ada.post("/desk/hold", **chosen(cast, key))).status == 409
    assert await kept(database, cast, clock) == []


async def test_as_much_is_kept_as_the_visit_will_need_with_an_interpreter(ada, database, cast, clock) -> None:
    async def held_minutes(**form: str) -> int:
        assert (await ada.post("/desk/hold", **chosen(cast, ADA_KEY, **form))).status == 200
        async with database.read() as tx:
            found = await slot_holds.kept_between(
                tx, [cast.dr_reyes], start=clock.now(), end=clock.now().replace(day=30), now=clock.now()
            )
        return int((found[0].ends_at - found[0].starts_at).total_seconds() // 60)

    usual = await held_minutes(patient_id=cast.mira)
    assert await held_minutes(patient_id=cast.mira, interpreter="es") == usual * 3 // 2
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, by=cast.ada, now=clock.now(), interpreter_language="es")
    assert await held_minutes(patient_id=cast.mira) == usual * 3 // 2
    assert await held_minutes(patient_id=cast.mira, interpreter="none") == usual


async def interpreted(database: Database, cast: Cast, clock: StoppedClock) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, by=cast.ada, now=clock.now(), interpreter_language="es")


async def test_a_time_kept_before_the_patient_is_chosen_grows_to_what_they_need(
    ada, database, cast, clock
) -> None:
    await interpreted(database, cast, clock)
    form = chosen(cast, ADA_KEY)
    await ada.post("/desk/hold", **form)
    async with database.read() as tx:
        before = await slot_holds.kept(tx, ADA_KEY, now=clock.now())
    page = await ada.post("/desk/book", **form, patient_id=cast.mira, step="find")
    async with database.read() as tx:
        after = await slot_holds.kept(tx, ADA_KEY, now=clock.now())
    assert page.status == 200 and before is not None and after is not None
    assert (after.ends_at - after.starts_at) == (before.ends_at - before.starts_at) * 3 / 2
    assert after.starts_at == before.starts_at


async def test_when_it_cannot_grow_that_is_said_before_the_last_button(
    ada, bea, database, cast, clock, words
) -> None:
    await interpreted(database, cast, clock)
    form = chosen(cast, ADA_KEY)
    await ada.post("/desk/hold", **form)
    async with database.read() as tx:
        mine = await slot_holds.kept(tx, ADA_KEY, now=clock.now())
    assert mine is not None
    # As near behind it as there can be another visit.
    for n in range(1, 12):
        at = f"{mine.starts_at + n * timedelta(minutes=15):%Y-%m-%dT%H:%MZ}"
        if (await bea.post("/desk/hold", **chosen(cast, BEA_KEY, at=at))).status == 200:
            break
    page = await ada.post("/desk/book", **form, patient_id=cast.mira, step="find")
    assert page.status == 409 and "was just taken. Nothing you typed is lost" in words(page.text)
    async with database.read() as tx:
        assert await slot_holds.kept(tx, ADA_KEY, now=clock.now()) == mine
