"""A consult note while somebody types: reloads, two tabs, no network, no session. Nothing typed is ever lost."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import (
    DRAFTS,
    expect_no_draft,
    typed_and_kept_on_the_server,
    write_a_note,
)

SAVED = re.compile("^Saved ")
KEPT = "Not saved – kept on this device"
TEXT = "\nGrüße aus Łódź – naïve 😀\n\n\tsecond line, <b>not bold</b> & “quoted” \\ 'so'\nünïcødé"


@pytest.fixture
def clinic(shared_clinic: Clinic) -> Clinic:
    """Every test writes a note of its own."""
    return shared_clinic


def status(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("region", name="Consult note").locator("[data-save-state]")


def history(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_label("Interval history")


def effects(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_label("Side effects, bladder, craving")


async def saved(page: Page) -> None:
    await expect(status(page)).to_have_text(SAVED)


async def stop_time(page: Page) -> None:
    """The page's own time stands still but for what a test lets pass: a slow machine changes nothing."""
    await page.clock.install()
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))


async def second_tab(person: Person) -> Page:
    page = await person.context.new_page()
    await page.goto(person.page.url)
    return page


async def test_typing_is_saved_within_two_seconds_and_is_there_after_a_reload(
    clinic: Clinic, new_person: OpenPerson
):
    page = await write_a_note(await new_person(), clinic)
    await expect(status(page)).to_have_text("Nothing written yet")
    await stop_time(page)
    await history(page).fill(TEXT)
    await page.clock.run_for(2_000)
    await saved(page)
    await page.clock.resume()
    assert await typed_and_kept_on_the_server(page, "interval_history") == TEXT
    await page.reload()
    await expect(history(page)).to_have_value(TEXT)
    await expect(status(page)).to_have_text(SAVED)
    await expect(page.get_by_role("link", name="version 1")).to_be_visible()


async def test_somebody_who_never_pauses_is_saved_too(clinic: Clinic, new_person: OpenPerson):
    page = await write_a_note(await new_person(), clinic)
    await stop_time(page)
    async with page.expect_request(lambda request: request.method == "PUT") as first:
        for letter in "she says that she slept well":
            await history(page).press_sequentially(letter)
            await page.clock.run_for(150)
    await page.clock.resume()
    sent = (await first.value).post_data_json["body"]["interval_history"]
    assert sent
    assert "she says that she slept well".startswith(sent)
    assert sent != "she says that she slept well"
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == "she says that she slept well"


async def test_control_and_s_save_at_once(clinic: Clinic, new_person: OpenPerson):
    page = await write_a_note(await new_person(), clinic)
    # Nothing but the keys can be what saves.
    await stop_time(page)
    await history(page).fill("by hand")
    await expect(status(page)).to_have_text("Typing…")
    await history(page).press("Control+s")
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == "by hand"


async def test_a_reload_right_after_a_letter_loses_nothing(clinic: Clinic, new_person: OpenPerson):
    page = await write_a_note(await new_person(), clinic)
    await history(page).fill(TEXT)
    await page.reload()
    await expect(history(page)).to_have_value(TEXT)
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == TEXT


async def test_last_words_that_come_after_the_next_page_was_written_are_shown_on_it(
    clinic: Clinic, new_person: OpenPerson
):
    page = await write_a_note(await new_person(), clinic)
    # Nothing is kept on the device, and the words of the page that is left are slow on their way.
    await page.context.add_init_script("IDBFactory.prototype.open = () => { throw new Error('no storage') }")
    await page.reload()

    written = asyncio.Event()

    async def slowly(route: Route) -> None:
        await written.wait()
        await route.continue_()

    await page.context.route("**/clinic/note/*/note", slowly)
    await history(page).fill(TEXT)
    await page.reload()
    assert await history(page).input_value() == ""
    written.set()
    await expect(history(page)).to_have_value(TEXT)
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == TEXT


async def test_two_tabs_with_different_fields_merge_by_themselves(clinic: Clinic, new_person: OpenPerson):
    person = await new_person()
    one = await write_a_note(person, clinic)
    other = await second_tab(person)
    await history(one).fill(TEXT)
    await effects(other).fill("none so far")
    await saved(one)
    await saved(other)
    for name, words in (("interval_history", TEXT), ("side_effects", "none so far")):
        assert await typed_and_kept_on_the_server(one, name) == words

    await history(one).fill("slept well")
    await saved(one)
    await expect(status(one)).to_have_text(SAVED)
    await effects(other).fill("a little nausea")
    await expect(history(other)).to_have_value("slept well")
    await saved(other)
    assert await typed_and_kept_on_the_server(other, "side_effects") == "a little nausea"
    assert await typed_and_kept_on_the_server(other, "interval_history") == "slept well"


