"""/admin/connections: the calls of the last days, the worst first, by route, as a page and as a file."""

import csv
import io
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from server.care.call_quality import Figures, Sample
from server.care.encounter import PresenceEvent
from server.services import appointments, call_quality, visits
from server.store.database import Database
from tests.clocks import StoppedClock
from tests.conftest import Visitor
from tests.people import Cast

Call = Callable[..., Awaitable[str]]


@pytest.fixture
def a_call(database: Database, clock: StoppedClock, cast: Cast) -> Call:
    """`await a_call(weak=6, route="tcp", days_ago=2)`: ten minutes with so many weak samples; the visit's id."""
    booked = 0

    async def make(*, weak: int = 0, route: str = "udp", days_ago: int = 0, side: str = "up") -> str:
        nonlocal booked
        booked += 1
        began = clock.now() - timedelta(days=days_ago)
        async with database.write() as tx:
            visit = await appointments.book(
                tx,
                patient_id=cast.mira,
                practitioner_id=cast.dr_reyes,
                visit_type="check-in",
                starts_at=clock.now() + timedelta(hours=2 * booked),
                mode="video",
                booked_by=cast.ada,
                now=clock.now(),
            )
            taken = [
                (
                    str(visit.id),
                    Sample(
                        seat=seat,
                        at=began + timedelta(seconds=10 * n),
                        route=route if seat == "patient" else "udp",
                        word="weak" if seat == "patient" and n < weak else "good",
                        side=side if seat == "patient" and n < weak else None,
                        figures=Figures(rtt_ms=80, loss_up=0.025, frozen_ms=100),
                    ),
                )
                for seat in ("patient", "clinician")
                for n in range(60)
            ]
            await call_quality.keep(tx, taken)
        return str(visit.id)

    return make


def visits_on(page: str) -> list[str]:
    return re.findall(r'title="([0-9a-z-]+)">Visit', page)


async def test_without_a_call_it_says_so(petra: Visitor) -> None:
    page = (await petra.get("/admin/connections")).text
    assert "No call has been measured yet." in page
    assert "<table" not in page
    assert "Save as CSV" not in page


async def test_the_call_that_was_weak_longest_comes_first(petra: Visitor, a_call: Call) -> None:
    good, worst, bad = await a_call(), await a_call(weak=30), await a_call(weak=6, side="down")
    page = (await petra.get("/admin/connections")).text
    assert visits_on(page) == [worst, bad, good]
    rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in page.split("<tr>")[2:]]
    assert rows[0].endswith("Patient UDP 10 min 5 min – 6 s 80 2.5 – –")
    assert rows[2].endswith("Patient UDP 10 min – 60 s 6 s 80 2.5 – –")


async def test_no_patient_is_named(petra: Visitor, a_call: Call) -> None:
    await a_call(weak=6)
    for path in ("/admin/connections", "/admin/connections/file"):
        page = (await petra.get(path)).text
        assert "Reyes" in page
        for secret in ("Lindqvist", "Mira", "mira@example.org"):
            assert secret not in page


async def test_a_way_can_be_looked_at_alone(petra: Visitor, a_call: Call) -> None:
    await a_call()
    by_tcp = await a_call(weak=15, route="tcp")
    page = (await petra.get("/admin/connections")).text
    assert re.search(r"<b>TCP</b> 1 call, 25.0 % weak", page)
    assert re.search(r"<b>UDP</b> 2 calls, 0.0 % weak", page)
    assert visits_on((await petra.get("/admin/connections?route=tcp")).text) == [by_tcp]
    assert "Nobody came this way." in (await petra.get("/admin/connections?route=turn-tls")).text


async def test_what_is_older_than_thirty_days_is_left_out(petra: Visitor, a_call: Call) -> None:
    await a_call(days_ago=31)
    lately = await a_call(days_ago=29)
    assert visits_on((await petra.get("/admin/connections")).text) == [lately]


async def test_interruptions_stand_beside_the_call(
    petra: Visitor, a_call: Call, database: Database, clock: StoppedClock
) -> None:
    visit = await a_call()
    async with database.write() as tx:
        for kind in ("call-interrupted", "call-resumed", "call-interrupted"):
            event = PresenceEvent(seat="patient", kind=kind, at=clock.now())
            await visits.record(tx, encounter_id=visit, event=event)
    assert "interrupted 2 times" in (await petra.get("/admin/connections")).text


async def test_the_file_has_a_line_for_each_side(petra: Visitor, a_call: Call, clock: StoppedClock) -> None:
    visit = await a_call(weak=30, route="tcp")
    response = await petra.client.get("/admin/connections/file")
    assert response.content_type == "text/csv"
    assert f"connections-{clock.now():%Y-%m-%d}.csv" in response.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(await response.text())))
    assert [(line["visit"], line["seat"], line["route"]) for line in lines] == [
        (visit, "patient", "tcp"),
        (visit, "clinician", "udp"),
    ]
    patient = lines[0]
    assert (patient["psychiatrist"], patient["seconds"], patient["weak_sending"]) == (
        "Dr. Ines Reyes",
        "600",
        "300",
    )
    assert (patient["rtt_ms"], patient["loss_up"], patient["jitter_ms"]) == ("80", "0.025", "")


async def test_only_the_worst_hundred_are_shown(
    petra: Visitor, a_call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.handlers.admin.connections.SHOWN", 2)
    for _ in range(3):
        await a_call()
    page = (await petra.get("/admin/connections")).text
    assert len(visits_on(page)) == 2
    assert "The worst 2 of 3 calls. The CSV has them all." in page


async def test_odd_questions_are_answered(petra: Visitor) -> None:
    for query in ("route=%00", "route='--", "route=udp&route=tcp", "route=" + "x" * 3000):
        assert (await petra.get(f"/admin/connections?{query}")).status == 200
        assert (await petra.get(f"/admin/connections/file?{query}")).status == 200
