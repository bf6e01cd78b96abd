"""Everybody in the invented clinic. Nobody here exists, and the numbers are ones nobody can have."""

from dataclasses import dataclass
from datetime import date, time

WORKING_HOURS = tuple((weekday, time(8), time(18)) for weekday in range(5))


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Staff. `zone` only for those patients are booked with."""

    key: str
    name: str
    roles: frozenset[str]
    zone: str | None = None
    languages: tuple[str, ...] = ("en",)
    # (state, last day counted from the day the clinic is filled; None: without end)
    licences: tuple[tuple[str, int | None], ...] = ()

    @property
    def email(self) -> str:
        return f"{self.key}@harbor.example"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """A patient; `sees` is the key of their psychiatrist."""

    key: str
    name: str
    born: date
    phone: str
    zone: str
    sees: str
    state: str
    language: str = "en"

    @property
    def email(self) -> str:
        return f"{self.key}@mail.example"


REYES = Person(
    key="reyes",
    name="Dr. Ines Reyes",
    roles=frozenset({"clinician"}),
    zone="America/Denver",
    languages=("en", "es"),
    licences=(("AZ", 20), ("CA", None), ("CO", None), ("NM", 200)),
)
OKAFOR = Person(
    key="okafor",
    name="Dr. Chidi Okafor",
    roles=frozenset({"clinician"}),
    zone="America/New_York",
    languages=("en", "es"),
    licences=(("FL", 500), ("IL", 90), ("NY", None), ("PA", 300)),
)
# On leave next week.
MARIN = Person(
    key="marin",
    name="Dr. Noa Marin",
    roles=frozenset({"clinician"}),
    zone="America/Los_Angeles",
    languages=("en", "fr"),
    licences=(("CA", None), ("AZ", 250), ("IL", 250)),
)
ADA = Person(key="ada", name="Ada Quill", roles=frozenset({"front-desk"}))
PETRA = Person(key="petra", name="Petra Lund", roles=frozenset({"administrator"}))
STAFF = (REYES, OKAFOR, MARIN, ADA, PETRA)

MIRA = Guest(
    key="mira",
    name="Mira Lindqvist",
    born=date(1990, 4, 17),
    phone="(303) 555-0142",
    zone="America/Denver",
    sees="reyes",
    state="CO",
)
ROBIN = Guest(
    key="robin",
    name="Robin Tinhart (robot)",
    born=date(2001, 1, 1),
    phone="(303) 555-0199",
    zone="America/Los_Angeles",
    sees="reyes",
    state="CA",
)
PATIENTS = (
    MIRA,
    ROBIN,
    Guest(
        key="otto",
        name="Otto Featherstone",
        born=date(1972, 11, 3),
        phone="(505) 555-0118",
        zone="America/Denver",
        sees="reyes",
        state="NM",
    ),
    Guest(
        key="juniper",
        name="Juniper Vale",
        born=date(1998, 7, 29),
        phone="(602) 555-0121",
        zone="America/Phoenix",
        sees="reyes",
        state="AZ",
    ),
    Guest(
        key="basil",
        name="Basil Thornquist",
        born=date(1966, 2, 12),
        phone="(212) 555-0133",
        zone="America/New_York",
        sees="okafor",
        state="NY",
    ),
    Guest(
        key="paloma",
        name="Paloma Finch",
        born=date(1985, 9, 8),
        phone="(305) 555-0155",
        zone="America/New_York",
        sees="okafor",
        state="FL",
        language="es",
    ),
    Guest(
        key="cosmo",
        name="Cosmo Brightwater",
        born=date(1993, 12, 21),
        phone="(312) 555-0161",
        zone="America/Chicago",
        sees="okafor",
        state="IL",
    ),
    Guest(
        key="pearl",
        name="Pearl Underhill",
        born=date(1958, 5, 30),
        phone="(215) 555-0177",
        zone="America/New_York",
        sees="okafor",
        state="PA",
    ),
)