async def conflict(person: Person, clinic: Clinic) -> tuple[Page, Page]:
    """Two tabs, two texts in one field: the second one is asked."""
    one = await write_a_note(person, clinic)
    other = await second_tab(person)
    await history(one).fill("ünïcødé here\nline two")
    await saved(one)
    await history(other).fill("änders there\nline zwei")
    await expect(choice(other)).to_be_visible()
    return one, other


def choice(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("group", name=re.compile("Two texts"))


async def test_two_texts_for_one_field_are_both_shown_and_both_kept(clinic: Clinic, new_person: OpenPerson):
    one, other = await conflict(await new_person(), clinic)
    shown = choice(other).locator("p")
    assert await shown.all_text_contents() == ["änders there\nline zwei", "ünïcødé here\nline two"]
    await expect(status(other)).to_contain_text("Both are kept until then.")
    await expect(history(other)).to_have_value("änders there\nline zwei")
    await choice(other).get_by_role("button", name="Keep both").click()
    both = "änders there\nline zwei\n\nünïcødé here\nline two"
    await expect(history(other)).to_have_value(both)
    await saved(other)
    assert await typed_and_kept_on_the_server(other, "interval_history") == both
    await expect(history(one)).to_have_value("ünïcødé here\nline two")


@pytest.mark.parametrize(
    ("button", "kept"),
    [
        ("Keep this window's text", "änders there\nline zwei"),
        ("Keep the other text", "ünïcødé here\nline two"),
    ],
    ids=["mine", "theirs"],
)
async def test_one_of_two_texts_can_be_chosen(clinic: Clinic, new_person: OpenPerson, button: str, kept: str):
    _, other = await conflict(await new_person(), clinic)
    await choice(other).get_by_role("button", name=button).click()
    await expect(history(other)).to_have_value(kept)
    await saved(other)
    assert await typed_and_kept_on_the_server(other, "interval_history") == kept


async def test_an_open_choice_survives_typing_on_and_a_reload(clinic: Clinic, new_person: OpenPerson):
    _, other = await conflict(await new_person(), clinic)
    await history(other).press("Control+End")
    await history(other).press_sequentially(" and on")
    await effects(other).fill("another field")
    await expect(choice(other).locator("p").first).to_have_text("änders there\nline zwei and on")
    await other.reload()
    await expect(choice(other)).to_be_visible()
    await expect(effects(other)).to_have_value("another field")
    await choice(other).get_by_role("button", name="Keep both").click()
    await saved(other)
    both = "änders there\nline zwei and on\n\nünïcødé here\nline two"
    assert await typed_and_kept_on_the_server(other, "interval_history") == both
    assert await typed_and_kept_on_the_server(other, "side_effects") == "another field"


async def test_two_answers_to_a_choice_are_shown_in_words_and_one_is_taken(
    clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    one = await write_a_note(person, clinic)
    other = await second_tab(person)
    decision = "Decision"
    await one.get_by_role("radiogroup", name=decision).get_by_text("Change dose").click()
    await saved(one)
    await other.get_by_role("radiogroup", name=decision).get_by_text("Pause").click()
    await expect(choice(other)).to_be_visible()
    assert await choice(other).locator("p").all_text_contents() == ["Pause", "Change dose"]
    # One answer cannot be two.
    await expect(choice(other).get_by_role("button", name="Keep both")).to_have_count(0)
    await choice(other).get_by_role("button", name="Keep the other text").click()
    await expect(other.get_by_role("radio", name="Change dose")).to_be_checked()
    await expect(choice(other)).to_have_count(0)


async def test_without_a_network_it_is_kept_and_sent_when_the_network_is_back(
    clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    person.expect_disconnects()
    page = await write_a_note(person, clinic)
    await person.context.set_offline(True)
    await history(page).fill(TEXT)
    await expect(status(page)).to_have_text(KEPT)
    await effects(page).fill("more, still without")
    await expect(status(page)).to_have_text(KEPT)
    await person.context.set_offline(False)
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == TEXT
    assert await typed_and_kept_on_the_server(page, "side_effects") == "more, still without"


async def test_a_tab_closed_without_a_network_gives_its_text_to_the_next_one(
    clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    person.expect_disconnects()
    page = await write_a_note(person, clinic)
    await person.context.set_offline(True)
    await history(page).fill(TEXT)
    await expect(status(page)).to_have_text(KEPT)
    await page.close()
    await person.context.set_offline(False)

    again = await second_tab_at(person, page.url)
    await expect(history(again)).to_have_value(TEXT)
    await saved(again)
    assert await typed_and_kept_on_the_server(again, "interval_history") == TEXT
    await expect_no_draft(again)


async def second_tab_at(person: Person, address: str) -> Page:
    page = await person.context.new_page()
    await page.goto(address)
    return page


async def test_what_is_kept_on_the_device_cannot_be_read_there(clinic: Clinic, new_person: OpenPerson):
    person = await new_person()
    person.expect_disconnects()
    page = await write_a_note(person, clinic)
    await person.context.set_offline(True)
    await history(page).fill("overheard")
    await expect(status(page)).to_have_text(KEPT)
    kept = await page.evaluate(
        f"async () => (await ({DRAFTS})()).map(({{ sealed }}) => new TextDecoder('latin1').decode(sealed))"
    )
    assert len(kept) == 1
    assert "overheard" not in kept[0]
    assert "interval_history" not in kept[0]
    await person.context.set_offline(False)
    await saved(page)


async def test_an_expired_session_asks_over_the_page_and_nothing_is_lost(
    clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    page = await write_a_note(person, clinic)
    await person.context.clear_cookies()
    await history(page).fill(TEXT)
    dialog = page.get_by_role("dialog", name="You were signed out")
    await expect(dialog).to_be_visible()
    await expect(history(page)).to_have_value(TEXT)
    await expect(status(page)).to_have_text(KEPT)

    # Too early: still signed out, still asked, still there.
    await dialog.get_by_role("button", name="I signed in in another window").click()
    await expect(dialog.get_by_role("alert")).not_to_be_empty()
    await expect(dialog).to_be_visible()

    other = await person.context.new_page()
    await other.goto(clinic["clinic_url"])
    await dialog.get_by_role("button", name="I signed in in another window").click()
    await expect(dialog).to_be_hidden()
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == TEXT

    # The page goes on with the new session.
    await effects(page).fill("after that")
    await expect(page.locator("autosave-form")).to_have_attribute("state", "saved")
    assert await typed_and_kept_on_the_server(page, "side_effects") == "after that"


async def test_a_wrong_password_in_the_dialog_leaves_everything_as_it_is(
    clinic: Clinic, new_person: OpenPerson
):
    person = await new_person()
    page = await write_a_note(person, clinic)
    await person.context.clear_cookies()
    await history(page).fill(TEXT)
    dialog = page.get_by_role("dialog", name="You were signed out")
    await dialog.get_by_label("E-mail address").fill("reyes@harbor.example")
    await dialog.get_by_label("Password").fill("not it, certainly")
    await dialog.get_by_role("button", name="Sign in and save").click()
    await expect(dialog.get_by_role("alert")).to_have_text(
        "This address and password do not belong together. Check both and try again."
    )
    await dialog.get_by_role("button", name="Later").click()
    await expect(dialog).to_be_hidden()
    await expect(history(page)).to_have_value(TEXT)


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (500, "<h1>Oh no</h1>"),
        (503, ""),
        (502, '{"code": "note-sta'),
        (413, '{"code": "too-large", "sentence": "That was too large to take."}'),
        (422, '{"code": "bad-body", "sentence": "This text could not be read."}'),
        (200, "<html>a captive portal</html>"),
    ],
)
async def test_no_answer_ever_touches_what_was_typed(
    clinic: Clinic, new_person: OpenPerson, code: int, body: str
):
    page = await write_a_note(await new_person(), clinic)
    asked = []

    async def refuse(route: Route) -> None:
        asked.append(route.request.method)
        await route.fulfill(status=code, body=body)

    await page.route("**/note", refuse)
    await history(page).fill(TEXT)
    await expect(page.locator("autosave-form")).to_have_attribute("state", "kept")
    await expect(history(page)).to_have_value(TEXT)
    assert "PUT" in asked
    await expect(status(page)).not_to_be_empty()

    await page.unroute("**/note")
    await history(page).press("Control+End")
    await history(page).press_sequentially("!")
    await saved(page)
    assert await typed_and_kept_on_the_server(page, "interval_history") == f"{TEXT}!"
