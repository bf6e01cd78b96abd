"""Every page of the route table once, by somebody who may see it: it answers, and its scripts make no error.

A new route is picked up by itself; one with a new kind of name in its path fails here until the name has a value.
"""

import re

import pytest
from playwright.async_api import Page, expect

from server.routes import ROUTES
from server.store.links import SHORT
from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import come_home, come_in

# Answers that never end, those that are no text to look at, and what is there with `--phone` only.
NO_PAGES = re.compile(
    r"/changes$|/file$|^/signalling/|^/static/|^/healthz$|^/phone$|^/calendar/|^/visit/calendar/"
    r"|^/admin/imports/(patients|bookings)$"
)
# What a page shows only when it is asked for.
ASKED = {"/clinic/patients": "?q=mira", "/visit/entry/{encounter_id}": "?again=1"}
# What is there only after somebody did something: the page that says so, and its scripts, are looked at instead.
NOBODYS = {
    "/sign-in/password/{token}": 410,
    "/book/request/{token}": 404,
    "/visit/offer/{token}": 404,
    "/admin/incidents/{task_id}": 404,
}
SETTLED = """() => document.readyState === 'complete'
  && [...document.querySelectorAll(':not(:defined)')].length === 0"""


@pytest.fixture
def clinic(shared_clinic: Clinic) -> Clinic:
    return shared_clinic


def pages_under(*beginnings: str) -> list[str]:
    paths = dict.fromkeys(each.path for each in ROUTES if each.method == "GET")
    return [path for path in paths if path.startswith(beginnings) and not NO_PAGES.search(path)]


async def look(page: Page, address: str, *, status: int = 200) -> None:
    """Opened, drawn, and given the time to fail: every script has been loaded and has run."""
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == status, f"{address} answers {answer.status}"
    await page.wait_for_function(SETTLED)


async def look_at_all(person: Person, clinic: Clinic, paths: list[str], **names: str) -> None:
    assert paths
    for path in paths:
        address = clinic["base_url"] + path.format(**names) + ASKED.get(path, "")
        await look(person.page, address, status=NOBODYS.get(path, 200))
        assert person.mistakes == [], path


async def last_part(page: Page, selector: str) -> str:
    """The id at the end of a link's address."""
    address = await page.locator(selector).first.get_attribute("href")
    assert address is not None
    return address.rsplit("/", 1)[1]


async def test_at_the_doors(clinic: Clinic, new_person: OpenPerson):
    paths = [path for path in pages_under("/") if not path.startswith(AREAS) and path != "/account"]
    assert not [path for path in paths if path.startswith("/home/")]
    token = clinic["admin_url"].rsplit("/", 1)[1]
    await look_at_all(await new_person(), clinic, paths, token=token)


AREAS = ("/desk/", "/clinic/", "/admin/", "/visit/", "/j/", "/guest/", "/home/")


async def test_at_the_front_desk(clinic: Clinic, new_person: OpenPerson):
    person = await new_person()
    page, visit = person.page, clinic["visit_id"]
    await look(page, clinic["desk_url"])
    # A letter is there once one was asked for.
    await look(page, f"{clinic['base_url']}/desk/visit/{visit}")
    await page.get_by_role("button", name="Resend link").click()
    await expect(page.get_by_text(re.compile("^Sent ")).first).to_be_visible()
    await look(page, f"{clinic['base_url']}/desk/mail")
    letter = await last_part(page, "a[href^='/desk/mail/']")
    await look(page, f"{clinic['base_url']}/desk/book?q=mira")
    patient = await page.locator("[name='patient_id']").first.get_attribute("value")
    await look(page, f"{clinic['base_url']}/desk/today")
    names = {
        "encounter_id": visit,
        "n": letter,
        "patient_id": str(patient),
        "self_booking_id": await last_part(page, "a[href^='/desk/requests/']"),
    }
    await look_at_all(person, clinic, [*pages_under("/desk/"), "/account"], **names)


