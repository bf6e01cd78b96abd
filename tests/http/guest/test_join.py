"""The invitation's page: it says who invites, when and as what, and nothing of whose visit it is."""

import pytest
from sqlalchemy import select

from server.services import appointments, restored, visits
from server.store.tables import metadata

# What stands in Mira's record: none of it is a guest's to know.
NOT_THEIRS = ("Lindqvist", "Mira", "1990", "(303) 555-0142", "mira@example.org")


async def rows(database) -> dict[str, list[tuple[object, ...]]]:  # type: ignore[no-untyped-def]
    async with database.read() as tx:
        return {
            name: [tuple(row) for row in await tx.all(select(table))]
            for name, table in metadata.tables.items()
        }


async def test_looking_at_an_invitation_changes_nothing_and_names_no_patient(
    stranger, invitation, database
) -> None:
    before = await rows(database)
    page = await stranger.get(f"/guest/join/{invitation[1]}")
    assert page.status == 200
    assert "Dr. Ines Reyes invites you as an interpreter." in page.text
    assert [each for each in NOT_THEIRS if each in page.text] == []
    assert (await stranger.client.head(f"/guest/join/{invitation[1]}")).status == 200
    assert await rows(database) == before


async def test_the_link_is_of_43_characters_and_kept_as_a_hash(invitation, database) -> None:
    assert len(invitation[1]) == 43
    assert invitation[1].encode() not in repr(await rows(database)).encode()


async def test_continue_leads_to_the_name_and_the_name_into_the_waiting_room(holder, invitation) -> None:
    there = f"/guest/name/{invitation[0].id}"
    page = await holder.get(there)
    assert page.status == 200
    assert "Ana Example" not in page.text, "whoever opened the link says who they are"
    empty = await holder.post(there, name="  ")
    assert empty.status == 422
    answer = await holder.post(there, name=" Ana\u202e  Example ")
    assert (answer.status, answer.location) == (303, f"/guest/call/{invitation[0].id}")
    waiting = await holder.get(f"/guest/call/{invitation[0].id}")
    assert "You're in the waiting room" in waiting.text.replace("&#39;", "'")
    assert [each for each in NOT_THEIRS if each in waiting.text] == []


async def test_without_a_name_there_is_no_waiting_room(holder, invitation) -> None:
    assert (await holder.get(f"/guest/call/{invitation[0].id}")).status == 403


async def test_a_link_nobody_made_is_unknown(stranger) -> None:
    assert (await stranger.get(f"/guest/join/{'x' * 43}")).status == 404
    assert (await stranger.post(f"/guest/join/{'x' * 43}")).status == 404


async def test_an_invitation_that_was_taken_back_refuses_the_link_and_the_open_pages(
    reyes, ana, stranger, invitation, room
) -> None:
    answer = await reyes.post(f"/clinic/guests/{room}/{invitation[0].id}/withdrawal")
    assert answer.status == 303
    for browser, path in (
        (stranger, f"/guest/join/{invitation[1]}"),
        (ana, f"/guest/name/{invitation[0].id}"),
        (ana, f"/guest/call/{invitation[0].id}"),
    ):
        page = await browser.get(path)
        assert (page.status, "does not work any more" in page.text) == (410, True), path
    assert (await stranger.post(f"/guest/join/{invitation[1]}")).status == 410


async def test_who_lost_the_link_to_a_restore_does_not_read_that_the_clinic_changed_its_mind(
    stranger, invitation, database, clock
) -> None:
    async with database.write() as tx:
        await restored.settle(tx, made_at=clock.now().isoformat(), by="system", now=clock.now())
    page = await stranger.get(f"/guest/join/{invitation[1]}")
    assert (page.status, "If you still expect to join, call us." in page.text) == (410, True)
    assert "taken it back" not in page.text


@pytest.mark.parametrize("way", ["link", "waiting room"])
async def test_a_finished_visit_is_over_for_guests_too(
    way, ana, invitation, room, database, clock, cast
) -> None:
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=room, by=cast.reyes, now=clock.now())
    path = f"/guest/join/{invitation[1]}" if way == "link" else f"/guest/call/{invitation[0].id}"
    assert "This visit is over" in (await ana.get(path)).text


@pytest.mark.parametrize("way", ["link", "Continue", "name", "waiting room"])
async def test_a_guest_of_a_cancelled_visit_reads_that_it_was_cancelled(
    way, ana, invitation, room, database, clock, cast
) -> None:
    async with database.write() as tx:
        await appointments.cancel(tx, room, reason="patient", by=cast.ada, now=clock.now())
    link, name = f"/guest/join/{invitation[1]}", f"/guest/name/{invitation[0].id}"
    match way:
        case "link":
            page = await ana.get(link)
        case "Continue":
            page = await ana.post(link)
        case "name":
            page = await ana.post(name, name="Ana Example")
        case _:
            page = await ana.get(f"/guest/call/{invitation[0].id}")
    assert "This visit was cancelled" in page.text and "You do not need to come." in page.text
    assert "Thank you for being there" not in page.text


async def test_a_guests_browser_keeps_its_seat_when_it_opens_a_visit_of_its_own(
    ana, invitation, database, visit
) -> None:
    async with database.read() as tx:
        token = appointments.token_of(tx, visit)
    await ana.post(f"/visit/join/{token}")
    assert (await ana.get(f"/guest/call/{invitation[0].id}")).status == 200


async def test_continue_works_again_in_a_browser_whose_seat_here_has_run_out(
    holder, invitation, database, clock, visit
) -> None:
    """The browser is still known, by another visit: its old seat is replaced, and asks for the name anew."""
    there = f"/guest/name/{invitation[0].id}"
    await holder.post(there, name="Ana Example")
    clock.advance(hours=10)
    async with database.read() as tx:
        token = appointments.token_of(tx, visit)
    await holder.post(f"/visit/join/{token}")
    clock.advance(hours=5)
    assert (await holder.get(there)).status == 403
    answer = await holder.post(f"/guest/join/{invitation[1]}")
    assert (answer.status, answer.location) == (303, there)
    assert (await holder.get(there)).status == 200
    assert (await holder.get(f"/guest/call/{invitation[0].id}")).status == 403
