"""The front desk reads the same counts as administrators: no name, no note, nothing a visit was for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.store import encounters


@pytest.fixture
async def held(database, booked, clock):
    """Mira's visit began nine minutes late, and is over."""
    began = booked.planned_starts_at + timedelta(minutes=9)
    clock.advance(hours=2)
    async with database.write() as tx:
        changed = replace(
            booked,
            status="finished",
            arrived_at=booked.planned_starts_at,
            started_at=began,
            finished_at=began + timedelta(minutes=20),
            version=booked.version + 1,
        )
        return await encounters.save(tx, changed)


@pytest.mark.parametrize("path", ["/desk/reports", "/desk/reports/file"])
async def test_the_desk_reads_the_same_figures_as_administrators(held, ada, petra, path) -> None:
    theirs, ours = (await petra.get(path.replace("/desk/", "/admin/"))).text, (await ada.get(path)).text
    assert table_of(ours) == table_of(theirs)
    assert "9.0" in ours


def table_of(page: str) -> str:
    return page.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0] if "<tbody>" in page else page


@pytest.mark.parametrize("path", ["/desk/reports", "/desk/reports/file"])
async def test_no_patient_is_named_and_nothing_is_said_of_what_it_was_for(held, ada, path) -> None:
    text = (await ada.get(path)).text
    for secret in ("Lindqvist", "Mira", "mira@example.org", held.id, "Check-in", "check-in"):
        assert secret not in text


async def test_everything_on_the_page_leads_where_the_desk_may_go(held, ada, cast) -> None:
    page = (await ada.get(f"/desk/reports?practitioner={cast.dr_reyes}")).text
    assert "/admin/reports" not in page
    assert f'href="/desk/reports/file?practitioner={cast.dr_reyes}"' in page
    assert (await ada.get("/admin/reports")).status == 403
    assert 'href="/desk/reports"' in (await ada.get("/desk/today")).text


async def test_clinicians_have_no_part_in_it(reyes) -> None:
    assert (await reyes.get("/desk/reports")).status == 403
