"""Two records of one person on the desk's card and on the chart: asked about, flagged, parted."""

import pytest

from server.services import patients, safety, twins
from server.store import audit
from tests.people import MIRA_BORN


@pytest.fixture
async def second(database, cast, clock) -> str:
    """Mira, registered again without her address."""
    async with database.write() as tx:
        patient = await patients.register(
            tx,
            name="Mira Lindquist",
            date_of_birth=MIRA_BORN,
            email=None,
            phone=None,
            time_zone="America/Denver",
            language="en",
            by=cast.ada,
            now=clock.now(),
        )
    return patient.id


async def test_the_desk_flags_and_both_charts_lead_to_each_other(
    ada, reyes, booked, second, cast, words
) -> None:
    asked = words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert "Is this the same person? Mira Lindquist , born April 17, 1990" in asked
    assert "Alike: name and date of birth" in asked
    answer = await ada.post(f"/desk/visit/{booked.id}/twin", other=second, answer="one")
    assert answer.location == f"/desk/visit/{booked.id}"
    assert "May be the same person." in words((await ada.get(answer.location)).text)
    for mine, theirs in ((cast.mira, second), (second, cast.mira)):
        page = await reyes.get(f"/clinic/chart/{mine}")
        assert f'href="/clinic/chart/{theirs}"' in page.text
        assert "flagged by Ada Quill" in words(page.text)


async def test_a_clinician_parts_them_and_nobody_is_asked_again(
    ada, reyes, booked, second, cast, database, words
) -> None:
    answer = await reyes.post(f"/clinic/chart/{second}/twin", other=cast.mira, answer="two")
    assert answer.location == f"/clinic/chart/{second}"
    assert "same person" not in words((await reyes.get(answer.location)).text)
    assert "same person" not in words((await ada.get(f"/desk/visit/{booked.id}")).text)


async def test_a_chart_that_shows_something_of_the_other_record_leaves_a_row_on_its_trail(
    reyes, second, cast, database, clock
) -> None:
    async with database.write() as tx:
        await safety.press(tx, patient_id=second, kind="something-wrong", event_id="press", now=clock.now())
    assert "Treatment on hold" in (await reyes.get(f"/clinic/chart/{cast.mira}")).text
    async with database.read() as tx:
        newest = (await audit.newest(tx, patient_id=second, limit=1))[0]
    assert (newest.action, newest.actor) == ("twin-read", cast.reyes)


async def test_an_answer_that_makes_no_sense_changes_nothing(
    ada, reyes, booked, second, cast, database
) -> None:
    base = f"/desk/visit/{booked.id}/twin"
    assert (await ada.post(base, other=second, answer="perhaps")).status == 400
    assert (await ada.post(base, other="0" * 32, answer="one")).status == 404
    assert (await ada.post(base, other=cast.mira, answer="one")).status == 404
    assert (await reyes.post(f"/clinic/chart/{cast.mira}/twin", answer="one")).status == 404
    async with database.read() as tx:
        assert await twins.flagged(tx, cast.mira) == []
