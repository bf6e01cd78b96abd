"""After leaving: the way back while there is one, then what happens next."""

import re
from datetime import timedelta

from server.care.encounter import PresenceEvent
from server.care.home import WRONG_DATES
from server.services import appointments, call_quality, visits
from server.store import encounters, home, presence


async def finish(database, visit, cast, clock):  # type: ignore[no-untyped-def]
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=visit.id, by=cast.reyes, now=clock.now())


async def test_leaving_the_waiting_room_keeps_the_way_back(mira, visit, database, clock, words) -> None:
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=visit.id, now=clock.now())
    answer = await mira.post(f"/visit/after/{visit.id}")
    assert (answer.status, answer.location) == (303, f"/visit/after/{visit.id}")
    async with database.read() as tx:
        encounter = await encounters.by_id(tx, visit.id)
        events = await presence.of_encounter(tx, visit.id)
    assert (encounter.status, encounter.arrived_at) == ("planned", None)
    assert [(event.seat, event.kind) for event in events] == [("patient", "left")]
    page = await mira.get(answer.location)
    assert "You can come back until Dr. Ines Reyes finishes the visit." in words(page.text)
    assert f'href="/visit/waiting/{visit.id}"' in page.text


async def test_leaving_a_call_does_not_end_it(mira, visit, database, clock) -> None:
    async with database.write() as tx:
        await visits.admit(tx, encounter_id=visit.id, now=clock.now())
    await mira.post(f"/visit/after/{visit.id}")
    async with database.read() as tx:
        assert (await encounters.by_id(tx, visit.id)).status == "in-progress"


async def test_a_visit_that_is_opened_again_brings_the_way_back_by_itself(
    mira, visit, cast, database, clock, words
) -> None:
    async with database.write() as tx:
        await visits.admit(tx, encounter_id=visit.id, now=clock.now())
    await finish(database, visit, cast, clock)
    standing = f"/visit/after/{visit.id}/standing"
    assert "Your visit is finished" in words((await mira.get(standing)).text)
    async with database.write() as tx:
        await visits.reopen(tx, encounter_id=visit.id, by=cast.reyes, now=clock.now())
        back = PresenceEvent(seat="clinician", kind="joined", at=clock.now() + timedelta(seconds=1))
        await visits.record(tx, encounter_id=visit.id, event=back)
    page = (await mira.get(standing)).text
    assert "Your visit is open again" in words(page) and f'href="/visit/waiting/{visit.id}"' in page
    assert "<call-stage" in (await mira.get(f"/visit/waiting/{visit.id}")).text


async def test_a_finished_visit_names_the_next_one(mira, visit, book, cast, database, clock, words) -> None:
    await book(cast.mira, hours=24)
    await finish(database, visit, cast, clock)
    read = words((await mira.get(f"/visit/after/{visit.id}")).text).replace("\u202f", " ")
    assert "Your visit is finished" in read and "come back" not in read
    assert "Your next visit is with Dr. Ines Reyes: Tuesday, November 24, 2026 9:00 AM your time" in read
    assert "(303) 555-0100" in read


async def test_without_a_next_visit_it_says_how_one_comes(mira, visit, cast, database, clock, words) -> None:
    await finish(database, visit, cast, clock)
    assert "No next visit is booked yet." in words((await mira.get(f"/visit/after/{visit.id}")).text)


async def test_cancelled_visits_are_no_next_visit(mira, visit, book, cast, database, clock, words) -> None:
    later, _ = await book(cast.mira, hours=24)
    async with database.write() as tx:
        await appointments.cancel(tx, later.id, reason="Moved away", by=cast.ada, now=clock.now())
    await finish(database, visit, cast, clock)
    assert "No next visit is booked yet." in words((await mira.get(f"/visit/after/{visit.id}")).text)


