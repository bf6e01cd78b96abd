"""Kinds of visit: looked at before they are saved, nothing typed lost on a refusal, retired and never deleted."""

import html
import re

import pytest

from server.services import appointments, moving, practice
from tests.clocks import MONDAY_MORNING

FAMILY = {
    "name": "Family talk",
    "name_es": "Charla familiar",
    "minutes": "45",
    "before": "5",
    "after": "10",
    "notice": "24",
    "horizon": "60",
    "cut_off": "12",
    "preparation": "Bring whoever you like.",
    "preparation_es": "Traiga a quien quiera.",
    "public": "yes",
}


@pytest.fixture
async def petra(sign_in, cast):
    return await sign_in(cast.petra)


async def kinds(database) -> dict[str, practice.Kind]:
    async with database.read() as tx:
        return {kind.code: kind for kind in await practice.every_visit_type(tx)}


async def test_the_list_shows_every_kind(petra) -> None:
    page = await petra.get("/admin/visit-types")
    assert page.status == 200
    for name in (
        "First visit",
        "Check-in",
        "Review after a session",
        "Refill review",
        "Extra visit",
        "Test call",
    ):
        assert name in page.text


async def test_a_new_kind_is_previewed_without_being_saved_and_then_added(petra, database, cast) -> None:
    before = await kinds(database)
    page = await petra.post("/admin/visit-types", step="preview", **FAMILY)
    assert page.status == 200 and await kinds(database) == before
    assert "Charla familiar" in page.text and "Traiga a quien quiera." in page.text

    holder = {f"holder-{cast.dr_reyes}": "yes"}
    page = await petra.post("/admin/visit-types", step="save", **FAMILY, **holder)
    assert (page.status, page.location) == (303, "/admin/visit-types")
    made = (await kinds(database))["family-talk"]
    assert (practice.minutes(made.length), practice.minutes(made.buffer_before)) == (45, 5)
    assert (practice.minutes(made.minimum_notice), made.horizon.days) == (24 * 60, 60)
    assert (made.held_by, made.public, made.name_es) == ({cast.dr_reyes}, True, "Charla familiar")


async def test_the_preview_counts_next_weeks_free_times_as_they_would_be(petra) -> None:
    changed = {"minutes": "60", "before": "0", "after": "0", "notice": "0", "cut_off": "12"}
    page = await petra.post("/admin/visit-types/check-in", step="preview", name="Check-in", **changed)
    monday = re.search(
        r'<th scope="row">Mon, Nov 30</th>\s*<td class="n">(\d+) <span class="soft">now (\d+)', page.text
    )
    # Two people, 08:00 to 18:00: an hour has 37 starts on the quarter hour, half an hour 39.
    assert (monday[1], monday[2]) == ("74", "78")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("minutes", "0"),
        ("minutes", "half an hour"),
        ("after", "-1"),
        ("notice", "x"),
        ("horizon", "0"),
    ],
)
async def test_a_refusal_keeps_what_was_typed(petra, database, field: str, typed: str) -> None:
    before = await kinds(database)
    page = await petra.post("/admin/visit-types", step="save", **FAMILY | {field: typed})
    assert page.status == 422 and await kinds(database) == before
    assert f'id="{field}-problem"' in page.text
    for name, value in (FAMILY | {field: typed}).items():
        if name != "public" and value:
            assert html.escape(value) in page.text, name


async def test_a_name_that_is_taken_is_said(petra) -> None:
    page = await petra.post("/admin/visit-types", step="save", **FAMILY | {"name": "Check in"})
    assert page.status == 409 and "of this name already" in html.unescape(page.text)


async def test_a_retired_kind_is_not_booked_and_keeps_the_visits_there_are(
    petra, database, cast, clock
) -> None:
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="refill-review",
            starts_at=MONDAY_MORNING.replace(hour=18),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    assert (await petra.post("/admin/visit-types/refill-review/retirement")).status == 303
    async with database.write() as tx:
        assert "refill-review" not in {kind.code for kind in await practice.visit_types(tx)}
        assert (await practice.visit_type(tx, "refill-review")).retired
        with pytest.raises(practice.NoSuchChoice):
            await appointments.book(
                tx,
                patient_id=cast.tomas,
                practitioner_id=cast.dr_reyes,
                visit_type="refill-review",
                starts_at=MONDAY_MORNING.replace(hour=20),
                mode="video",
                booked_by=cast.ada,
                now=clock.now(),
            )
        moved = MONDAY_MORNING.replace(hour=21)
        was = visit.planned_starts_at
        await moving.reschedule(tx, visit.id, starts_at=moved, was_at=was, by=cast.ada, now=clock.now())
    assert (await petra.post("/admin/visit-types/refill-review/return")).status == 303
    assert not (await kinds(database))["refill-review"].retired


async def test_the_last_kind_stays(petra, database) -> None:
    codes = list(await kinds(database))
    answers = [await petra.post(f"/admin/visit-types/{code}/retirement") for code in codes]
    assert [answer.status for answer in answers] == [303] * 5 + [409]


async def test_an_unknown_kind_is_no_page(petra) -> None:
    assert (await petra.get("/admin/visit-types/massage")).status == 404
    assert (await petra.post("/admin/visit-types/massage", step="save", **FAMILY)).status == 404
