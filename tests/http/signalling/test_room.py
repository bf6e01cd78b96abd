"""The call's WebSocket: hello comes first, what happens in the room is written down, nothing is held open meanwhile.

Who may come in at all is asked of every kind of caller in test_outsider_matrix.py.
"""

import asyncio

from server.store.reaching import RecordsOutOfReach
from server.web import keys, live
from tests.http.signalling.stage import (
    PATIENTLY,
    hear,
    hello,
    just_now,
    let_in,
    say,
    sit,
)
from tests.people import MIRA_BORN


async def test_entering_the_page_is_knocking(app, mira, room, kept, events, clock) -> None:
    """experience.md P11: a patient who does nothing after coming in stands on the board."""
    changes = app[keys.CHANGES].subscribe(live.BOARD)
    board = asyncio.ensure_future(anext(changes))
    socket = await hello(mira, f"/signalling/{room}")
    snapshot = await hear(socket, type="snapshot")
    assert (snapshot["room"], snapshot["state"], snapshot["you"]) == (room, "waiting", "patient")
    assert just_now(clock, (await kept("arrived")).arrived_at)
    await asyncio.wait_for(board, PATIENTLY)
    assert ("patient", "joined") in await events()
    await socket.close()


async def test_admitting_starts_the_visit_and_reaches_the_patient(
    mira, reyes, room, kept, events, clock
) -> None:
    patient = await hello(mira, f"/signalling/{room}")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await hear(clinician, type="snapshot")
    await kept("arrived")
    await say(clinician, type="admit", seat="patient")
    snapshot = await hear(patient, type="snapshot", state="in-call")
    assert {each["seat"]: each["admitted"] for each in snapshot["seats"]} == {
        "clinician": True,
        "patient": True,
    }
    assert [each["role"] for each in snapshot["seats"] if each["seat"] == "clinician"] == ["clinician"]
    assert just_now(clock, (await kept("in-progress")).started_at)
    assert ("patient", "admitted") in await events()
    for socket in (patient, clinician):
        await socket.close()


async def test_who_was_let_in_left_and_is_back_is_in_the_call_even_before_the_record_knows(
    app, mira, reyes, room, kept
) -> None:
    patient = await hello(mira, f"/signalling/{room}")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await hear(clinician, type="snapshot")
    await kept("arrived")
    async with app[keys.DATABASE].write():  # somebody else's, and it takes long
        await say(clinician, type="admit", seat="patient")
        await hear(patient, type="snapshot", state="in-call")
        await say(patient, type="leave")
        await hear(clinician, type="snapshot", state="waiting")
        back = await hello(mira, f"/signalling/{room}")
        assert (await hear(back, type="snapshot"))["state"] == "in-call"
    await kept("in-progress")
    for socket in (patient, clinician, back):
        await socket.close()


async def test_the_patient_cannot_let_themselves_in(mira, room, kept) -> None:
    socket = await hello(mira, f"/signalling/{room}")
    await kept("arrived")
    await say(socket, type="admit", seat="patient")
    assert (await hear(socket, type="error"))["code"] == "not-allowed"
    assert (await kept("arrived")).started_at is None
    await socket.close()


async def test_leaving_the_waiting_room_is_seen_at_once(mira, room, kept, events) -> None:
    socket = await hello(mira, f"/signalling/{room}")
    await kept("arrived")
    await say(socket, type="leave")
    assert (await kept("planned")).arrived_at is None
    assert ("patient", "left") in await events()


async def test_in_the_call_leaving_changes_nothing_and_the_same_browser_comes_straight_back(
    mira, reyes, room, kept, events
) -> None:
    patient, clinician = await let_in(mira, reyes, room, kept)
    await say(patient, type="leave")
    while ("patient", "left") not in await events():
        await asyncio.sleep(0.02)
    await kept("in-progress")
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    snapshot = await hear(again, type="snapshot")
    assert [each["admitted"] for each in snapshot["seats"] if each["seat"] == "patient"] == [True]
    for socket in (again, clinician):
        await socket.close()


async def test_a_second_page_takes_the_seat_and_the_first_is_told(mira, room, kept) -> None:
    first = await hello(mira, f"/signalling/{room}", page="the-first-page")
    await kept("arrived")
    second = await hello(mira, f"/signalling/{room}", page="the-second-page")
    await hear(first, type="replaced")
    await hear(second, type="snapshot")
    await kept("arrived")
    await second.close()


async def test_finishing_and_cancelling_reach_an_open_page(mira, app, room, kept) -> None:
    for reason in ("cancelled", "finished"):
        socket = await hello(mira, f"/signalling/{room}", page=f"page-{reason}")
        await hear(socket, type="snapshot", state="waiting")
        await app[keys.ROOMS].close(room, reason=reason)
        await hear(socket, type="snapshot", state=reason)
        await hear(socket, type="finished")


