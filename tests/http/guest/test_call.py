"""A guest in the room: what the record says of them, who may bring them in, and what ends it (real sockets)."""

import asyncio

import pytest
from sqlalchemy import select

from server.care.access import Staff
from server.services import consults
from server.store.tables import metadata
from server.web import keys
from tests.http.signalling.stage import PATIENTLY, hear, hello, refused, say, sit

SEAT = "interpreter-1"


@pytest.fixture
def events(database, room):  # type: ignore[no-untyped-def]
    async def of(seat: str) -> list[str]:
        table = metadata.tables["presence_events"]
        statement = select(table.c.kind).where(table.c.encounter_id == room, table.c.seat == seat)
        async with database.read() as tx:
            return [row.kind for row in await tx.all(statement.order_by(table.c.at))]

    return of


@pytest.fixture
def told(events, clock):  # type: ignore[no-untyped-def]
    """`await told(SEAT, "admitted")`: once that is in the record; what comes next is some seconds later."""

    async def once(seat: str, kind: str) -> None:
        async with asyncio.timeout(PATIENTLY):
            while kind not in await events(seat):
                await asyncio.sleep(0.02)
        clock.advance(seconds=10)

    return once


async def all_in(mira, reyes, ana, invitation, room, told):  # type: ignore[no-untyped-def]
    """Patient, clinician and guest in the call, by asking and by Admit."""
    patient = await hello(mira, f"/signalling/{room}", page="page-of-mira")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician", page="page-of-reyes")
    await hear(patient, type="snapshot")
    await say(clinician, type="admit", seat="patient")
    await told("patient", "admitted")
    guest = await hello(ana, f"/signalling/guest/{invitation[0].id}", page="page-of-ana")
    waiting = await hear(guest, type="snapshot")
    assert {each["seat"] for each in waiting["seats"]} == {"clinician", SEAT}
    await told(SEAT, "joined")
    await say(clinician, type="ask", seat=SEAT)
    await seat_is(patient, agreed="asked")
    await told(SEAT, "asked")
    await say(patient, type="answer", seat=SEAT, agreed=True)
    await seat_is(clinician, agreed="yes")
    await told(SEAT, "agreed")
    await say(clinician, type="admit", seat=SEAT)
    await seat_is(guest, admitted=True)
    await told(SEAT, "admitted")
    return patient, clinician, guest


async def seat_is(socket, **wanted):  # type: ignore[no-untyped-def]
    """The first snapshot in which the guest's seat is so."""
    while True:
        snapshot = await hear(socket, type="snapshot")
        for each in snapshot["seats"]:
            if each["seat"] == SEAT and all(each[key] == value for key, value in wanted.items()):
                return snapshot


async def test_a_guest_who_was_agreed_to_and_admitted_is_in_the_record_and_on_the_trail(
    mira, reyes, ana, invitation, room, told, events, database, clock, cast
) -> None:
    sockets = patient, clinician, guest = await all_in(mira, reyes, ana, invitation, room, told)
    await say(clinician, type="hold", seat=SEAT, held=True)
    await told(SEAT, "held")
    await say(clinician, type="hold", seat=SEAT, held=False)
    await told(SEAT, "taken-back")
    await say(guest, type="leave")
    await told(SEAT, "left")
    assert await events(SEAT) == ["joined", "asked", "agreed", "admitted", "held", "taken-back", "left"]
    trail = metadata.tables["audit_events"]
    statement = select(trail.c.actor, trail.c.action).where(trail.c.object_id == room).order_by(trail.c.seq)
    async with database.read() as tx:
        acts = [tuple(row) for row in await tx.all(statement)]
    assert [act for act in acts if act[1].startswith("guest-") or act[1] in ("held", "taken-back")] == [
        (cast.reyes, "guest-invited"),
        ("guest", "guest-introduced"),
        (cast.reyes, "guest-asked"),
        ("patient", "guest-agreed"),
        (cast.reyes, "guest-admitted"),
        (cast.reyes, "held"),
        (cast.reyes, "taken-back"),
    ]
    for socket in sockets:
        await socket.close()


