"""The note's facts: how the visit went on, as the server saw it."""

from server.care.encounter import PresenceEvent
from server.services import consults, visits
from server.store import notes
from tests.http.clinic.conftest import COMPLETE


async def test_the_facts_say_how_the_visit_went_on(reyes, at, held, database, booked, clock, words) -> None:
    for minutes, kind in ((1, "picture-lost"), (1, "picture-back"), (2, "by-phone"), (4, "by-video")):
        clock.advance(minutes=minutes)
        async with database.write() as tx:
            event = PresenceEvent(seat="patient", kind=kind, at=clock.now())
            await visits.record(tx, encounter_id=booked.id, event=event)
    facts = words((await reyes.get(f"{at}/facts")).text)
    assert "picture of the patient lost 9:01 AM – 9:02 AM" in facts
    assert "by phone 9:04 AM – 9:08 AM, then by video again" in facts


async def test_what_there_is_nothing_to_tell_of_is_not_in_the_facts(
    reyes, put, ask, at, held, booked, database
) -> None:
    """Notes that were signed when less was looked at are not therefore incomplete."""
    await put(reyes, COMPLETE)
    await reyes.post(f"{at}/finish")
    await ask(reyes, "POST", f"{at}/confirmation", {})
    assert (await ask(reyes, "POST", f"{at}/signature", {"version": 2})).status == 200
    async with database.read() as tx:
        note = await notes.by_encounter(tx, booked.id)
        assert note is not None
        assert {"losses", "phone"} & set(note.body["facts"]) == set()
        assert await consults.facts_added(tx, note) == {}
