"""Links in other hands as an administrator finds them: what happened, a checklist for paper, the decision."""

from datetime import date, timedelta

import pytest

from server.care.access import ADMINISTRATOR, FRONT_DESK
from server.services import incidents, patients, tasks
from server.services.incidents import Browser
from server.store import accounts, audit
from tests.builders import check_in
from tests.devices import let_in

PAGE = "/admin/incidents"


@pytest.fixture
async def visit(database, cast, clock):
    async with database.write() as tx:
        return await check_in(tx, cast, clock.now() + timedelta(hours=1), now=clock.now())


@pytest.fixture
async def incident(visit, database, cast, clock, new_visitor) -> str:
    """Tomas's own browser opened the link to Mira's visit; the task's id."""
    tomas = await let_in(await new_visitor(), database, cast.tomas, now=clock.now())
    cookie = next(each.value for each in tomas.client.session.cookie_jar if each.key == "hid")
    async with database.write() as tx:
        assert await incidents.is_of_another(
            tx, visit.id, browser=Browser(visitor="", home=cookie), now=clock.now()
        )
    async with database.read() as tx:
        [found] = await incidents.every(tx)
    return found.task.id


async def test_without_any_the_page_says_so(petra, words) -> None:
    assert "There was none." in words((await petra.get(PAGE)).text)


async def test_it_waits_among_the_administrators_tasks_and_leads_to_its_page(petra, incident, words) -> None:
    page = await petra.get("/admin/accounts")
    assert "Mira Lindqvist: another patient's browser opened the link to their visit" in words(page.text)
    assert f'href="{PAGE}/{incident}"' in page.text
    assert f"/admin/tasks/{incident}/acknowledgement" not in page.text, "not done by a press alone"
    assert "Mira Lindqvist" in words((await petra.get(PAGE)).text)


async def test_the_page_says_what_happened_and_until_when_the_patient_is_told(
    petra, incident, database, cast, words
) -> None:
    page = await petra.get(f"{PAGE}/{incident}")
    read = words(page.text)
    for said in (
        "Mira Lindqvist",
        "Tomas Brandt",
        "Dr. Ines Reyes",
        "Somebody with the link opened a visit's link in a browser of another patient",
        "The visit was not opened in that browser.",
        "by January 22, 2027 at the latest",
    ):
        assert said in read
    assert read.count("opened a visit's link in a browser") == 1
    assert "Mira" not in page.text.split("</title>")[0]
    for patient in (cast.mira, cast.tomas):
        trail = words((await petra.get(f"/admin/audit?patient={patient}")).text)
        assert "Petra Lund read an incident" in trail


async def test_whoever_else_had_the_link_until_then_is_named_and_has_it_on_their_trail(
    petra, incident, visit, database, cast, clock, new_visitor, words
) -> None:
    async with database.write() as tx:
        lena = await patients.register(
            tx,
            name="Lena Ortiz",
            date_of_birth=date(1977, 5, 5),
            email=None,
            phone=None,
            time_zone="America/Denver",
            language="en",
            by=cast.ada,
            now=clock.now(),
        )
    clock.advance(minutes=5)
    browser = await let_in(await new_visitor(), database, lena.id, now=clock.now())
    cookie = next(each.value for each in browser.client.session.cookie_jar if each.key == "hid")
    for _ in range(2):
        async with database.write() as tx:
            assert await incidents.is_of_another(
                tx, visit.id, browser=Browser(visitor="", home=cookie), now=clock.now()
            )
    page = words((await petra.get(f"{PAGE}/{incident}")).text)
    assert "Whose browser Tomas Brandt, Lena Ortiz" in page, "one visit's link is one incident"
    assert "Petra Lund read an incident" in words((await petra.get(f"/admin/audit?patient={lena.id}")).text)


async def test_whoever_presses_again_and_again_does_not_fill_the_trail(
    visit, database, cast, clock, new_visitor
) -> None:
    tomas = await let_in(await new_visitor(), database, cast.tomas, now=clock.now())
    cookie = next(each.value for each in tomas.client.session.cookie_jar if each.key == "hid")
    for seconds, rows in ((0, 1), (20, 1), (30, 1), (60, 2)):
        clock.advance(seconds=seconds)
        async with database.write() as tx:
            browser = Browser(visitor="", home=cookie)
            assert await incidents.is_of_another(tx, visit.id, browser=browser, now=clock.now())
        async with database.read() as tx:
            for patient_id in (cast.mira, cast.tomas):
                kept = await audit.newest(tx, patient_id=patient_id, limit=50)
                assert [each.action for each in kept].count("link-refused") == rows


async def test_it_is_closed_with_a_decision_and_a_reason_only(petra, incident, words, database) -> None:
    for fields, problem in (
        ({"decision": "no-breach"}, "Write in a sentence why"),
        ({"why": "Same household"}, "Choose what it is."),
        ({"decision": "whatever", "why": "Same household"}, "Choose what it is."),
    ):
        page = await petra.post(f"{PAGE}/{incident}/assessment", **fields)
        assert page.status == 422 and problem in words(page.text)
    answer = await petra.post(
        f"{PAGE}/{incident}/assessment", decision="no-breach", why="Same household, two phones"
    )
    assert answer.location == f"{PAGE}/{incident}"
    read = words((await petra.get(answer.location)).text)
    assert "No breach : Same household, two phones" in read and "Petra Lund, Mon, Nov 23" in read
    assert "another patient's browser" not in words((await petra.get("/admin/accounts")).text)
    again = await petra.post(f"{PAGE}/{incident}/assessment", decision="breach", why="Second thoughts")
    assert again.status == 303
    assert "Same household" in words((await petra.get(answer.location)).text), "the first name stays"


async def test_no_press_takes_it_off_the_list_without_a_decision(
    petra, incident, words, database, cast, clock, sign_in
) -> None:
    async with database.write() as tx:
        await accounts.set_roles(tx, cast.petra, frozenset({ADMINISTRATOR, FRONT_DESK}))
    petra = await sign_in(cast.petra)
    for room in ("admin", "desk"):
        answer = await petra.post(f"/{room}/tasks/{incident}/acknowledgement", note="breach no matter")
        assert answer.status == 404
    assert "another patient's browser" in words((await petra.get("/admin/accounts")).text)


async def test_it_is_overdue_after_a_day(sign_in, cast, incident, clock) -> None:
    clock.advance(hours=24)
    petra = await sign_in(cast.petra)
    assert '<span class="chip alarm">Not assessed yet</span>' in (await petra.get(PAGE)).text


async def test_other_tasks_are_no_incidents(petra, database, visit, cast, clock) -> None:
    async with database.write() as tx:
        other = await tasks.open_task(
            tx,
            kind="call-me-instead",
            patient_id=cast.mira,
            encounter_id=visit.id,
            detail=None,
            by="x",
            now=clock.now(),
        )
    for missing in (other, "0" * 32):
        assert (await petra.get(f"{PAGE}/{missing}")).status == 404
        answer = await petra.post(f"{PAGE}/{missing}/assessment", decision="breach", why="x")
        assert answer.status == 404


async def test_the_desk_and_clinicians_have_no_such_page(ada, reyes, incident) -> None:
    for who in (ada, reyes):
        assert (await who.get(PAGE)).status == 403
        assert (await who.get(f"{PAGE}/{incident}")).status == 403
