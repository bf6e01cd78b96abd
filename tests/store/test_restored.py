"""After a restore nothing that lets somebody in is alive again, and no letter goes out that is too late."""

from datetime import timedelta

import pytest

from server.care.access import Staff
from server.care.home import WRONG_DATES, LinkReplaced
from server.services import appointments, guests, home, password_links, plans, restored, sending, visits
from server.services.restored import Aftermath
from server.store import audit, outbox, sessions, sign_in_steps
from server.store import guests as guest_doors
from server.store import home as doors
from server.store.database import Database, Tx
from tests.clocks import StoppedClock
from tests.people import Cast

pytestmark = pytest.mark.both_databases

MADE = "2026-11-23T16:00:00+00:00"
LATER = timedelta(days=1)


async def settle(database: Database, clock: StoppedClock) -> Aftermath:
    """A restore of the backup that was made `LATER` ago."""
    clock.advance(days=1)
    async with database.write() as tx:
        return await restored.settle(tx, made_at=MADE, by="system", now=clock.now())


async def on_a_course(tx: Tx, cast: Cast, clock: StoppedClock) -> None:
    reyes = Staff(
        account_id=cast.reyes,
        name="Dr. Ines Reyes",
        roles=frozenset({"clinician"}),
        practitioner_id=cast.dr_reyes,
    )
    days = [clock.now().date() + timedelta(days=14 * n) for n in range(4)]
    await plans.make(
        tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, days=days, by=reyes, now=clock.now()
    )


async def letters(database: Database, clock: StoppedClock) -> list[sending.Outgoing]:
    async with database.write() as tx:
        due = await sending.due(tx, now=clock.now())
        claimed = [await sending.claim(tx, each, now=clock.now()) for each in due]
    return [letter for letter in claimed if letter is not None]


