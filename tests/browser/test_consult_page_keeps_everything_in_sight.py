"""The consult page on desks and phones: the call never leaves, the note's bar neither, each pane scrolls alone."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import admit, in_call, open_consult

WIDE = [(1280, 720), (1440, 900), (1920, 1080)]


async def in_sight(page: Page, selector: str) -> bool:
    """Whether the whole of it can be seen without scrolling anything."""
    return bool(
        await page.locator(selector).evaluate(
            """(element) => {
              const { left, top, right, bottom, width } = element.getBoundingClientRect();
              const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
              return width > 0 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
                && (element.contains(seen) || seen.contains(element));
            }"""
        )
    )


async def scroll_to_the_end(page: Page) -> None:
    for selector in (".writing", ".pane.timeline"):
        await page.locator(selector).evaluate("(pane) => pane.scrollTo(0, pane.scrollHeight)")


async def test_the_call_and_the_notes_bar_stay_while_story_and_note_scroll(
    clinic: Clinic, new_person: OpenPerson
):
    """Charting never costs the sight of the patient."""
    page = await open_consult(await new_person(), clinic, visit="robot_visit_id")
    await admit(page)
    await in_call(page)
    for width, height in WIDE:
        await page.set_viewport_size({"width": width, "height": height})
        await scroll_to_the_end(page)
        for selector in (
            "video[data-remote]",
            "[data-sign] button",
            "button[data-mute]",
            "button[data-leave]",
        ):
            assert await in_sight(page, selector), (selector, width)
        panes = [await page.locator(f".pane.{name}").bounding_box() for name in ("timeline", "note", "call")]
        assert [pane["y"] for pane in panes if pane] == [panes[0]["y"]] * 3 if panes[0] else False
        lefts = [pane["x"] for pane in panes if pane]
        assert lefts == sorted(set(lefts))
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for name in ("Book next visit", "Sign note"):
            await expect(
                page.get_by_role("region", name="Consult note").get_by_text(name)
            ).to_be_in_viewport()

    # Narrower than three panes: the picture on top, the rest as tabs.
    for size in ({"width": 1000, "height": 800}, {"width": 390, "height": 844}):
        await page.set_viewport_size(size)
        for tab, region in (("Timeline", "Timeline"), ("Consult note", "Consult note")):
            await page.get_by_role("tab", name=tab).click()
            await expect(page.get_by_role("region", name=region, exact=True)).to_be_visible()
            assert await in_sight(page, "video[data-remote]")
            assert await in_sight(page, "button[data-leave]")
        await expect(page.get_by_role("region", name="Timeline", exact=True)).to_be_hidden()
        assert await in_sight(page, "[data-sign] button")
        await page.get_by_role("tab", name="Details").click()
        await expect(page.get_by_role("button", name="Finish visit")).to_be_in_viewport()
        assert await in_sight(page, "video[data-remote]")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.get_by_role("tab", name="Consult note").click()


async def test_tabs_go_by_arrow_keys_and_control_j_leads_to_the_story_and_back(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = await open_consult(await new_person(phone=True), shared_clinic)
    await page.get_by_role("tab", name="Consult note").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Timeline")).to_be_focused()
    await expect(page.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowLeft")
    field = page.get_by_label("Interval history")
    await field.focus()
    await page.keyboard.press("Control+j")
    story = page.get_by_role("region", name="Timeline", exact=True)
    await expect(story).to_be_visible()
    await expect(story).to_be_focused()
    await page.keyboard.press("Control+j")
    await expect(field).to_be_focused()


async def test_the_call_is_one_key_or_one_link_away(clinic: Clinic, new_person: OpenPerson):
    page = await open_consult(await new_person(), clinic, visit="robot_visit_id")
    wanted = page.get_by_role("button", name="Admit")
    await expect(wanted).to_be_enabled()
    await page.get_by_label("Interval history").focus()
    await page.keyboard.press("Control+k")
    await expect(wanted).to_be_focused()
    await page.keyboard.press("Enter")
    await in_call(page)
    await page.reload()
    await in_call(page)
    for _ in range(2):
        await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the call")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".controls [data-mute]")).to_be_focused()


async def test_the_notes_bar_keeps_its_buttons_whole_beside_a_long_sentence(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = await open_consult(await new_person(), shared_clinic)
    said = "Not saved – kept on this device, and then a good deal more than that"
    await page.locator("[data-save-state]").evaluate("(place, words) => { place.textContent = words; }", said)
    for size in (
        {"width": 1280, "height": 800},
        {"width": 1440, "height": 900},
        {"width": 390, "height": 844},
    ):
        await page.set_viewport_size(size)
        heights = await page.evaluate(
            """() => ['.note-bar [data-sign] button', '.note-bar .button']
              .map((each) => document.querySelector(each).getBoundingClientRect().height)"""
        )
        assert max(heights) < 45, (size, heights)


async def test_the_story_follows_live_and_a_filter_stays_chosen(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = await open_consult(await new_person(), shared_clinic)
    story = page.get_by_role("region", name="Timeline", exact=True)
    notes = story.get_by_role("checkbox", name="Notes")
    await expect(story.locator(".entry.note").first).to_be_visible()
    await story.get_by_text("Notes", exact=True).click()
    await expect(notes).not_to_be_checked()
    await expect(story.locator(".entry.note").first).to_be_hidden()
    await page.get_by_role("textbox", name="Message", exact=True).fill("A word before we begin: <b>hello</b>")
    await page.get_by_role("button", name="Send").click()
    await expect(story.get_by_text("A word before we begin: <b>hello</b>")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("")
    await expect(notes).not_to_be_checked()
    await expect(story.locator(".entry.note").first).to_be_hidden()


async def test_printing_prints_the_note_and_nothing_else(shared_clinic: Clinic, new_person: OpenPerson):
    page = await open_consult(await new_person(), shared_clinic)
    story = page.get_by_role("region", name="Timeline", exact=True)
    signed = story.locator(".entry.note").filter(has_not=page.get_by_text("draft", exact=True))
    await signed.get_by_role("link", name="Note").first.click()
    await expect(page.locator("[data-save-state]")).to_have_text("Signed")
    await page.emulate_media(media="print")
    await expect(page.locator(".reading")).to_be_visible()
    await expect(page.get_by_text("Born April 17, 1990")).to_be_visible()
    for region in ("Timeline", "Call"):
        await expect(page.locator(f'section[aria-label="{region}"]')).to_be_hidden()
    for name in ("Add addendum", "Print", "Book next visit"):
        assert (
            await page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).count() == 0
        )


async def test_without_a_script_the_note_is_saved_by_a_button(shared_clinic: Clinic, new_person: OpenPerson):
    person = await new_person(java_script_enabled=False)
    page = await a_note_without_a_script(person, shared_clinic)
    await page.get_by_label("Interval history").fill("by hand,\nwithout a script")
    await page.locator("[data-field=medicines]").get_by_label("Not obtained, because …").fill("interrupted")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text(re.compile("^Saved "))).to_be_visible()
    await expect(page.get_by_label("Interval history")).to_have_value("by hand,\nwithout a script")
    # Whatever would sign without what was typed is out of sight.
    await expect(page.get_by_role("button", name="Sign note")).to_have_count(0)
    await page.get_by_role("button", name="Save and sign").click()
    await expect(page.get_by_text("Before signing, please answer:")).to_be_visible()
    await expect(page.get_by_role("link", name="Risk level")).to_be_visible()
    await expect(page.get_by_role("link", name="New medicines")).to_have_count(0)
    await expect(page.get_by_label("Interval history")).to_have_value("by hand,\nwithout a script")


async def a_note_without_a_script(person: Person, clinic: Clinic) -> Page:
    page = person.page
    await page.goto(clinic["clinic_url"])
    await page.goto(f"{clinic['base_url']}/clinic/patients?q=Juniper")
    await page.get_by_role("link", name="Juniper Vale").click()
    await page.get_by_role("button", name="Start a note").click()
    return page
