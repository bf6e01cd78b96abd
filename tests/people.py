"""The cast. Ada runs the front desk, Dr Reyes and Dr Okafor see patients, Petra administers; Mira is Dr Reyes's
patient, and Tomas is the one who must see nothing of Mira's."""

from dataclasses import dataclass
from datetime import date, time

from server.services import accounts, patients, practice
from server.store.database import Database
from server.web.clock import Clock

WEEKDAY_HOURS = tuple((weekday, time(8), time(18)) for weekday in range(5))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """Ids: accounts by first name, practitioners, and the two patients."""

    ada: str
    petra: str
    reyes: str
    okafor: str
    dr_reyes: str
    dr_okafor: str
    mira: str
    tomas: str


MIRA_BORN = date(1990, 4, 17)
TOMAS_BORN = date(1984, 9, 2)


async def settle(database: Database, clock: Clock) -> Cast:
    """Puts the cast and the clinic's two visit types into an empty database."""
    now = clock.now()
    async with database.write() as tx:
        await practice.add_default_visit_types(tx)
        ada = await _account(tx, "Ada Quill", "ada@harbor.example", {"front-desk"}, now)
        petra = await _account(tx, "Petra Lund", "petra@harbor.example", {"administrator"}, now)
        reyes = await _account(tx, "Dr. Ines Reyes", "reyes@harbor.example", {"clinician"}, now)
        okafor = await _account(tx, "Dr. Chidi Okafor", "okafor@harbor.example", {"clinician"}, now)
        dr_reyes = await accounts.add_practitioner(
            tx, account_id=reyes, name="Dr. Ines Reyes", time_zone="America/Denver", hours=WEEKDAY_HOURS
        )
        dr_okafor = await accounts.add_practitioner(
            tx, account_id=okafor, name="Dr. Chidi Okafor", time_zone="America/New_York", hours=WEEKDAY_HOURS
        )
        mira = await patients.register(
            tx,
            name="Mira Lindqvist",
            date_of_birth=MIRA_BORN,
            email="mira@example.org",
            phone="(303) 555-0142",
            time_zone="America/Denver",
            language="en",
            by=ada,
            now=now,
        )
        tomas = await patients.register(
            tx,
            name="Tomas Brandt",
            date_of_birth=TOMAS_BORN,
            email="tomas@example.org",
            phone="(212) 555-0167",
            time_zone="America/New_York",
            language="en",
            by=ada,
            now=now,
        )
    return Cast(
        ada=ada,
        petra=petra,
        reyes=reyes,
        okafor=okafor,
        dr_reyes=dr_reyes,
        dr_okafor=dr_okafor,
        mira=mira.id,
        tomas=tomas.id,
    )


async def _account(tx, name, email, roles, now):  # type: ignore[no-untyped-def]
    return await accounts.create(
        tx, name=name, email=email, roles=frozenset(roles), password_hash=None, now=now
    )