async def test_at_the_psychiatrists(clinic: Clinic, new_person: OpenPerson):
    person = await new_person()
    page, visit = person.page, clinic["visit_id"]
    await look(page, clinic["clinic_url"])
    await look(page, f"{clinic['base_url']}/clinic/consult/{visit}")
    patient = await last_part(page, "a[href^='/clinic/chart/']")
    await look(page, f"{clinic['base_url']}/clinic/chart/{patient}")
    await page.get_by_role("button", name="Start a note").click()
    await page.wait_for_url("**/clinic/note/*")
    note = page.url.rsplit("/", 1)[1]
    await look(page, f"{clinic['base_url']}/clinic/day")
    held = page.get_by_role("region", name="On hold").get_by_role("link")
    await look(page, clinic["base_url"] + str(await held.first.get_attribute("href")))
    hold = await last_part(page, "a[href^='/clinic/hold/']")
    names = {"encounter_id": visit, "patient_id": patient, "note_id": note, "hold_id": hold}
    await look_at_all(person, clinic, pages_under("/clinic/"), **names)


async def test_at_the_administrators(clinic: Clinic, new_person: OpenPerson):
    person = await new_person()
    await look(person.page, clinic["admin_url"])
    account = await last_part(person.page, "main a[href^='/admin/accounts/']:not([href$='/new'])")
    await look(person.page, f"{clinic['base_url']}/admin/time")
    names = {
        "account_id": account,
        "practitioner_id": await last_part(person.page, "main a[href^='/admin/time/']"),
        "visit_type": "check-in",
        "task_id": "nobodys",
    }
    await look_at_all(person, clinic, pages_under("/admin/"), **names)


async def test_at_the_patients(clinic: Clinic, new_person: OpenPerson):
    person = await new_person(phone=True)
    await come_in(person, clinic)
    token = clinic["visit_url"].rsplit("/", 1)[1]
    await look_at_all(person, clinic, pages_under("/visit/"), token=token, encounter_id=clinic["visit_id"])
    await look_at_all(person, clinic, pages_under("/j/"), token=token[:SHORT])


async def test_at_the_guests(clinic: Clinic, new_person: OpenPerson):
    desk, guest = await new_person(), await new_person(phone=True)
    page = desk.page
    await look(page, clinic["desk_url"])
    await look(page, f"{clinic['base_url']}/desk/guests/{clinic['visit_id']}")
    await page.get_by_label("Name", exact=True).fill("Ana Example")
    await page.get_by_role("button", name="Make a link").click()
    link = await page.get_by_label("Link for Ana Example").input_value()
    await look(guest.page, link)
    await guest.page.get_by_role("button", name="Continue").click()
    await guest.page.get_by_label("Your name").fill("Ana Example")
    await guest.page.get_by_role("button", name="That's me").click()
    await guest.page.wait_for_url("**/guest/call/*")
    names = {"token": link.rsplit("/", 1)[1], "invitation_id": guest.page.url.rsplit("/", 1)[1]}
    await look_at_all(guest, clinic, pages_under("/guest/"), **names)
    # The visit is others' too: nobody stays invited.
    await page.get_by_role("button", name="Remove Ana Example").click()
    await expect(page.get_by_text("Ana Example")).to_have_count(0)


async def test_at_home(clinic: Clinic, new_person: OpenPerson):
    person = await new_person(phone=True)
    page = await come_home(person, clinic)
    await page.get_by_role("button", name="Something feels wrong").click()
    await page.wait_for_url("**/home/stop/*")
    hold = page.url.rsplit("/", 1)[1]
    await look(page, f"{clinic['base_url']}/home/journal")
    names = {
        "token": clinic["home_url"].rsplit("/", 1)[1],
        "hold_id": hold,
        "entry_id": await last_part(page, "a[href^='/home/entry/']"),
        "code": "phq-9",
    }
    await look_at_all(person, clinic, pages_under("/home/"), **names)


def test_no_page_is_left_out():
    looked_at = pages_under(*AREAS)
    assert len(looked_at) > 20
    assert {path.split("/")[1] for path in pages_under("/")} - {
        "",
        "account",
        "book",
        "sign-in",
        "sw.js",
    } == {area.strip("/") for area in AREAS}
