"""Around a note while it is written: the page hides and comes back, an answer is lost, a session ends."""

import re

from playwright.async_api import Locator, Page, Route, expect

from server.services import totp
from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.phones import code_of, give_a_password
from tests.browser.steps import (
    answer_everything,
    expect_no_draft,
    open_consult,
    typed_and_kept_on_the_server,
    write_a_note,
)

SAVED = re.compile("^Saved ")
REYES = "reyes@harbor.example"
PASSWORD = "nine herons over the bay"


async def saved(page: Page) -> None:
    await expect(page.locator("autosave-form")).to_have_attribute("state", "saved")


async def test_a_page_that_hid_and_came_back_goes_on_saving(shared_clinic: Clinic, new_person: OpenPerson):
    """Phones hide a page without closing it; what was sent in that moment and what follows are two saves."""
    page = await write_a_note(await new_person(), shared_clinic)
    history = page.get_by_label("Interval history")
    await history.fill("before the phone rang")
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    await history.fill("before the phone rang, and after it")
    await saved(page)
    assert (
        await typed_and_kept_on_the_server(page, "interval_history") == "before the phone rang, and after it"
    )


async def arrive_and_lose_the_answer(route: Route) -> None:
    await route.fetch()
    await route.abort()


async def test_a_save_whose_answer_was_lost_is_not_taken_for_somebody_elses(
    shared_clinic: Clinic, new_person: OpenPerson
):
    """It arrived; only we were not told. Typing on must neither ask whose text it is nor lose a letter."""
    person = await new_person()
    person.expect_disconnects()
    page = await write_a_note(person, shared_clinic)
    history = page.get_by_label("Interval history")

    await page.route("**/note", arrive_and_lose_the_answer, times=1)
    await history.fill("it arrived")
    await expect(page.locator("autosave-form")).to_have_attribute("state", "kept")
    assert await typed_and_kept_on_the_server(page, "interval_history") == "it arrived"
    await history.fill("it arrived, and more")
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == "it arrived, and more"
    await expect(page.locator(".two-texts")).to_have_count(0)


async def test_a_tab_closed_before_it_heard_that_all_had_arrived_leaves_nothing_on_the_device(
    shared_clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    person.expect_disconnects()
    page = await write_a_note(person, shared_clinic)
    await page.route("**/note", arrive_and_lose_the_answer)
    await page.get_by_label("Interval history").fill("it arrived")
    await expect(page.locator("autosave-form")).to_have_attribute("state", "kept")
    await page.close()

    again = await person.context.new_page()
    await again.goto(page.url)
    await expect(again.get_by_label("Interval history")).to_have_value("it arrived")
    await expect_no_draft(again)


async def test_confirming_the_facts_takes_nothing_from_the_other_window(
    clinic: Clinic, new_person: OpenPerson
):
    """The confirmation makes a version; this window has not seen the one the other window made before it."""
    person = await new_person()
    one = await open_consult(person, clinic)
    other = await person.context.new_page()
    await other.goto(one.url)
    await other.get_by_label("Tablets left, counted on camera").fill("three, in the other window")
    await saved(other)
    await one.get_by_role("button", name="Confirm").click()
    await expect(one.locator(".visit-facts").get_by_text(re.compile("^Confirmed "))).to_be_visible()
    await one.get_by_label("Interval history").fill("in this one")
    await saved(one)
    for name, words in (("tablets", "three, in the other window"), ("interval_history", "in this one")):
        assert await typed_and_kept_on_the_server(one, name) == words


async def sign_in_over(dialog: Locator, password: str, code: str) -> None:
    await dialog.get_by_label("E-mail address").fill(REYES)
    await dialog.get_by_label("Password").fill(password)
    await dialog.get_by_label("Code from your authenticator app").fill(code)
    await dialog.get_by_role("button", name="Sign in and save").click()


async def test_a_phone_that_is_not_set_up_needs_its_own_page(clinic: Clinic, new_person: OpenPerson):
    """The dialog says so, and goes on when it was done in another window."""
    person = await new_person()
    page = await write_a_note(person, clinic)
    await give_a_password(clinic, REYES, PASSWORD)
    await page.get_by_label("Interval history").fill("kept meanwhile")
    dialog = page.get_by_role("dialog", name="You were signed out")
    await expect(dialog).to_be_visible()
    await sign_in_over(dialog, PASSWORD, "")
    await expect(dialog.get_by_role("alert")).to_contain_text("One more step is needed")
    other = await person.context.new_page()
    await other.goto(clinic["clinic_url"])
    await dialog.get_by_role("button", name="I signed in in another window").click()
    await expect(dialog).to_be_hidden()
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == "kept meanwhile"


async def test_signing_in_over_the_page_saves_what_was_typed(shared_clinic: Clinic, new_person: OpenPerson):
    page = await write_a_note(await new_person(), shared_clinic)
    # A new password ends every session, this one too.
    phone = totp.new_secret()
    await give_a_password(shared_clinic, REYES, PASSWORD, phone=phone)
    await page.get_by_label("Interval history").fill("typed without a session\n— all of it")
    dialog = page.get_by_role("dialog", name="You were signed out")
    await expect(dialog).to_be_visible()
    address = page.url
    # What is wrong is said over the page, once for each half; nothing goes away meanwhile.
    wrong_code = f"{(int(code_of(phone)) + 1) % 10**6:06}"
    for password, code, said in (
        ("not the password", code_of(phone), "do not belong together"),
        (PASSWORD, wrong_code, "does not fit"),
    ):
        await sign_in_over(dialog, password, code)
        await expect(dialog.get_by_role("alert")).to_contain_text(said)
    code = code_of(phone)
    await sign_in_over(dialog, PASSWORD, f"{code[:3]} {code[3:]}")
    await expect(dialog).to_be_hidden()
    await saved(page)
    assert page.url == address
    kept = await typed_and_kept_on_the_server(page, "interval_history")
    assert kept == "typed without a session\n— all of it"

    # And the page's plain forms go on too.
    await page.get_by_label("Interval history").fill("later")
    await page.get_by_role("button", name="Sign note").click()
    await expect(page.get_by_text("Before signing, please answer:")).to_be_visible()


async def test_without_a_connection_nothing_is_confirmed_signed_or_finished_and_all_of_it_is_said(
    clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    person.expect_disconnects()
    page = await open_consult(person, clinic)
    await answer_everything(page)
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.locator("[data-confirmed]")).to_have_text(re.compile("^Confirmed "))
    await saved(page)
    sign = page.get_by_role("button", name="Sign note")
    missing = page.locator("[data-missing]")
    no_connection = "No answer came, so this may not be done."

    await person.context.set_offline(True)
    await sign.click()
    await expect(missing).to_contain_text(no_connection)
    await expect(missing.get_by_role("listitem")).to_have_count(0)
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.locator("[data-not-confirmed]")).to_contain_text(no_connection)
    await page.get_by_role("button", name="Finish visit").click()
    await expect(page.locator("[data-not-finished]")).to_contain_text(no_connection)
    await expect(page.locator("call-stage")).to_be_visible()
    await page.get_by_label("Interval history").fill("typed without a connection")
    await sign.click()
    await expect(missing).to_contain_text("Not done yet: not everything you typed is saved.")

    await person.context.set_offline(False)
    await saved(page)
    await sign.click()
    await expect(page.locator("[data-save-state]")).to_have_text("Signed")
    await expect(page.get_by_text("typed without a connection")).to_be_visible()
    await page.get_by_role("button", name="Finish visit").click()
    await expect(page.get_by_text("This visit is finished.")).to_be_visible()
