"""One tap puts the course on hold; the same press sent twice, now or from a phone that was offline, is one hold."""

from datetime import timedelta

import pytest

KINDS = ["something-wrong", "patient-stop"]


@pytest.mark.parametrize("kind", KINDS)
async def test_one_tap_holds_the_course_and_tells_whoever_must_know(
    mira, plan, kind, holds, clinicians_tasks, queued, words, cast, actions
) -> None:
    page = await mira.post("/home/stop", kind=kind, event_id="press-1")
    [hold] = await holds()
    assert (page.status, page.location) == (303, f"/home/stop/{hold.id}")
    assert (hold.kind, hold.opened_by, hold.open) == (kind, "patient", True)
    assert [task.kind for task in await clinicians_tasks()] == [kind]
    assert await queued() == [("attention", cast.reyes)]
    assert "hold-opened" in await actions()
    read = words((await mira.get(page.location)).text)
    assert (
        "Your treatment is on hold" in read
        and "Please take no tablet." in read
        and "Nobody reads this live." in read
    )


async def test_the_same_press_again_is_the_same_hold(mira, holds) -> None:
    first = await mira.post("/home/stop", kind="patient-stop", event_id="press-1")
    assert (await mira.post("/home/stop", kind="patient-stop", event_id="press-1")).location == first.location
    assert (await mira.post("/home/stop", kind="patient-stop", event_id="press-2")).location == first.location
    assert len(await holds()) == 1


async def test_at_night_the_page_does_not_send_anybody_to_a_closed_clinic_first(mira, clock, words) -> None:
    page = await mira.post("/home/stop", kind="patient-stop", event_id="night")
    by_day = words((await mira.get(page.location)).text)
    assert "Call the clinic: (303) 555-0100" in by_day and "Call 988, crisis line" not in by_day
    clock.advance(hours=12)
    read = words((await mira.get(page.location)).text)
    assert "The clinic is closed now." in read
    numbers = ("Call 988, crisis line", "Call 911, emergency", "Call the clinic: (303) 555-0100")
    assert [read.index(each) for each in numbers] == sorted(read.index(each) for each in numbers)


async def test_a_press_from_a_phone_that_was_offline_keeps_its_own_time(mira, holds, clock) -> None:
    pressed = clock.now() - timedelta(hours=3)
    answer = await mira.client.post(
        "/home/stop",
        data={
            "kind": "something-wrong",
            "event_id": "off",
            "pressed_at": pressed.isoformat(),
            "csrf": mira.token("/home/today"),
        },
        headers={"Accept": "application/json"},
    )
    [hold] = await holds()
    assert (await answer.json()) == {"address": f"/home/stop/{hold.id}"}
    assert (hold.pressed_at, hold.opened_at) == (pressed, clock.now())


@pytest.mark.parametrize("said", ["", "tomorrow", "2099-01-01T00:00:00+00:00", "2026-11-23T10:00:00"])
async def test_a_phones_clock_that_makes_no_sense_is_not_believed(mira, holds, clock, said) -> None:
    await mira.post("/home/stop", kind="patient-stop", event_id="x", pressed_at=said)
    assert (await holds())[0].pressed_at == clock.now()


@pytest.mark.parametrize("kind", ["clinician", "self-harm", "", "nothing"])
async def test_only_the_two_buttons_do_this(mira, everything, kind) -> None:
    before = await everything()
    assert (await mira.post("/home/stop", kind=kind, event_id="x")).status == 400
    assert await everything() == before


async def test_words_may_be_added_and_need_not(mira, holds, words) -> None:
    address = (await mira.post("/home/stop", kind="something-wrong", event_id="x")).location
    page = await mira.post(address, words="  ")
    assert page.status == 422 and "your clinic knows already" in words(page.text)
    assert (await mira.post(address, words="my chest feels tight")).status == 303
    assert (await holds())[0].words == "my chest feels tight"
    assert "Thank you. It is with your clinic." in words((await mira.get(f"{address}?said=1")).text)


async def test_a_lifted_hold_says_so_and_takes_no_words(
    mira, holds, database, clock, dr_reyes, cast, words
) -> None:
    from server.services import safety

    address = (await mira.post("/home/stop", kind="something-wrong", event_id="x")).location
    async with database.write() as tx:
        [hold] = await safety.of_patient(tx, cast.mira)
        await safety.lift(tx, hold.id, by=dr_reyes, reason="talked, all well", now=clock.now())
    read = words((await mira.get(address)).text)
    assert "This hold was lifted" in read and "talked, all well" not in read
    assert (await mira.post(address, words="too late")).status == 409


async def test_the_patient_has_no_way_to_lift_it(mira, holds) -> None:
    address = (await mira.post("/home/stop", kind="patient-stop", event_id="x")).location
    assert "lift" not in [
        part for part in (await mira.get(address)).text.split('action="')[1:] if "lift" in part[:60]
    ]
    [hold] = await holds()
    for path in (f"/clinic/chart/x/holds/{hold.id}/lift", f"{address}/lift"):
        assert (await mira.post(path, reason="me")).status in (403, 404, 401)
    assert (await holds())[0].open


async def test_tomas_sees_nothing_of_miras_hold(mira, tomas, everything) -> None:
    address = (await mira.post("/home/stop", kind="patient-stop", event_id="x")).location
    before = await everything()
    assert (await tomas.get(address)).status == 404
    assert (await tomas.post(address, words="x")).status == 404
    assert await everything() == before


async def test_the_same_name_of_a_press_by_two_people_is_two_holds(mira, tomas, database, cast) -> None:
    from server.services import safety

    await mira.post("/home/stop", kind="patient-stop", event_id="same")
    await tomas.post("/home/stop", kind="patient-stop", event_id="same")
    async with database.read() as tx:
        assert set(await safety.everybody_on_hold(tx)) == {cast.mira, cast.tomas}


async def test_two_presses_on_the_page_without_a_network_are_two(
    mira, holds, database, clock, dr_reyes
) -> None:
    """Its form has no name for a press: what the first one did must not answer for the second."""
    from server.services import safety

    await mira.post("/home/stop", kind="patient-stop", event_id="patient-stop")
    [hold] = await holds()
    async with database.write() as tx:
        await safety.lift(tx, hold.id, by=dr_reyes, reason="talked", now=clock.now())
    clock.advance(minutes=1)
    await mira.post("/home/stop", kind="patient-stop", event_id="patient-stop")
    assert [hold.open for hold in await holds()] == [False, True]
