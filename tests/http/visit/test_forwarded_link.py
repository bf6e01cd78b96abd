"""clinical.md, S15: wrong patient's link forwarded.

Mira forwards her visit's link, or staff paste it to Tomas. The link alone names nobody; his browser is refused as soon
as we know whose it is; five wrong dates close the link; the desk can replace it; and an incident is drafted.
"""

import json
import re

import pytest
from aiohttp import web

from server.care.access import ADMINISTRATOR
from server.services import incidents, tasks
from server.store import links, outbox
from server.store import tasks as store
from server.store.tables import metadata
from server.web import keys
from tests.clocks import StoppedClock
from tests.devices import let_in
from tests.http.outsiders import empty_rooms
from tests.people import MIRA_BORN, TOMAS_BORN

REFUSED = "This link is for somebody else"


@pytest.fixture
def app(app: web.Application, clock: StoppedClock) -> web.Application:
    app[keys.ROOMS] = empty_rooms(clock)
    return app


@pytest.fixture
def drafted(database):
    """What waits for the administrators: kind, whose visit, whose browser."""

    async def of_administrators() -> list[tuple[str, str, str | None]]:
        async with database.read() as tx:
            found = await store.open_ones(tx, roles=[ADMINISTRATOR])
        return [(task.kind, task.patient_id, task.subject_id) for task in found]

    return of_administrators


async def test_the_link_alone_gives_nobodys_name(stranger, token, visit, words) -> None:
    """ "Name shown to nobody before identity; no PHI in URL, subject line, or page title." """
    for page in (
        await stranger.get(f"/visit/join/{token}"),
        await stranger.post(f"/visit/join/{token}"),
        await stranger.get(f"/visit/identity/{visit.id}"),
        await stranger.get(f"/visit/entry/{visit.id}"),
        await stranger.get(f"/visit/waiting/{visit.id}"),
    ):
        said = page.text + page.location
        assert "Mira" not in said and "Lindqvist" not in said and "1990" not in words(page.text)
        title = re.search(r"<title>(.*?)</title>", page.text)
        assert title is None or re.search(r"ketamine|treatment|psychiatr", title[1], re.IGNORECASE) is None
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert (await stranger.get(f"/visit/waiting/{visit.id}")).status == 403


async def test_the_token_is_bound_to_its_visit_and_to_a_window_of_time(
    stranger, book, token, visit, cast, clock, new_visitor
) -> None:
    _, other = await book(cast.tomas)
    assert other != token
    await stranger.post(f"/visit/join/{token}")
    await stranger.post(f"/visit/identity/{visit.id}", date_of_birth=TOMAS_BORN.isoformat())
    assert (await stranger.get(f"/visit/entry/{visit.id}")).status == 403, (
        "another patient's date proves nothing"
    )

    clock.at = visit.planned_ends_at
    clock.advance(hours=12)
    late = await new_visitor()
    page = await late.get(f"/visit/join/{token}")
    assert "The time of this visit is past" in page.text and "(303) 555-0100" in page.text
    assert "Reyes" not in page.text
    assert (await late.post(f"/visit/join/{token}")).status == 409


@pytest.mark.parametrize("known_by", ["his own pages", "his own visit"])
async def test_tomas_on_miras_link_is_refused_and_an_incident_is_drafted(
    known_by, tomas, new_visitor, database, token, visit, cast, clock, words, drafted, count
) -> None:
    """ "B logged in as B on A's link → refused, incident draft." """
    if known_by == "his own pages":
        tomas = await let_in(await new_visitor(), database, cast.tomas, now=clock.now())
    before = await count("visitor_sessions")
    page = await tomas.post(f"/visit/join/{token}")
    assert page.status == 403 and REFUSED in words(page.text) and "(303) 555-0100" in page.text
    assert not [name for name in ("Mira", "Lindqvist", "Reyes", "Tomas") if name in page.text]
    assert await count("visitor_sessions") == before
    assert (await tomas.get(f"/visit/identity/{visit.id}")).status == 403
    await tomas.post(f"/visit/join/{token}")
    assert await drafted() == [(tasks.LINK_OTHER_PATIENT, cast.mira, cast.tomas)], "once, however often"
    trail = metadata.tables["audit_events"]
    async with database.read() as tx:
        found = await tx.all(trail.select().where(trail.c.action == "link-refused"))
    assert {row.patient_id for row in found} == {cast.mira, cast.tomas}