async def test_call_me_instead_ends_the_call_on_every_page_and_says_why(
    app, mira, reyes, room, kept, database
) -> None:
    patient, clinician = await let_in(mira, reyes, room, kept)
    assert (await mira.post(f"/visit/by-phone/{room}")).status == 303
    for socket in (patient, clinician):
        await hear(socket, type="snapshot", state="by-phone")
        await hear(socket, type="finished")
    assert app[keys.ROOMS].find(room) is None
    # Back on video, nobody has to be let in again.
    await mira.post(f"/visit/by-phone/{room}/undoing")
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    snapshot = await hear(again, type="snapshot")
    assert [each["admitted"] for each in snapshot["seats"]] == [True]
    await again.close()


async def test_another_device_with_the_same_link_is_told_to_the_clinician(
    mira, reyes, new_visitor, visit, room, kept, events
) -> None:
    """security.md, row 2: a second device has to be admitted again, and the clinician is told that there are two."""
    patient, clinician = await let_in(mira, reyes, room, kept)
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    await hear(again, type="snapshot")
    assert ("patient", "other-device") not in await events()
    other = await new_visitor()
    await other.post(f"/visit/join/{visit[1]}")
    await other.post(f"/visit/identity/{room}", date_of_birth=MIRA_BORN.isoformat())
    second = await hello(other, f"/signalling/{room}", page="page-of-another-device")
    snapshot = await hear(second, type="snapshot")
    assert [each["admitted"] for each in snapshot["seats"] if each["seat"] == "patient"] == [False]
    async with asyncio.timeout(PATIENTLY):
        while ("patient", "other-device") not in await events():
            await asyncio.sleep(0.02)
    assert "Another device opened this visit" in (await reyes.get(f"/clinic/consult/{room}/lobby")).text
    for socket in (patient, again, second, clinician):
        await socket.close()


async def test_a_window_that_lost_the_call_is_told_when_the_other_one_goes(app, reyes, room) -> None:
    first = await hello(reyes, f"/signalling/{room}?as=clinician", page="the-first-page")
    await hear(first, type="snapshot")
    second = await hello(reyes, f"/signalling/{room}?as=clinician", page="the-second-page")
    await hear(first, type="replaced")
    await hear(second, type="snapshot")
    assert "the call goes on there" in (await reyes.get(f"/clinic/consult/{room}/seat")).text
    changes = app[keys.CHANGES].subscribe(live.encounter_topic(room))
    news = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    await second.close()
    async with asyncio.timeout(PATIENTLY):
        while "The other window is gone" not in (await reyes.get(f"/clinic/consult/{room}/seat")).text:
            await news
            news = asyncio.ensure_future(anext(changes))
    news.cancel()


async def test_whoever_is_let_in_while_their_page_is_loaded_anew_is_in(mira, reyes, room, kept) -> None:
    """The wish to admit is about the browser, not about the page that has just gone."""
    old = await hello(mira, f"/signalling/{room}", page="page-before-reload")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await kept("arrived")
    # The new page's socket was asked who it is before anybody was let in.
    new = await sit(mira, f"/signalling/{room}")
    await old.close()
    await say(clinician, type="admit", seat="patient")
    await hear(clinician, type="snapshot", state="in-call")
    await say(new, type="hello", page="page-after-reload", seen=0)
    snapshot = await hear(new, type="snapshot")
    assert (snapshot["state"], snapshot["peers"][0]["seat"]) == ("in-call", "clinician")
    await kept("in-progress")


async def test_what_nobody_chose_to_miss_is_kept_with_the_visit(mira, reyes, room, kept, events) -> None:
    patient, _ = await let_in(mira, reyes, room, kept)
    await say(patient, type="media", audio=True, video=True, state="ok")
    await say(patient, type="media", audio=True, video=False, state="ok")
    await say(patient, type="media", audio=True, video=True, state="ok")
    await say(patient, type="media", audio=True, video=False, state="camera-stopped")
    await say(patient, type="media", audio=True, video=True, state="ok")
    async with asyncio.timeout(PATIENTLY):
        while ("patient", "picture-back") not in (seen := await events()):
            await asyncio.sleep(0.02)
    assert sorted(kind for _, kind in seen if kind.startswith(("picture", "sound"))) == [
        "picture-back",
        "picture-lost",
    ]


async def test_what_a_busy_database_did_not_take_is_written_when_it_does(
    mira, room, kept, database, monkeypatch
) -> None:
    write, busy = database.write, [True, True]

    def sometimes():  # type: ignore[no-untyped-def]
        if busy:
            busy.pop()
            raise RecordsOutOfReach("database is locked")
        return write()

    monkeypatch.setattr(database, "write", sometimes)
    socket = await hello(mira, f"/signalling/{room}")
    await kept("arrived")
    assert busy == []
    await socket.close()
