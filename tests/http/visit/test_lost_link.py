""" "I lost my link": the same answer for everybody, and the links go to whom the record names."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.jobs.lost_links import answer_everybody
from server.services import appointments, outgoing, patients, sending
from server.store.tables import metadata
from tests.clocks import MONDAY_MORNING

ASKED = "/visit/lost-link?asked"


@pytest.fixture
async def coming(database, cast, clock):
    """Mira's visit in two hours; its confirmation has left."""
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        for each in await sending.due(tx, now=clock.now()):
            await sending.sent(tx, each, now=clock.now())
    return visit


@pytest.fixture
def leaves(app, database, clock):
    """What leaves after the question: kind, channel, and where it goes."""

    async def look() -> list[tuple[str, str, str]]:
        await answer_everybody(app)
        async with database.write() as tx:
            claimed = [
                await sending.claim(tx, each, now=clock.now())
                for each in await sending.due(tx, now=clock.now())
            ]
        return [(each.kind, each.channel, each.to) for each in claimed if each]

    return look


@pytest.mark.parametrize(
    "typed", ["mira@example.org", " MIRA@Example.org ", "303 555 0142", "+1 (303) 555-0142"]
)
async def test_the_link_goes_to_whom_the_record_names(stranger, coming, leaves, typed) -> None:
    assert (await stranger.post("/visit/lost-link", contact=typed)).location == ASKED
    assert await leaves() == [("link", "email", "mira@example.org")]


async def test_it_goes_the_way_its_patient_wants(stranger, coming, leaves, database, cast, clock) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="sms", by=cast.ada, now=clock.now())
    await stranger.post("/visit/lost-link", contact="mira@example.org")
    assert await leaves() == [("link", "sms", "(303) 555-0142")]


async def test_nobody_learns_who_is_a_patient_here(stranger, coming, database, words) -> None:
    """The same page, and the same work while somebody waits for it: one row that names nobody."""
    pages, rows = [], []
    for typed in ("mira@example.org", "nobody@example.org", "+49 30 901820", "tomas@example.org"):
        answer = await stranger.post("/visit/lost-link", contact=typed)
        pages.append((answer.status, answer.location, words((await stranger.get(answer.location)).text)))
        async with database.read() as tx:
            rows.append(len(await tx.all(select(metadata.tables["lost_links"]))))
            assert len(await tx.all(select(metadata.tables["outbox"]))) == 1
    assert len(set(pages)) == 1 and rows == [1, 2, 3, 4]
    assert "If we know this address or number" in pages[0][2] and "(303) 555-0100" in pages[0][2]


async def test_a_stranger_is_sent_nothing(stranger, coming, leaves) -> None:
    await stranger.post("/visit/lost-link", contact="nobody@example.org")
    assert await leaves() == []


@pytest.mark.parametrize("typed", ["", "mira", "Lindqvist", "555-01", "mira@", "a@b c@d", "@"])
async def test_a_name_is_no_address(stranger, coming, leaves, words, typed) -> None:
    page = await stranger.post("/visit/lost-link", contact=typed)
    assert page.status == 422 and "Type the e-mail address or the phone number" in words(page.text)
    assert await leaves() == []


async def test_asking_again_and_again_sends_once_an_hour_and_then_has_to_wait(
    stranger, coming, leaves, clock, words
) -> None:
    for _ in range(5):
        assert (await stranger.post("/visit/lost-link", contact="mira@example.org")).status == 303
    refused = await stranger.post("/visit/lost-link", contact="mira@example.org")
    assert refused.status == 429 and "Please wait a few minutes" in words(refused.text)
    assert len(await leaves()) == 1
    clock.advance(minutes=2)
    assert (await stranger.post("/visit/lost-link", contact="mira@example.org")).status == 303
    # Still the same hour; the first one is in somebody's hands until it is marked.
    assert {kind for kind, _, _ in await leaves()} <= {"link"}


@pytest.mark.parametrize(("minutes", "sent"), [(59, 0), (61, 1)])
async def test_the_hour_begins_with_the_link_and_not_with_the_clocks(
    app, stranger, coming, database, clock, minutes, sent
) -> None:
    """Asked at 9:40, there is none at 10:39, though another hour has begun, and one at 10:41."""
    clock.advance(minutes=40)
    await stranger.post("/visit/lost-link", contact="mira@example.org")
    await answer_everybody(app)
    clock.advance(minutes=minutes)
    await stranger.post("/visit/lost-link", contact="mira@example.org")
    await answer_everybody(app)
    async with database.read() as tx:
        written = [each for each in await outgoing.history(tx, coming.id) if each.kind == "link"]
    assert len(written) == 1 + sent


async def test_who_asks_here_is_not_kept_from_signing_in(stranger, app) -> None:
    for _ in range(6):
        await stranger.post("/visit/lost-link", contact="ada@harbor.example")
    assert (await stranger.post("/sign-in", email="ada@harbor.example", password="wrong")).status == 403


async def test_a_visit_that_is_over_or_locked_has_no_link_to_send(
    stranger, coming, leaves, database, clock, cast
) -> None:
    async with database.write() as tx:
        await appointments.cancel(tx, coming.id, reason="ill", by=cast.ada, now=clock.now())
        for each in await sending.due(tx, now=clock.now()):
            await sending.sent(tx, each, now=clock.now())
    await stranger.post("/visit/lost-link", contact="mira@example.org")
    assert await leaves() == []


@pytest.mark.parametrize("address", ["/visit/join/unknown", "/visit/waiting/unknown", "/sign-in"])
async def test_whoever_stands_before_a_closed_door_is_shown_the_way(stranger, address) -> None:
    assert 'href="/visit/lost-link"' in (await stranger.get(address)).text
