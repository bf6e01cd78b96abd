"""Signing a note: what is missing is named, what was not obtained is said, and afterwards only addenda are added."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import REASON, TEXTS, answer_everything, open_consult, write_a_note


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
    late = await person.context.new_page()
    await late.goto(page.url)
    await answer_everything(page)
    await page.get_by_role("button", name="Sign note").click()
    await expect(page.locator("[data-save-state]")).to_have_text("Signed")

    await late.get_by_label("Interval history").fill("too late")
    await expect(late.locator("[data-save-state]")).to_contain_text("signed in another window")
    await expect(late.get_by_label("Interval history")).to_have_value("too late")
