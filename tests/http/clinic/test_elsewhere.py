"""clinical.md, S8: the patient is in another state than the clinician may treat in."""

from datetime import date

import pytest

from scheduling.licences import Licence
from server.services import licences, visits
from tests.clocks import MONDAY_MORNING
from tests.http.clinic.conftest import COMPLETE

QUESTION = "Is Mira Lindqvist in Nevada? You have no licence for it."


@pytest.fixture
async def licensed(database, cast) -> None:
    """Dr Reyes may treat in Arizona and California."""
    async with database.write() as tx:
        for state in ("AZ", "CA"):
            given = Licence(state=state, first_on=date(2024, 1, 1))
            await licences.add(tx, cast.dr_reyes, given, number="1", by=cast.petra, now=MONDAY_MORNING)


async def says(database, booked, clock, where: str) -> None:
    async with database.write() as tx:
        await visits.answer(
            tx,
            encounter_id=booked.id,
            where=where,
            call_back="(303) 555-0199",
            with_whom="Nobody",
            now=clock.now(),
        )


async def signature(reyes, ask, put, at, body: dict[str, str]) -> tuple[int, list[str]]:
    version = (await put(reyes, body)).body["version"]
    confirmed = (await ask(reyes, "POST", f"{at}/confirmation", {})).body["version"]
    assert confirmed > version
    answer = await ask(reyes, "POST", f"{at}/signature", {"version": confirmed})
    return answer.status, [each["name"] for each in answer.body.get("missing", [])]


async def test_s8_the_clinician_is_asked_and_the_note_needs_a_reason(
    reyes, database, booked, at, clock, licensed, ask, put, words
) -> None:
    await says(database, booked, clock, "3 Main Street, Reno, NV 89501")
    page = words((await reyes.get(at)).text)
    assert QUESTION in page and "only emergency care and rescheduling" in page
    assert await signature(reyes, ask, put, at, COMPLETE) == (422, ["jurisdiction"])


async def test_s8_with_the_reason_it_is_signed(
    reyes, database, booked, at, clock, licensed, ask, put
) -> None:
    await says(database, booked, clock, "3 Main Street, Reno, NV 89501")
    said = COMPLETE | {"jurisdiction": "Rescheduled only; back in Phoenix on Friday."}
    assert await signature(reyes, ask, put, at, said) == (200, [])


@pytest.mark.parametrize("where", ["9 Palm Way, Phoenix, AZ", "At my sister's"])
async def test_s8_at_home_or_nowhere_named_nothing_is_asked(
    reyes, database, booked, at, clock, licensed, ask, put, words, where: str
) -> None:
    await says(database, booked, clock, where)
    assert "You have no licence for it." not in words((await reyes.get(at)).text)
    assert await signature(reyes, ask, put, at, COMPLETE) == (200, [])


async def test_a_clinic_that_keeps_no_licences_is_asked_nothing(
    reyes, database, booked, at, clock, ask, put, words
) -> None:
    await says(database, booked, clock, "3 Main Street, Reno, NV 89501")
    assert "You have no licence for it." not in words((await reyes.get(at)).text)
    assert await signature(reyes, ask, put, at, COMPLETE) == (200, [])
