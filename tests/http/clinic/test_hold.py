"""A hold is lifted by a clinician with a reason, and by nobody and nothing else."""

from datetime import timedelta

import pytest

from server.services import safety


@pytest.fixture
async def hold(database, clock, cast):
    async with database.write() as tx:
        opened = await safety.press(
            tx, patient_id=cast.mira, kind="something-wrong", event_id="e", now=clock.now()
        )
        return await safety.add_words(
            tx, patient_id=cast.mira, hold_id=opened.id, words="canary-tight-chest", now=clock.now()
        )


@pytest.fixture
def now(database, cast):
    async def found():
        async with database.read() as tx:
            return await safety.of_patient(tx, cast.mira)

    return found


async def test_it_says_what_was_pressed_when_and_what_was_said(reyes, hold, words) -> None:
    read = words((await reyes.get(f"/clinic/hold/{hold.id}")).text)
    for said in (
        "Something feels wrong",
        "Mon, Nov 23, 9:00 AM",
        "canary-tight-chest",
        "(303) 555-0142",
        "Lift the hold",
    ):
        assert said in read.replace("\u202f", " ")


@pytest.mark.parametrize(("seconds", "told"), [(2, False), (3 * 3600, True)])
async def test_the_time_of_the_press_is_told_when_the_clinic_heard_of_it_later(
    reyes, database, clock, cast, words, seconds, told
) -> None:
    async with database.write() as tx:
        hold = await safety.press(
            tx,
            patient_id=cast.mira,
            kind="patient-stop",
            event_id="late",
            pressed_at=clock.now() - timedelta(seconds=seconds),
            now=clock.now(),
        )
    for address in (f"/clinic/hold/{hold.id}", f"/clinic/chart/{cast.mira}"):
        assert ("it reached the clinic later" in words((await reyes.get(address)).text)) is told


async def test_with_a_reason_it_is_lifted_under_a_name(reyes, hold, now, cast, words) -> None:
    page = await reyes.post(f"/clinic/hold/{hold.id}", reason="Talked for ten minutes, all well.")
    assert (page.status, page.location) == (303, f"/clinic/chart/{cast.mira}")
    [lifted] = await now()
    assert (lifted.open, lifted.lifted_by, lifted.lift_reason) == (
        False,
        cast.reyes,
        "Talked for ten minutes, all well.",
    )
    read = words((await reyes.get(page.location)).text)
    assert "Hold lifted · Dr. Ines Reyes Talked for ten minutes, all well." in read
    # Whoever lifts it has seen what it was about.
    assert "Needs you" not in words((await reyes.get("/clinic/day")).text)


@pytest.mark.parametrize("reason", ["", "  "])
async def test_without_a_reason_nothing_is_changed(reyes, hold, now, words, reason) -> None:
    page = await reyes.post(f"/clinic/hold/{hold.id}", reason=reason)
    assert page.status == 422 and "Write why the course may go on." in words(page.text)
    assert [each.open for each in await now()] == [True]


async def test_the_first_name_stays(reyes, okafor, hold, now, cast) -> None:
    await reyes.post(f"/clinic/hold/{hold.id}", reason="first")
    assert (await okafor.post(f"/clinic/hold/{hold.id}", reason="second")).status == 409
    assert [(each.lifted_by, each.lift_reason) for each in await now()] == [(cast.reyes, "first")]


async def test_nobody_else_reads_or_lifts_it(stranger, ada, petra, hold, now) -> None:
    for who in (stranger, ada, petra):
        page = await who.get(f"/clinic/hold/{hold.id}")
        assert page.status in (303, 403) and "canary" not in page.text
        assert (await who.post(f"/clinic/hold/{hold.id}", reason="me")).status in (401, 403)
    assert [each.open for each in await now()] == [True]


async def test_one_nobody_opened(reyes) -> None:
    assert (await reyes.get(f"/clinic/hold/{'0' * 32}")).status == 404
    assert (await reyes.post(f"/clinic/hold/{'0' * 32}", reason="x")).status == 404


async def test_reading_it_leaves_a_line(reyes, hold, cast, trail) -> None:
    await reyes.get(f"/clinic/hold/{hold.id}")
    assert (cast.reyes, "hold-read") in await trail("hold")
