"""Signing a note: what is missing is named, what was not obtained is said, and afterwards only addenda are added.

Whoever presses "Sign note" reads "Signed", or why not, in whatever order the answers to what was pressed come.
"""

import asyncio
import re
from contextlib import suppress

from playwright.async_api import Error, Page, Route, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import (
    REASON,
    TEXTS,
    answer_everything,
    called_now,
    open_consult,
    write_a_note,
)


class Late:
    """The answers to requests for `address`: the server has done what was asked, the page is told when `go` is set."""

    def __init__(self) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self, route: Route) -> None:
        answer = await route.fetch()
        self.asked.set()
        await self.go.wait()
        # The page may have given it up by then.
        with suppress(Error):
            await route.fulfill(response=answer)


async def late(page: Page, address: str) -> Late:
    answers = Late()
    await page.route(address, answers)
    return answers


async def sign(page: Page) -> None:
    await page.get_by_role("button", name="Sign note").click()


async def is_signed(page: Page) -> None:
    await expect(page.locator(".pane.note [data-save-state]")).to_have_text("Signed")


async def test_a_signature_names_what_is_missing_and_then_locks_the_note(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = await write_a_note(await new_person(), shared_clinic)
    await page.get_by_role("button", name="Sign note").click()
    missing = page.get_by_role("alert").filter(has_text="Before signing, please answer:")
    await expect(missing.get_by_role("link")).to_have_count(9)
    await missing.get_by_role("link", name="Decision").click()
    await expect(page.get_by_role("radiogroup", name="Decision")).to_be_in_viewport()

    await answer_everything(page)
    # Straight from the last letter to the signature: what was typed goes first.
    await page.get_by_role("button", name="Sign note").click()
    note = page.get_by_role("region", name="Consult note")
    await expect(note.locator("[data-save-state]")).to_have_text("Signed")
    await expect(note.get_by_text("Dr. Ines Reyes").first).to_be_visible()
    await expect(page.get_by_role("button", name="Sign note")).to_have_count(0)
    await expect(page.locator("autosave-form")).to_have_count(0)
    for _, words in TEXTS:
        assert words in await note.locator(".reading dd").all_text_contents()
    await expect(note.get_by_text(f"Not obtained, because {REASON}")).to_be_visible()

    await page.get_by_label("Reason").fill("Lab result came in")
    await page.get_by_role("textbox", name="Addendum").fill("TSH 2.1\nnormal")
    await page.get_by_role("button", name="Add addendum").click()
    addendum = page.get_by_role("article").filter(has_text="Lab result came in")
    await expect(addendum).to_be_visible()
    assert await addendum.locator(".said").text_content() == "TSH 2.1\nnormal"


async def test_a_reason_is_needed_and_an_answer_can_come_after_all(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = await write_a_note(await new_person(), shared_clinic)
    await answer_everything(page)
    plan = page.locator("[data-field=emergency_plan]")
    await plan.get_by_label("Not obtained, because …").fill("")
    await page.get_by_role("button", name="Sign note").click()
    missing = page.get_by_role("alert").filter(has_text="Before signing, please answer:")
    await expect(missing.get_by_role("link")).to_have_count(1)

    await plan.get_by_role("button", name="Not obtained…").click()
    await expect(plan.get_by_label("Not obtained, because …")).to_be_hidden()
    await plan.get_by_role("textbox").first.fill("Her sister, 911; we call back")
    await page.get_by_role("button", name="Sign note").click()
    await expect(page.locator("[data-save-state]")).to_have_text("Signed")
    await expect(page.get_by_text("Her sister, 911; we call back")).to_be_visible()


async def test_the_facts_of_the_visit_are_confirmed_with_one_button(clinic: Clinic, new_person: OpenPerson):
    page = await open_consult(await new_person(), clinic)
    await answer_everything(page)
    await page.get_by_role("button", name="Sign note").click()
    missing = page.get_by_role("alert").filter(has_text="Before signing, please answer:")
    await expect(missing.get_by_role("link")).to_have_text(["Confirm the facts of the visit"])

    await page.get_by_label("Interval history").fill("typed just before")
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.locator("[data-confirmed]")).to_have_text(re.compile("^Confirmed "))
    # The page's own text goes on from the new version without a question.
    await page.get_by_label("Interval history").fill("typed just after")
    await expect(page.locator("autosave-form")).to_have_attribute("state", "saved")
    await expect(page.get_by_role("group", name=re.compile("Two texts"))).to_have_count(0)
    await page.get_by_role("button", name="Sign note").click()
    await expect(page.locator("[data-save-state]")).to_have_text("Signed")
    await expect(page.get_by_text("typed just after")).to_be_visible()


async def test_a_note_signed_in_another_tab_keeps_what_this_one_typed(
    shared_clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    page = await write_a_note(person, shared_clinic)
    behind = await person.context.new_page()
    await behind.goto(page.url)
    # A page behind another draws once a second, and every click waits for it.
    await page.bring_to_front()
    await answer_everything(page)
    await page.get_by_role("button", name="Sign note").click()
    await expect(page.locator("[data-save-state]")).to_have_text("Signed")

    await behind.get_by_label("Interval history").fill("too late")
    await expect(behind.locator("[data-save-state]")).to_contain_text("signed in another window")
    await expect(behind.get_by_label("Interval history")).to_have_value("too late")


async def test_a_signature_pressed_while_the_end_of_the_visit_is_not_answered_is_not_lost(
    shared_clinic: Clinic, new_person: OpenPerson
):
    """The room says that the visit is over sooner than the answer comes; nothing then takes the page away."""
    reyes = await new_person()
    async with called_now(reyes, shared_clinic, finish=False):
        page = reyes.page
        answers = await late(page, "**/finish")
        await page.get_by_role("button", name="Finish visit").click()
        await expect(page.get_by_text("This visit is finished.")).to_be_visible()
        await answers.asked.wait()
        await answer_everything(page)
        await page.get_by_role("button", name="Confirm", exact=True).click()
        # Each is pressed before the one before it is answered, and done in that order.
        await sign(page)
        answers.go.set()
        await is_signed(page)
        await expect(page.get_by_role("button", name="Reopen this visit")).to_be_visible()
        await page.keyboard.press("?")


async def test_a_version_this_page_knows_nothing_of_is_signed_if_its_text_is_the_one_shown(
    shared_clinic: Clinic, new_person: OpenPerson
):
    reyes = await new_person()
    async with called_now(reyes, shared_clinic):
        page = reyes.page
        await answer_everything(page)
        await expect(page.locator("autosave-form")).to_have_attribute("state", "saved")
        # Another window confirms: this one is not told the version that makes, and its text is the same.
        other = await reyes.context.new_page()
        await other.goto(page.url)
        async with other.expect_response("**/confirmation"):
            await other.get_by_role("button", name="Confirm", exact=True).click()
        await other.close()
        await sign(page)
        await is_signed(page)


# Waiting for an answer is over in a fiftieth of the time.
HURRY = """window.hurry = 50;
AbortSignal.timeout = ((timeout) => (ms) => timeout(ms / hurry))(AbortSignal.timeout.bind(AbortSignal));"""


async def test_a_signature_that_cannot_be_is_told_and_pressed_again_it_is_one(
    shared_clinic: Clinic, new_person: OpenPerson
):
    """Another window's words are shown before they are signed; and an answer that never comes is not waited for."""
    reyes = await new_person()
    page = await write_a_note(reyes, shared_clinic)
    await answer_everything(page)
    await expect(page.locator("autosave-form")).to_have_attribute("state", "saved")
    other = await reyes.context.new_page()
    await other.goto(page.url)
    await other.get_by_label("Interval history").fill("from the other window")
    await expect(other.locator("autosave-form")).to_have_attribute("state", "saved")
    await sign(page)
    await expect(page.get_by_role("alert").filter(has_text="changed in another window")).to_be_visible()
    await expect(page.get_by_label("Interval history")).to_have_value("from the other window")

    # The next signature reaches the server, but no answer comes back.
    answers = await late(page, "**/signature")
    await page.evaluate(HURRY)
    await sign(page)
    await answers.asked.wait()
    await expect(page.get_by_role("alert").filter(has_text="No answer came")).to_be_visible()
    await page.evaluate("hurry = 1")
    answers.go.set()
    await page.unroute("**/signature")
    await sign(page)
    await is_signed(page)