async def test_tomas_who_continued_before_we_knew_him_cannot_prove_to_be_mira(
    holder, database, visit, cast, clock, words, drafted
) -> None:
    await let_in(holder, database, cast.tomas, now=clock.now())
    page = await holder.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
    assert page.status == 403 and REFUSED in words(page.text)
    assert (await holder.get(f"/visit/entry/{visit.id}")).status == 403
    assert await drafted() == [(tasks.LINK_OTHER_PATIENT, cast.mira, cast.tomas)]


async def test_miras_own_browser_is_not_taken_for_somebody_elses(
    mira, database, token, visit, cast, clock, drafted
) -> None:
    await let_in(mira, database, cast.mira, now=clock.now())
    assert (await mira.post(f"/visit/join/{token}")).location == f"/visit/identity/{visit.id}"
    assert (await mira.get(f"/visit/waiting/{visit.id}")).status == 200
    assert await drafted() == []


async def test_looking_at_the_link_in_another_patients_browser_changes_nothing(
    tomas, token, everything
) -> None:
    """Mail programs of his may fetch it as well: only a person's Continue says something."""
    before = await everything()
    assert (await tomas.get(f"/visit/join/{token}")).status == 200
    assert await everything() == before


async def test_the_third_other_date_drafts_an_incident_and_the_fifth_closes_the_link(
    holder, visit, cast, drafted
) -> None:
    for expected in (0, 0, 1, 1, 1):
        await holder.post(f"/visit/identity/{visit.id}", date_of_birth=TOMAS_BORN.isoformat())
        assert len(await drafted()) == expected
    assert await drafted() == [(tasks.LINK_OTHER_DATE, cast.mira, None)]
    right = await holder.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
    assert right.status == 403


async def test_the_desk_replaces_the_link_and_whoever_came_by_the_old_one_is_out(
    ada, mira, visit, token, database, clock, cast, words
) -> None:
    """ "Token revocable": also for a browser that has proven itself and waits."""
    answer = await ada.post(f"/desk/visit/{visit.id}/link/replacement")
    assert answer.location == f"/desk/visit/{visit.id}"
    assert "Link by e-mail Going out" in words((await ada.get(answer.location)).text)
    assert (await mira.get(f"/visit/waiting/{visit.id}")).status == 403
    page = await mira.get(f"/visit/join/{token}")
    assert page.status == 410 and "This link was replaced" in page.text
    async with database.read() as tx:
        assert (await links.by_token(tx, token)).revoked_at is not None
        assert [row.kind for row in await outbox.of_visits(tx, [visit.id])].count("link") == 1


async def test_whoever_waits_by_the_replaced_link_is_turned_out_of_the_room_at_once(
    app, ada, mira, visit
) -> None:
    room = app[keys.ROOMS].open(visit.id)
    said = []

    def hear(text: str) -> None:
        said.append(json.loads(text)["type"])

    await room.join(seat="patient", role="patient", name="Mira", page="page", send=hear, admitted=False)
    assert room.present("patient")
    await ada.post(f"/desk/visit/{visit.id}/link/replacement")
    assert not room.present("patient")
    assert said[-1] == "removed"
    await app[keys.ROOMS].close_all()


async def test_a_replaced_link_leaves_whoever_was_let_in_alone(
    ada, mira, visit, database, cast, clock
) -> None:
    """The clinician has looked at them: a call must not end because the desk is careful."""
    sessions = metadata.tables["visitor_sessions"]
    async with database.write() as tx:
        await tx.run(sessions.update().values(admitted_at=clock.now()))
    await ada.post(f"/desk/visit/{visit.id}/link/replacement")
    assert (await mira.get(f"/visit/waiting/{visit.id}")).status == 200


async def test_without_an_address_the_link_is_replaced_all_the_same_and_the_desk_is_told(
    ada, visit, token, database, cast, clock, words
) -> None:
    from server.services import patients

    async with database.write() as tx:
        await patients.correct(tx, cast.mira, email=None, by=cast.ada, now=clock.now())
    page = await ada.post(f"/desk/visit/{visit.id}/link/replacement")
    assert page.status == 409 and "Copy the link below" in words(page.text)
    async with database.read() as tx:
        assert (await links.by_token(tx, token)).revoked_at is not None


def test_the_incident_comes_before_the_lock() -> None:
    from server.care.encounter import WRONG_DATES

    assert incidents.DRAFTED_AFTER < WRONG_DATES
