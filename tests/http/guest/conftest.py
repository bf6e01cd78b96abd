"""A visit of Mira's in half an hour, an interpreter invited into it, and browsers that came this or that far."""

from datetime import timedelta

import pytest
from aiohttp import web

from server.app import create_app
from server.care.access import Staff
from server.care.encounter import Encounter
from server.care.guests import Invitation
from server.services import appointments, guests
from server.store import guests as store
from tests.builders import house_config
from tests.conftest import Visitor
from tests.http.signalling.stage import ANSWERS
from tests.people import MIRA_BORN, Cast

ANA = "Ana Example"


@pytest.fixture
async def app(database, clock, cast, port, tmp_path) -> web.Application:
    """With the relay and the rooms."""
    return create_app(house_config(port=port, data=tmp_path), database=database, clock=clock)


@pytest.fixture
async def visit(database, clock, cast: Cast) -> Encounter:
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(minutes=30),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


@pytest.fixture
def invite(database, clock, visit: Encounter, cast: Cast):  # type: ignore[no-untyped-def]
    """`await invite("sitter", "Ben")`: the invitation and its link's token."""
    reyes = Staff(account_id=cast.reyes, name="Dr. Ines Reyes", roles=frozenset({"clinician"}))

    async def one(
        role: str = "interpreter", name: str = ANA, email: str | None = None
    ) -> tuple[Invitation, str]:
        async with database.write() as tx:
            made = await guests.invite(
                tx, encounter_id=visit.id, role=role, name=name, email=email, by=reyes, now=clock.now()
            )
            return made, store.token_for(tx, made.id)

    return one


@pytest.fixture
async def invitation(invite) -> tuple[Invitation, str]:  # type: ignore[no-untyped-def]
    return await invite()


@pytest.fixture
async def holder(new_visitor, invitation) -> Visitor:  # type: ignore[no-untyped-def]
    """Pressed Continue; no name yet."""
    browser = await new_visitor()
    await browser.post(f"/guest/join/{invitation[1]}")
    return browser


@pytest.fixture
async def ana(holder: Visitor, invitation) -> Visitor:  # type: ignore[no-untyped-def]
    """Said who she is."""
    await holder.post(f"/guest/name/{invitation[0].id}", name=ANA)
    return holder


@pytest.fixture
async def mira(new_visitor, database, visit: Encounter) -> Visitor:  # type: ignore[no-untyped-def]
    """In front of the waiting room's door."""
    async with database.read() as tx:
        token = appointments.token_of(tx, visit)
    browser = await new_visitor()
    await browser.post(f"/visit/join/{token}")
    await browser.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
    await browser.post(f"/visit/entry/{visit.id}", **ANSWERS)
    return browser


@pytest.fixture
def room(visit: Encounter) -> str:
    return str(visit.id)
