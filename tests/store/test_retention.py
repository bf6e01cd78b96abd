"""What is kept for a while only: how calls were, and guests' browsers; nothing else goes with them."""

from datetime import timedelta

from sqlalchemy import func, select

from server.care.access import Staff
from server.care.call_quality import Figures, Sample
from server.services import accounts, appointments, call_quality, guests, retention
from server.services.retention import RetentionRules
from server.store import guests as store
from server.store.database import Database
from server.store.tables import metadata
from tests.clocks import StoppedClock
from tests.people import Cast

RULES = RetentionRules(call_samples=timedelta(days=365), guest_sessions=timedelta(days=30))


async def rows(database: Database, name: str) -> int:
    async with database.read() as tx:
        found = await tx.one(select(func.count()).select_from(metadata.tables[name]))
    assert found is not None
    return int(found[0])


async def forget(database: Database, clock: StoppedClock) -> int:
    async with database.write() as tx:
        return await retention.forget(tx, rules=RULES, now=clock.now())


async def test_samples_go_after_a_year_and_guests_browsers_after_a_month_and_names_stay(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(minutes=30),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        reyes: Staff = await accounts.staff_of(tx, cast.reyes)
        facts = {"role": "interpreter", "name": "Ana Example", "email": None}
        invitation = await guests.invite(tx, encounter_id=visit.id, by=reyes, now=clock.now(), **facts)
        token = store.token_for(tx, invitation.id)
        await guests.enter(tx, token=token, cookie="c" * 43, now=clock.now())
        sample = Sample(
            seat="patient", at=clock.now(), route="udp", word="good", side=None, figures=Figures()
        )
        await call_quality.keep(tx, [(str(visit.id), sample)])
    kept = {name: await rows(database, name) for name in ("invitations", "audit_events", "encounters")}
    clock.advance(days=30)
    assert await forget(database, clock) == 0, "thirty days after the visit, not after the invitation"
    clock.advance(days=2)
    assert await forget(database, clock) == 1
    assert (await rows(database, "guest_sessions"), await rows(database, "call_samples")) == (0, 1)
    clock.advance(days=334)
    assert await forget(database, clock) == 1
    assert await rows(database, "call_samples") == 0
    assert {name: await rows(database, name) for name in kept} == kept
