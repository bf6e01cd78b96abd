"""One person with two records: what is found alike, what is flagged, what is parted (experience.md, row 130)."""

from datetime import date, timedelta

import pytest

from server.services import patients, safety, twins
from server.services.patients import NoSuchPatient
from server.services.twins import EMAIL, NAME, PHONE
from server.store import audit
from tests.people import MIRA_BORN

pytestmark = pytest.mark.both_databases


@pytest.fixture
def register(database, cast, clock):
    async def one(name: str, *, born: date = MIRA_BORN, email: str = "", phone: str = "") -> str:
        async with database.write() as tx:
            patient = await patients.register(
                tx,
                name=name,
                date_of_birth=born,
                email=email,
                phone=phone,
                time_zone="America/Denver",
                language="en",
                by=cast.ada,
                now=clock.now(),
            )
        return patient.id

    return one


@pytest.fixture
def likely(database):
    async def of(patient_id: str) -> list[tuple[str, tuple[str, ...]]]:
        async with database.read() as tx:
            return [(each.patient.id, each.alike) for each in await twins.likely(tx, patient_id)]

    return of


@pytest.mark.parametrize(
    ("known", "alike"),
    [
        ({"name": "Miranda Lindqvist"}, (NAME,)),
        ({"name": "Lindqvíst, Mira"}, (NAME,)),
        ({"name": "Mira Berg-Lindqvist", "email": "MIRA@example.org"}, (NAME, EMAIL)),
        ({"name": "Somebody Else", "born": date(1950, 1, 1), "phone": "+1 303-555-0142"}, (PHONE,)),
        ({"name": "Somebody Else", "born": date(1950, 1, 1), "email": "mira@example.org"}, (EMAIL,)),
        ({"name": "Mira Lindqvist", "born": MIRA_BORN + timedelta(days=1)}, ()),
        ({"name": "Otto Featherstone"}, ()),
    ],
)
async def test_who_is_alike_is_found_from_either_side(register, likely, cast, known, alike) -> None:
    other = await register(**known)
    assert await likely(cast.mira) == ([(other, alike)] if alike else [])
    assert await likely(other) == ([(cast.mira, alike)] if alike else [])


async def test_whoever_has_both_names_is_found_among_many_with_one_of_them(
    register, likely, cast, monkeypatch
) -> None:
    """In a large clinic more names begin alike than are looked at."""
    monkeypatch.setattr(twins, "LOOKED_AT", 2)
    for number in range(8):
        await register(f"Mira Berg{number}", born=date(1950, 1, 1))
        await register(f"Anna Lindqvist{number}", born=date(1950, 1, 1))
    other = await register("Miranda Lindquist")
    assert await likely(cast.mira) == [(other, (NAME,))]
    assert await likely(other) == [(cast.mira, (NAME,))]


async def test_a_flag_stands_in_both_records_and_on_both_trails(
    register, likely, database, cast, clock
) -> None:
    other = await register("Mira Lindquist")
    async with database.write() as tx:
        await twins.say(tx, other, cast.mira, one_person=True, by=cast.ada, now=clock.now())
    for mine, theirs in ((cast.mira, other), (other, cast.mira)):
        async with database.read() as tx:
            [found] = await twins.flagged(tx, mine)
            newest = (await audit.newest(tx, patient_id=mine, limit=1))[0]
        assert (found.patient.id, found.flagged_by, found.flagged_at) == (theirs, "Ada Quill", clock.now())
        assert (newest.action, newest.object_id) == ("twin-flagged", theirs)
        assert await likely(mine) == [], "said once, it is not asked again"


async def test_two_people_are_never_asked_about_again_and_a_word_can_be_taken_back(
    register, likely, database, cast, clock
) -> None:
    other = await register("Mira Lindquist")
    for one_person, flags in ((True, 1), (False, 0), (True, 1)):
        async with database.write() as tx:
            await twins.say(tx, cast.mira, other, one_person=one_person, by=cast.reyes, now=clock.now())
            assert len(await twins.flagged(tx, other)) == flags
        assert await likely(other) == []


async def test_a_hold_in_the_other_record_is_not_overlooked(register, database, cast, clock) -> None:
    other = await register("Mira Lindquist")
    async with database.write() as tx:
        await safety.press(tx, patient_id=other, kind="something-wrong", event_id="press", now=clock.now())
        [found] = await twins.likely(tx, cast.mira)
    assert found.on_hold


async def test_a_record_is_not_its_own_twin_and_nobodys_is_none(database, cast, clock) -> None:
    for other in (cast.mira, "0" * 32):
        with pytest.raises(NoSuchPatient):
            async with database.write() as tx:
                await twins.say(tx, cast.mira, other, one_person=True, by=cast.ada, now=clock.now())