async def test_finishing_fulfils_the_appointment(visit, cast, database, clock) -> None:
    await finish(database, visit, cast, clock)
    async with database.read() as tx:
        encounter, appointment = await appointments.booked(tx, visit.id)
    assert (encounter.status, appointment.status) == ("finished", "fulfilled")
    assert encounter.finished_at - clock.now() == timedelta()


async def test_tomas_sees_nothing_of_miras(tomas, mira, visit, database) -> None:
    for path in ("", "/standing"):
        page = await tomas.get(f"/visit/after/{visit.id}{path}")
        assert page.status == 403 and "Reyes" not in page.text
    assert (await tomas.post(f"/visit/after/{visit.id}")).status == 403
    async with database.read() as tx:
        assert await presence.of_encounter(tx, visit.id) == []


async def test_finishing_opens_the_way_to_the_patients_own_pages(
    mira, visit, cast, database, clock, words
) -> None:
    """The person the visit was with is known: of link, date of birth and code only the code is left."""
    address = f"/visit/after/{visit.id}"
    assert "/home/door/" not in (await mira.get(address)).text
    await finish(database, visit, cast, clock)
    page = await mira.get(address)
    assert "Your own pages" in words(page.text)
    [door] = re.findall(r'href="(/home/door/[\w-]{43})"', page.text)
    assert (await mira.get(door)).status == 200
    assert (await mira.post(door)).location == "/home/identity"
    assert (await mira.get("/home/identity")).location == "/home/code"
    assert "We send you a code" in words((await mira.get("/home/code")).text)


async def test_a_link_that_lets_nobody_in_is_not_offered(mira, visit, cast, database, clock) -> None:
    await finish(database, visit, cast, clock)
    async with database.write() as tx:
        link = await home.newest_link(tx, cast.mira)
        for _ in range(WRONG_DATES):
            await home.count_wrong_date(tx, link.id)
    assert "/home/door/" not in (await mira.get(f"/visit/after/{visit.id}")).text


async def a_call(database, visit, clock):  # type: ignore[no-untyped-def]
    async with database.write() as tx:
        await visits.admit(tx, encounter_id=visit.id, now=clock.now())
        started = PresenceEvent(seat="patient", kind="call-started", at=clock.now())
        await visits.record(tx, encounter_id=visit.id, event=started)


async def test_who_had_a_call_may_say_how_it_was_and_say_something_else_later(
    mira, visit, database, clock, words
) -> None:
    await a_call(database, visit, clock)
    at = f"/visit/after/{visit.id}"
    assert "How was the call?" in words((await mira.get(at)).text)
    answer = await mira.post(f"{at}/call", word="bad", sound="yes", echo="yes")
    assert (answer.status, answer.location) == (303, f"{at}#call")
    page = (await mira.get(at)).text
    assert "Thank you for telling us how the call was." in words(page)
    assert re.search(r'name="word" value="bad" checked', page) and 'name="echo" value="yes" checked' in page
    await mira.post(f"{at}/call", word="good", picture="yes")
    async with database.read() as tx:
        had_call, rating = await call_quality.rating_of(tx, visit)
    assert (had_call, rating.word, rating.troubles) == (True, "good", ())


async def test_a_call_is_not_rated_without_a_word_and_what_was_ticked_stays(
    mira, visit, database, clock, words
) -> None:
    await a_call(database, visit, clock)
    for typed in ({}, {"word": "splendid"}):
        page = await mira.post(f"/visit/after/{visit.id}/call", **typed, echo="yes")
        assert (page.status, "Choose how the call was." in words(page.text)) == (422, True)
        assert 'name="echo" value="yes" checked' in page.text
    async with database.read() as tx:
        assert await call_quality.rating_of(tx, visit) == (True, None)


async def test_where_there_was_no_call_nobody_is_asked_how_it_was(mira, visit, database) -> None:
    assert "How was the call?" not in (await mira.get(f"/visit/after/{visit.id}")).text
    await mira.post(f"/visit/after/{visit.id}/call", word="good")
    async with database.read() as tx:
        assert await call_quality.rating_of(tx, visit) == (False, None)
