"""/admin/reports: by week, as drawings, as a table and as a file; of everybody or one psychiatrist."""

import csv
import io
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from server.care.encounter import PresenceEvent
from server.services import accounts, appointments, no_shows, visits
from server.store import encounters
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.conftest import Visitor
from tests.people import Cast

A_visit = Callable[..., Awaitable[str]]
STEPS = (("patient", "joined", -4), ("clinician", "joined", 0), ("patient", "admitted", 0))


@pytest.fixture
def clock() -> StoppedClock:
    """Wednesday, with Monday's visits behind us."""
    return StoppedClock(MONDAY_MORNING + timedelta(days=2))


@pytest.fixture
def a_visit(database: Database, cast: Cast) -> A_visit:
    """`await a_visit(hours=1, began=8)`: on Monday, so many hours after nine; held unless `began` is None."""

    async def make(
        *,
        hours: float = 1,
        began: float | None = 0,
        with_whom: str = "",
        steps: tuple[tuple[str, str, int], ...] = STEPS,
    ) -> str:
        due = MONDAY_MORNING + timedelta(hours=hours)
        async with database.write() as tx:
            visit = await appointments.book(
                tx,
                patient_id=cast.mira,
                practitioner_id=with_whom or cast.dr_reyes,
                visit_type="check-in",
                starts_at=due,
                mode="video",
                booked_by=cast.ada,
                now=MONDAY_MORNING,
            )
            if began is None:
                return str(visit.id)
            for seat, kind, minutes in steps:
                event = PresenceEvent(seat=seat, kind=kind, at=due + timedelta(minutes=minutes))
                await visits.record(tx, encounter_id=visit.id, event=event)
            started = due + timedelta(minutes=began)
            await encounters.save(
                tx,
                replace(
                    visit,
                    status="finished",
                    arrived_at=due - timedelta(minutes=4),
                    started_at=started,
                    finished_at=started + timedelta(minutes=20),
                    version=visit.version + 1,
                ),
            )
        return str(visit.id)

    return make


def row(page: str, number: int = 0) -> list[str]:
    """The table's row, the newest week first, in words."""
    body = page.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", body.split("<tr>")[number + 1], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


async def test_a_clinic_without_a_visit_reads_so(petra: Visitor) -> None:
    page = (await petra.get("/admin/reports")).text
    assert "There was no visit in these twelve weeks." in page
    assert "<table" not in page


async def test_the_week_is_counted(petra: Visitor, a_visit: A_visit) -> None:
    await a_visit(steps=(*STEPS, ("patient", "call-started", 0)))
    await a_visit(hours=2, began=9)
    await a_visit(hours=3, began=None)
    page = (await petra.get("/admin/reports")).text
    assert row(page) == [
        "48 Mon, Nov 23 so far",
        *("3", "2", "–", "1", "–"),
        *("4.0", "13.0", "1", "–"),
        *("2", "1", "–", "–", "–"),
    ]
    assert len(page.split("<tbody>")[1].split("<tr>")) == 13


async def test_what_is_to_come_is_not_counted_yet(petra: Visitor, a_visit: A_visit) -> None:
    await a_visit(hours=49, began=None)
    assert "There was no visit" in (await petra.get("/admin/reports")).text


async def test_a_no_show_is_a_persons_word_and_says_whether_we_were_there(
    petra: Visitor, a_visit: A_visit, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    missed = await a_visit(began=None)
    before = row((await petra.get("/admin/reports")).text)
    assert before[3] == "–"
    async with database.write() as tx:
        ada = await accounts.staff_of(tx, cast.ada)
        visit = await appointments.visit(tx, missed)
        now = clock.now()
        await no_shows.decide(tx, visit, outcome="rang", words="", by=ada, day_ends=now, now=now)
    assert row((await petra.get("/admin/reports")).text)[3] == "1 (1 with nobody of ours)"


async def test_one_psychiatrist_can_be_looked_at_alone(petra: Visitor, a_visit: A_visit, cast: Cast) -> None:
    await a_visit()
    assert "<table" in (await petra.get(f"/admin/reports?practitioner={cast.dr_reyes}")).text
    other = (await petra.get(f"/admin/reports?practitioner={cast.dr_okafor}")).text
    assert "There was no visit" in other
    assert (await petra.get("/admin/reports?practitioner=nobody")).status == 404


async def test_the_drawings_have_names_and_the_figures_stand_below(petra: Visitor, a_visit: A_visit) -> None:
    await a_visit()
    page = (await petra.get("/admin/reports")).text
    names = re.findall(r'role="img" aria-label="([^"]+)"', page)
    assert [name.split(" by week")[0] for name in names] == [
        *("Visits", "In the waiting room", "Late starts", "Calls that went wrong"),
    ]
    assert 'aria-labelledby="figures"' in page


async def test_no_patient_is_named(petra: Visitor, a_visit: A_visit) -> None:
    visit = await a_visit()
    for path in ("/admin/reports", "/admin/reports/file"):
        page = (await petra.get(path)).text
        for secret in ("Lindqvist", "Mira", "mira@example.org", visit):
            assert secret not in page


async def test_the_file_has_a_line_a_week(petra: Visitor, a_visit: A_visit) -> None:
    await a_visit(began=9)
    response = await petra.client.get("/admin/reports/file")
    assert response.content_type == "text/csv"
    assert "reports-2026-11-23.csv" in response.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(await response.text())))
    assert [line["week"] for line in lines][-2:] == ["2026-W47", "2026-W48"]
    assert len(lines) == 12
    last = lines[-1]
    assert (last["visits"], last["late"], last["late_patient"], last["never_connected"]) == (
        "1",
        "1",
        "0",
        "1",
    )
    assert (last["median_wait_minutes"], lines[0]["median_wait_minutes"]) == ("13.0", "")


async def test_many_visits_take_no_more_statements_than_one(
    petra: Visitor,
    a_visit: A_visit,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    await a_visit()
    with statements() as few:
        await petra.get("/admin/reports")
    for n in range(3):
        await a_visit(hours=2 + n)
    with statements() as many:
        await petra.get("/admin/reports")
    assert len(many) == len(few)


async def test_odd_questions_are_answered(petra: Visitor) -> None:
    for query in ("practitioner=%00", "practitioner='--", "practitioner=" + "x" * 3000):
        assert (await petra.get(f"/admin/reports?{query}")).status in (400, 404)
    assert (await petra.get("/admin/reports?practitioner=")).status == 200