async def test_every_session_ends_with_every_sign_in_that_is_half_done(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    ends = clock.now() + timedelta(days=9)
    async with database.write() as tx:
        await sessions.open_session(tx, account_id=cast.ada, cookie="s", ends_at=ends, now=clock.now())
        await sign_in_steps.begin(
            tx, account_id=cast.ada, cookie="c", stage="code", ends_at=ends, now=clock.now()
        )
        visit, token = await appointments.call_now(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, by=cast.reyes, now=clock.now()
        )
        await visits.enter(tx, token=token, cookie="v", now=clock.now())
    told = await settle(database, clock)
    assert (told.staff_sessions, told.visitor_sessions) == (1, 1)
    async with database.read() as tx:
        assert await sessions.staff_session(tx, "s", idle=timedelta(days=9), now=clock.now()) is None
        assert await sign_in_steps.living(tx, "c", clock.now()) is None
        assert await sessions.visitor_session(tx, "v", encounter_id=visit.id, now=clock.now()) is None


async def test_no_guest_comes_in_by_an_old_link_or_an_old_browser(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    """A backup cannot know whom the clinic put out of a call since."""
    reyes = Staff(account_id=cast.reyes, name="", roles=frozenset({"clinician"}))
    async with database.write() as tx:
        visit, _ = await appointments.call_now(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, by=cast.reyes, now=clock.now()
        )
        invited = await guests.invite(
            tx,
            encounter_id=visit.id,
            role="sitter",
            name="Ben",
            email=None,
            by=reyes,
            now=clock.now(),
        )
        token = guest_doors.token_for(tx, invited.id)
        await guests.enter(tx, token=token, cookie="g", now=clock.now())
    assert (await settle(database, clock)).visitor_sessions == 1
    async with database.read() as tx:
        assert await guest_doors.session(tx, "g", invitation_id=invited.id, now=clock.now()) is None
        with pytest.raises(guests.InvitationWithdrawn):
            await guests.find_link(tx, token)


async def test_a_device_that_may_have_been_lost_since_comes_in_no_more(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        await home.link_token(tx, cast.mira, now=clock.now())
        link = await doors.newest_link(tx, cast.mira)
        assert link is not None
        device = await doors.add_device(
            tx,
            patient_id=cast.mira,
            link_id=link.id,
            cookie="d",
            name="Phone",
            ends_at=clock.now() + timedelta(days=90),
            now=clock.now(),
        )
        await doors.mark_device(tx, device, born_at=clock.now(), remembered_at=clock.now())
        await home.send_code(tx, device_id=device, channel="email", sms=False, now=clock.now())
    told = await settle(database, clock)
    assert told.devices == 1
    async with database.read() as tx:
        assert await doors.device(tx, "d", now=clock.now()) is None
        assert await doors.newest_code(tx, device) is None
    assert await letters(database, clock) == []


async def test_no_link_to_own_pages_works_that_was_ever_made_and_the_next_one_is_new(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        strayed = await home.link_token(tx, cast.mira, now=clock.now())
        # What may have been mailed and withdrawn since the backup, also to somebody who had no link then.
        since = {
            doors.token_for(tx, patient_id=patient, version=version)
            for patient in (cast.mira, cast.tomas)
            for version in range(1, 100)
        }
    await settle(database, clock)
    async with database.write() as tx:
        with pytest.raises(LinkReplaced):
            await home.find_link(tx, strayed)
        for patient in (cast.mira, cast.tomas):
            fresh = await home.link_token(tx, patient, now=clock.now())
            assert fresh not in since
            assert (await home.find_link(tx, fresh)).patient_id == patient


async def test_two_restores_of_one_backup_make_different_links(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async def next_version() -> int:
        async with database.write() as tx:
            before = await doors.newest_link(tx, cast.mira)
            await restored.settle(tx, made_at=MADE, by="system", now=clock.now())
            after = await doors.newest_link(tx, cast.mira)
            assert after is not None
            return int(after.version) - (int(before.version) if before else 0)

    assert len({await next_version() for _ in range(5)}) > 1


async def test_who_is_on_a_course_is_mailed_the_new_link_and_nobody_else(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        await on_a_course(tx, cast, clock)
        for patient in (cast.mira, cast.tomas):
            await home.link_token(tx, patient, now=clock.now())
    told = await settle(database, clock)
    assert (told.links_sent, told.links_to_send) == (1, 1)
    [letter] = await letters(database, clock)
    assert (letter.kind, letter.to) == ("home", "mira@example.org")
    async with database.read() as tx:
        assert (await home.find_link(tx, letter.token)).patient_id == cast.mira


async def test_a_link_that_wrong_dates_closed_stays_closed(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        await on_a_course(tx, cast, clock)
        await home.link_token(tx, cast.mira, now=clock.now())
        link = await doors.newest_link(tx, cast.mira)
        assert link is not None
        for _ in range(WRONG_DATES):
            await doors.count_wrong_date(tx, link.id)
    told = await settle(database, clock)
    assert (told.links_sent, told.links_to_send) == (0, 1)
    async with database.read() as tx:
        link = await doors.newest_link(tx, cast.mira)
    assert link is not None and link.wrong_dates == WRONG_DATES


async def test_the_link_to_a_visit_that_is_still_to_come_goes_on_working(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(days=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        token = appointments.token_of(tx, visit)
    told = await settle(database, clock)
    assert told.visits_to_come == 1
    async with database.read() as tx:
        assert (await visits.find_link(tx, token)).encounter_id == visit.id
    # Nobody knows whether its confirmation had left.
    assert [letter.kind for letter in await letters(database, clock)] == ["booked"]


@pytest.mark.parametrize(
    ("kind", "goes"),
    [
        ("booked", True),
        ("moved", True),
        ("cancelled", True),
        ("link", True),
        ("attention", True),
        ("now", False),
        ("home", False),
        ("code", False),
        ("questions", False),
        ("some-reminder", False),
    ],
)
async def test_letters_that_waited_go_out_by_their_kind(
    database: Database, clock: StoppedClock, cast: Cast, kind: str, goes: bool
) -> None:
    async with database.write() as tx:
        await outbox.insert(tx, kind=kind, dedupe_key="x", patient_id=cast.mira, now=clock.now())
    told = await settle(database, clock)
    assert (told.letters_kept, told.letters_withdrawn) == ((1, 0) if goes else (0, 1))
    async with database.read() as tx:
        assert len(await sending.due(tx, now=clock.now())) == goes


async def test_what_is_due_only_later_still_goes(database: Database, clock: StoppedClock, cast: Cast) -> None:
    async with database.write() as tx:
        sent_at = clock.now() + 2 * LATER
        await outbox.insert(tx, kind="some-reminder", dedupe_key="x", patient_id=cast.mira, now=sent_at)
    assert (await settle(database, clock)).letters_withdrawn == 0


async def test_a_link_to_choose_a_password_is_spent_and_another_can_be_made(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        old = await password_links.make(tx, account_id=cast.ada, by=cast.petra, now=clock.now())
        assert (await password_links.owner(tx, old, now=clock.now())).id == cast.ada
    await settle(database, clock)
    clock.advance(minutes=1)
    async with database.write() as tx:
        with pytest.raises(password_links.PasswordLinkSpent):
            await password_links.owner(tx, old, now=clock.now())
        fresh = await password_links.make(tx, account_id=cast.ada, by=cast.petra, now=clock.now())
        assert (await password_links.owner(tx, fresh, now=clock.now())).id == cast.ada


async def test_it_is_one_entry_of_the_trail_and_the_trail_stays_whole(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    await settle(database, clock)
    async with database.read() as tx:
        [entry] = await audit.newest(tx, limit=1)
        assert (entry.actor, entry.action, entry.object_kind, entry.object_id) == (
            "system",
            "restored",
            "backup",
            MADE,
        )
        assert await audit.first_break(tx) is None
