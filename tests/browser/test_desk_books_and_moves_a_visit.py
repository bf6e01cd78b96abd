"""The front desk in a real browser: find, book, move, resend, cancel, with the board of a second desk following."""

import re

from playwright.async_api import Page, expect

TIME = re.compile(r"^\d{1,2}:\d\d")


def aside(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("complementary", name="Visit")


async def choose_a_time(page: Page, nth: int) -> str:
    """Presses one of the free times and waits until it is the chosen one; returns its words."""
    slot = page.get_by_role("group", name="Free times").get_by_role("button", name=TIME).nth(nth)
    said = (await slot.inner_text()).split("\n")[0].strip()
    await slot.click()
    await expect(page.locator("#chosen-time")).to_contain_text(said)
    return said


async def test_a_visit_from_finding_a_time_to_cancelling_it(clinic, new_person) -> None:
    ada = (await new_person()).page
    await ada.goto(clinic["desk_url"])
    await expect(ada.get_by_role("region", name="Today")).to_be_visible()
    await ada.get_by_role("button", name="Find a time").click()
    # Where the caller lives is asked first: only who is licensed there is offered.
    await ada.get_by_label("Patient's state").select_option("CO")
    await ada.get_by_role("button", name="Find a time").click()
    await expect(ada.get_by_text("has no licence for Colorado").first).to_be_visible()
    await choose_a_time(ada, 3)
    await expect(ada.get_by_text("Held for you until")).to_be_visible()
    await ada.get_by_label("Find a patient").fill("mir")
    await expect(ada.get_by_role("radio", name=re.compile("Mira"))).to_be_checked()
    # Who is offered for her has been asked once it can be pressed; her time is held as before.
    await expect(ada.locator("#book")).to_be_enabled()
    await expect(ada.get_by_text("Held for you until")).to_be_visible()
    await ada.locator("#book").click()

    visit = aside(ada)
    await expect(visit.get_by_role("heading", name=re.compile("Mira"))).to_be_visible()
    await expect(visit.get_by_text("Confirmation")).to_be_visible()
    await expect(visit.get_by_text(re.compile("^Sent "))).to_be_visible(timeout=15_000)

    await visit.get_by_role("button", name="Reschedule").click()
    said = await choose_a_time(ada, 8)
    await ada.get_by_role("button", name="Reschedule").click()
    await expect(aside(ada).locator("dd").first).to_contain_text(said)
    await expect(aside(ada).get_by_text("New time")).to_be_visible()

    await aside(ada).get_by_label("Why is it cancelled?").fill("has a cold")
    await aside(ada).get_by_role("button", name="Cancel visit").click()
    await expect(aside(ada).get_by_text("Cancelled", exact=True)).to_be_visible()

    told = aside(ada).get_by_role("listitem").filter(has_text="Cancellation")
    await expect(told).to_contain_text("Sent", timeout=15_000)

    await ada.get_by_role("link", name="Sent mail").click()
    await ada.get_by_role("link", name=re.compile("is cancelled")).first.click()
    await expect(ada.get_by_role("article")).to_contain_text("You do not need to do anything.")


async def test_a_new_patient_by_keyboard_while_another_desk_watches(clinic, new_person) -> None:
    ada, other = (await new_person()).page, (await new_person()).page
    await ada.goto(clinic["desk_url"])
    await (
        ada.get_by_role("button", name="Book visit")
        .or_(ada.get_by_role("button", name="Find a time"))
        .first.click()
    )
    await choose_a_time(ada, 0)
    await ada.get_by_text("New patient", exact=True).click()
    await ada.get_by_label("Name", exact=True).fill("Nadia Fairweather")
    await ada.get_by_label("Date of birth").fill("1991-05-06")
    await ada.get_by_label("E-mail", exact=True).fill("nadia@example.org")
    await ada.get_by_label("Time zone").select_option("America/New_York")
    # What was typed survives choosing another time, which the server answers with a new page.
    await choose_a_time(ada, 2)
    await expect(ada.get_by_label("Name", exact=True)).to_have_value("Nadia Fairweather")
    await expect(ada.locator("#chosen-time")).to_contain_text("patient (New York)")
    starts = await ada.locator("#chosen").input_value()

    await other.goto(clinic["desk_url"])
    await other.goto(f"{clinic['base_url']}/desk/today?day={await _day_of(ada, starts)}")
    await expect(other.get_by_text("Nadia Fairweather")).to_have_count(0)
    await ada.get_by_label("Name", exact=True).press("Enter")
    await expect(aside(ada).get_by_role("heading", name="Nadia Fairweather")).to_be_visible()
    await expect(other.get_by_role("region", name="Today").get_by_text("Nadia Fairweather")).to_be_visible()


async def _day_of(page: Page, choice: str) -> str:
    """The chosen time's day in the clinic's zone, as the board counts days."""
    script = "at => new Intl.DateTimeFormat('en-CA', {timeZone: 'America/Denver'}).format(new Date(at))"
    return str(await page.evaluate(script, choice.split("|")[1]))


async def test_every_page_of_the_desk_runs_without_an_error(clinic, new_person) -> None:
    """`new_person` fails the test for any error a script made."""
    person = await new_person()
    await person.page.goto(clinic["desk_url"])
    paths = ["today", "book", "mail", f"visit/{clinic['visit_id']}"]
    for path in paths:
        answer = await person.page.goto(f"{clinic['base_url']}/desk/{path}")
        assert answer is not None and answer.status == 200
        await person.page.wait_for_timeout(300)
