"""A visit handed to another clinician while its patient is in the call: no new link, and everybody is told."""

import pytest
from sqlalchemy import select

from server.care.access import Staff
from server.services import consults
from server.store.tables import metadata
from tests.http.signalling.stage import hear, hello, let_in, refused, say


@pytest.fixture
def handed_by(database):  # type: ignore[no-untyped-def]
    async def rows() -> list[str]:
        trail = metadata.tables["audit_events"]
        statement = select(trail.c.actor).where(trail.c.action == "handed-over")
        async with database.read() as tx:
            return [row.actor for row in await tx.all(statement)]

    return rows


async def test_the_patient_keeps_link_page_and_place_and_is_told_who_comes(
    mira, reyes, okafor, room, kept, cast, database, clock, handed_by
) -> None:
    patient, first = await let_in(mira, reyes, room, kept)
    clock.advance(minutes=5)
    answer = await reyes.post(f"/clinic/consult/{room}/transfer", practitioner=cast.dr_okafor)
    assert answer.status == 303
    await hear(patient, type="changed", topic="handover")
    told = (await mira.get(f"/visit/waiting/{room}/clinician")).text
    assert (
        "Dr. Chidi Okafor is coming to see you." in told and "Dr. Ines Reyes hands your visit over." in told
    )
    assert str(room) in (await okafor.get("/clinic/day/list")).text

    clock.advance(minutes=2)
    second = await hello(okafor, f"/signalling/{room}?as=clinician", page="page-of-okafor")
    await hear(first, type="replaced")
    snapshot = await hear(patient, type="snapshot", state="in-call")
    assert {each["seat"]: each["name"] for each in snapshot["seats"]}["clinician"] == "Dr. Chidi Okafor"
    await hear(patient, type="changed", topic="handover")
    assert "Dr. Chidi Okafor sees you now." in (await mira.get(f"/visit/waiting/{room}/clinician")).text
    assert "Dr. Chidi Okafor has the visit now." in (await reyes.get(f"/clinic/consult/{room}/seat")).text
    await refused(reyes, f"/signalling/{room}?as=clinician")
    assert (await reyes.post(f"/clinic/consult/{room}/finish")).status == 404
    assert await handed_by() == [cast.reyes]

    clock.advance(minutes=3)
    await okafor.post(f"/clinic/consult/{room}/finish")
    by = Staff(account_id=cast.okafor, name="", roles=frozenset(), practitioner_id=cast.dr_okafor)
    async with database.write() as tx:
        note = await consults.open_for_visit(tx, room, by=by, now=clock.now())
        facts = await consults.facts_of(tx, note)
    names = [each["name"] for each in facts["clinicians"]]
    assert names == ["Dr. Ines Reyes", "Dr. Chidi Okafor"]
    assert facts["clinicians"][0]["until"] == facts["clinicians"][1]["since"]
    assert note.author_id == cast.okafor, "whoever goes on with the patient goes on with the draft"
    page = (await okafor.get(f"/clinic/consult/{room}/facts")).text
    assert "Dr. Ines Reyes, " in page and "Dr. Chidi Okafor, " in page
    for socket in (patient, first, second):
        await socket.close()


async def test_what_the_first_one_wrote_stays_theirs_in_the_versions(
    mira, reyes, okafor, room, kept, cast, database, clock
) -> None:
    sockets = await let_in(mira, reyes, room, kept)
    mine = Staff(account_id=cast.reyes, name="", roles=frozenset(), practitioner_id=cast.dr_reyes)
    async with database.write() as tx:
        note = await consults.open_for_visit(tx, room, by=mine, now=clock.now())
        saved = {"body": {"interval_history": "Slept well."}, "based_on": 0, "page": "p", "sequence": 1}
        await consults.save(tx, note.id, by=mine, now=clock.now(), **saved)
    await reyes.post(f"/clinic/consult/{room}/transfer", practitioner=cast.dr_okafor)
    page = (await okafor.get(f"/clinic/consult/{room}/versions")).text
    assert "Dr. Ines Reyes" in page and "Slept well." in page
    assert "Slept well." in (await okafor.get(f"/clinic/consult/{room}")).text
    for socket in sockets:
        await socket.close()


async def test_only_its_own_clinician_and_the_desk_hand_a_visit_over(
    mira, reyes, okafor, ada, room, kept, cast, handed_by
) -> None:
    sockets = await let_in(mira, reyes, room, kept)
    there = f"/clinic/consult/{room}/transfer"
    assert (await okafor.post(there, practitioner=cast.dr_okafor)).status == 404
    assert (await reyes.post(there, practitioner="0" * 32)).status == 404
    assert await handed_by() == []
    assert (await ada.post(f"/desk/visit/{room}/transfer", practitioner=cast.dr_okafor)).status == 303
    assert await handed_by() == [cast.ada]
    for socket in sockets:
        await socket.close()


async def test_a_visit_nobody_has_come_to_is_not_handed_over(reyes, ada, room, cast, handed_by) -> None:
    answer = await reyes.post(f"/clinic/consult/{room}/transfer", practitioner=cast.dr_okafor)
    assert answer.status == 409
    assert "The patient is not there yet." in answer.text
    assert await handed_by() == []
    assert (await ada.post(f"/desk/visit/{room}/transfer", practitioner=cast.dr_okafor)).status == 409
    assert "Hand over" not in (await ada.get(f"/desk/visit/{room}")).text


async def test_what_is_done_between_handing_over_and_coming_is_done_by_who_did_it(
    mira, reyes, room, kept, cast, database
) -> None:
    sockets = _, first = await let_in(mira, reyes, room, kept)
    await reyes.post(f"/clinic/consult/{room}/transfer", practitioner=cast.dr_okafor)
    await say(first, type="hold", seat="patient", held=True)
    while not any(seat["held"] for seat in (await hear(first, type="snapshot"))["seats"]):
        pass
    trail = metadata.tables["audit_events"]
    statement = select(trail.c.actor).where(trail.c.action == "held")
    async with database.read() as tx:
        assert [row.actor for row in await tx.all(statement)] == [cast.reyes]
    for socket in sockets:
        await socket.close()


async def test_a_visit_handed_back_before_the_other_came_is_with_who_still_sits_there(
    mira, reyes, okafor, room, kept, cast, clock
) -> None:
    sockets = patient, _ = await let_in(mira, reyes, room, kept)
    for by, to in ((reyes, cast.dr_okafor), (okafor, cast.dr_reyes)):
        clock.advance(minutes=1)
        assert (await by.post(f"/clinic/consult/{room}/transfer", practitioner=to)).status == 303
        await hear(patient, type="changed", topic="handover")
    told = (await mira.get(f"/visit/waiting/{room}/clinician")).text
    assert "is coming to see you" not in told and "Dr. Ines Reyes sees you now." in told
    for socket in sockets:
        await socket.close()