async def test_guests_never_learn_the_patients_surname(mira, reyes, ana, invitation, room, told) -> None:
    sockets = _, _, guest = await all_in(mira, reyes, ana, invitation, room, told)
    await say(guest, type="media", audio=True, video=True, state="ok")
    names = {each["seat"]: each["name"] for each in (await hear(guest, type="snapshot"))["seats"]}
    assert names == {"patient": "Mira", "clinician": "Dr. Ines Reyes", SEAT: "Ana Example"}
    for socket in sockets:
        await socket.close()


async def test_who_was_removed_is_told_and_cannot_come_back(
    mira, reyes, ana, invitation, room, told, events
) -> None:
    sockets = _, _, guest = await all_in(mira, reyes, ana, invitation, room, told)
    await reyes.post(f"/clinic/guests/{room}/{invitation[0].id}/withdrawal")
    await hear(guest, type="removed")
    await told(SEAT, "removed")
    await refused(ana, f"/signalling/guest/{invitation[0].id}")
    for socket in sockets:
        await socket.close()


async def test_a_reload_comes_straight_back_and_another_browser_waits_again(
    mira, reyes, ana, new_visitor, invitation, room, told
) -> None:
    sockets = await all_in(mira, reyes, ana, invitation, room, told)
    again = await hello(ana, f"/signalling/guest/{invitation[0].id}", page="another-page-of-it")
    assert await seat_is(again, admitted=True)
    other = await new_visitor()
    await other.post(f"/guest/join/{invitation[1]}")
    renamed = await other.post(f"/guest/name/{invitation[0].id}", name="Somebody else")
    assert (renamed.status, "asked about you by another name" in renamed.text) == (422, True)
    await other.post(f"/guest/name/{invitation[0].id}", name="Ana Example")
    second = await hello(other, f"/signalling/guest/{invitation[0].id}", page="page-of-another")
    assert await seat_is(second, admitted=False)
    # What the patient said was about who sat there before.
    assert await seat_is(sockets[1], agreed=None)
    await say(sockets[1], type="admit", seat=SEAT)
    assert (await hear(sockets[1], type="error"))["code"] == "not-agreed"
    for socket in (*sockets, again, second):
        await socket.close()


async def test_a_hold_of_the_patient_is_found_again_in_the_record(
    app, mira, reyes, ana, invitation, room, told
) -> None:
    """What a restarted web server asks: the record, and not the pages."""
    sockets = _, clinician, _ = await all_in(mira, reyes, ana, invitation, room, told)
    await say(clinician, type="hold", seat="patient", held=True)
    await told("patient", "held")
    await app[keys.ROOMS].close(room, reason="stopped")
    back = await hello(mira, f"/signalling/{room}", page="page-after-that")
    snapshot = await hear(back, type="snapshot")
    assert [(each["admitted"], each["held"]) for each in snapshot["seats"]] == [(True, True)]
    for socket in (*sockets, back):
        await socket.close()


async def test_the_note_says_who_was_there_from_when_to_when(
    mira, reyes, ana, invitation, room, told, database, clock, cast
) -> None:
    sockets = patient, _, _ = await all_in(mira, reyes, ana, invitation, room, told)
    await say(patient, type="answer", seat=SEAT, agreed=False)
    await told(SEAT, "declined")
    by = Staff(account_id=cast.reyes, name="", roles=frozenset(), practitioner_id=cast.dr_reyes)
    async with database.write() as tx:
        facts = await consults.facts_of(tx, await consults.open_for_visit(tx, room, by=by, now=clock.now()))
    (fact,) = facts["guests"]
    assert (fact["role"], fact["name"]) == ("interpreter", "Ana Example")
    ((start, end),) = fact["spans"]
    assert fact["agreed_at"] < start < end
    page = (await reyes.get(f"/clinic/consult/{room}/facts")).text
    assert "Ana Example" in page and "agreed by the patient" in page
    assert "Ana Example" in (await reyes.get(f"/clinic/chart/{cast.mira}/timeline")).text
    for socket in sockets:
        await socket.close()


async def test_a_socket_that_says_nothing_does_not_outlive_its_invitation(
    reyes, ana, invitation, room
) -> None:
    waits = await sit(ana, f"/signalling/guest/{invitation[0].id}")
    await reyes.post(f"/clinic/guests/{room}/{invitation[0].id}/withdrawal")
    await say(waits, type="hello", page="page-of-ana", seen=0)
    assert await hear(waits, type="error") == {"type": "error", "code": "room-closed"}
    await waits.close()
