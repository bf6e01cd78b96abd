"""Inviting somebody into a visit from the front desk: the link goes out by mail, with nothing of the patient in it."""

import re
from datetime import timedelta

from server.jobs.letters import Sender, letter_for
from server.notify import Letter
from server.services import appointments, moving, sending
from server.web import keys

TO_BEN = {"guest_name": "Ben Sitter", "guest_role": "sitter", "guest_email": "ben@example.org"}


async def test_the_desk_mails_an_invitation_that_says_nothing_of_the_patient(
    ada, app, booked, database, clock
) -> None:
    there = f"/desk/guests/{booked.id}"
    assert (await ada.post(there, **TO_BEN)).status == 303
    assert "The mail with the link is going out" in (await ada.get(there)).text
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
    (mail,) = [each for each in claimed if each is not None and each.to == "ben@example.org"]
    sender = Sender(
        clinic=app[keys.CLINIC], base_url="https://c", patients_url="https://p", mail_address="v@c.example"
    )
    letter = letter_for(mail, sender, now=clock.now())
    assert re.search(r"https://p/guest/join/[A-Za-z0-9_-]{43}\n", letter.text)
    assert "Dr. Ines Reyes invites you to a video visit, as a sitter" in letter.text
    assert letter.calendar is None
    for mark in ("Mira", "Lindqvist", "1990"):
        assert mark not in letter.subject + letter.text


async def test_mail_of_an_invitation_that_was_taken_back_does_not_go_out(
    ada, booked, database, clock
) -> None:
    there = f"/desk/guests/{booked.id}"
    await ada.post(there, **TO_BEN)
    (path,) = re.findall(r'action="([^"]+/withdrawal)"', (await ada.get(f"{there}/list")).text)
    assert (await ada.post(path)).status == 303
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
    assert [each.to for each in claimed if each is not None] == ["mira@example.org"]


async def test_who_was_invited_by_mail_is_told_of_another_time_and_of_the_end_of_it_and_of_nothing_older(
    ada, app, booked, database, clock, cast
) -> None:
    there = f"/desk/guests/{booked.id}"
    await ada.post(there, **TO_BEN)
    await ada.post(there, **TO_BEN | {"guest_name": "Handed Over", "guest_email": ""})
    sender = Sender(
        clinic=app[keys.CLINIC], base_url="https://c", patients_url="https://p", mail_address="v@c.example"
    )

    async def mailed() -> list[Letter]:
        async with database.write() as tx:
            due = await sending.due(tx, now=clock.now())
            claimed = [await sending.claim(tx, each, now=clock.now()) for each in due]
        to_ben = [each for each in claimed if each is not None and each.to == "ben@example.org"]
        return [letter_for(each, sender, now=clock.now()) for each in to_ben]

    assert len(await mailed()) == 1
    was_at = booked.planned_starts_at
    async with database.write() as tx:
        for hours in (24, 48):
            starts_at = booked.planned_starts_at + timedelta(hours=hours)
            moved = {"starts_at": starts_at, "was_at": was_at, "by": cast.ada, "now": clock.now()}
            await moving.reschedule(tx, booked.id, **moved)
            was_at = starts_at
    (moved_letter,) = await mailed()
    assert "has a new time" in moved_letter.subject
    assert re.search(r"https://p/guest/join/[A-Za-z0-9_-]{43}\n", moved_letter.text)
    async with database.write() as tx:
        await appointments.cancel(tx, booked.id, reason="Ill", by=cast.ada, now=clock.now())
    (cancelled,) = await mailed()
    assert "is cancelled" in cancelled.subject and "/guest/join/" not in cancelled.text
    for letter in (moved_letter, cancelled):
        assert not any(mark in letter.subject + letter.text for mark in ("Mira", "Lindqvist", "1990"))
        assert letter.calendar is None


async def test_an_invitation_is_taken_back_at_its_own_visit_only(ada, booked, database, clock, cast) -> None:
    await ada.post(f"/desk/guests/{booked.id}", **TO_BEN)
    (path,) = re.findall(
        r'action="([^"]+/withdrawal)"', (await ada.get(f"/desk/guests/{booked.id}/list")).text
    )
    elsewhere = path.replace(str(booked.id), "0" * 32)
    assert (await ada.post(elsewhere)).status == 404
    assert "Ben Sitter" in (await ada.get(f"/desk/guests/{booked.id}/list")).text


async def test_the_visits_card_leads_there(ada, booked) -> None:
    assert f'href="/desk/guests/{booked.id}"' in (await ada.get(f"/desk/visit/{booked.id}")).text
