"""A journal entry is its writer's alone until it is shared, and then it is seen at once."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import come_home, open_consult, until

KEPT = "The room was larger than it is.\n\nI heard somebody hum – Großmutter."


async def begin(home: Page) -> Page:
    await home.get_by_role("button", name="Write in my journal").click()
    await home.wait_for_url("**/home/entry/*")
    return home


async def saved(page: Page) -> None:
    await expect(page.locator("[data-save-state]")).to_have_text(re.compile("^Saved "))


async def chart_of(person: Person, clinic: Clinic) -> Page:
    page = await open_consult(person, clinic)
    await page.get_by_role("link", name="Chart").click()
    await expect(page.get_by_role("region", name="Timeline")).to_be_visible()
    return page


async def test_kept_then_shared_and_seen_at_once(clinic: Clinic, new_person: OpenPerson) -> None:
    mira, reyes = await new_person(phone=True), await new_person()
    home = await begin(await come_home(mira, clinic))
    chart = await chart_of(reyes, clinic)
    consult = await reyes.context.new_page()
    await consult.goto(f"{clinic['base_url']}/clinic/consult/{clinic['visit_id']}")

    field = home.get_by_label("What you felt and want to keep")
    await field.fill(KEPT)
    await saved(home)
    await home.reload()
    await expect(field).to_have_value(KEPT)
    # Kept: not a word of it on any clinician's page, however often it is loaded.
    await chart.reload()
    for page in (chart, consult):
        await expect(page.get_by_role("region", name="Timeline")).not_to_contain_text("larger than it is")
        assert "larger than it is" not in await page.content()

    await home.get_by_role("button", name="Share with my doctor").click()
    await expect(home.get_by_text("It stays as it is.")).to_be_visible()
    # Shared: there without anybody reloading, on the chart and beside the note.
    for page in (chart, consult):
        await expect(page.get_by_role("region", name="Timeline")).to_contain_text("larger than it is")

    # What comes to mind later is a new version, private again.
    await home.get_by_role("button", name="Write a new version").click()
    await home.get_by_label("What you felt and want to keep").fill("It was my mother who hummed.")
    await saved(home)
    await chart.reload()
    assert "my mother who hummed" not in await chart.content()
    assert "larger than it is" in await chart.content()


async def test_what_was_typed_survives_a_phone_that_loses_its_network_and_is_closed(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira = await new_person(phone=True)
    mira.expect_disconnects()
    home = await begin(await come_home(mira, clinic))
    address = home.url
    await mira.context.set_offline(True)
    await home.get_by_label("What you felt and want to keep").fill(KEPT)
    await expect(home.locator("[data-save-state]")).to_have_text("Not saved – kept on this device")
    await home.close()

    await mira.context.set_offline(False)
    page = await mira.context.new_page()
    await page.goto(address)
    await expect(page.get_by_label("What you felt and want to keep")).to_have_value(KEPT)
    await saved(page)


async def test_something_unusual_holds_the_course_at_the_tick(clinic: Clinic, new_person: OpenPerson) -> None:
    mira = await new_person(phone=True)
    home = await begin(await come_home(mira, clinic))
    unusual = home.get_by_role("group", name="Was anything unusual or frightening")
    await unusual.get_by_text("Yes").click()
    await expect(home.get_by_text("Your treatment is on hold.")).to_be_visible()
    await saved(home)
    await home.get_by_role("link", name="Your pages").click()
    await expect(home.get_by_role("region", name="On hold")).to_contain_text("Please take no tablet.")


async def test_something_unusual_said_offline_is_not_called_told_and_is_told_from_the_next_page(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira, reyes = await new_person(phone=True, service_workers="block"), await new_person()
    mira.expect_disconnects()
    # Gone as when a phone is switched off: without last words, and with no worker to speak for it.
    await mira.context.add_init_script(
        "addEventListener('pagehide', (e) => e.stopImmediatePropagation(), true)"
    )
    home = await begin(await come_home(mira, clinic))
    entry = home.url
    await home.get_by_label("What you felt and want to keep").fill(KEPT)
    await saved(home)
    unusual = home.get_by_role("group", name="Was anything unusual or frightening")
    await mira.context.set_offline(True)
    await unusual.get_by_text("Yes").click()
    await expect(home.get_by_text("your clinic does not know yet")).to_be_visible()
    await expect(home.get_by_text("is told")).to_be_hidden()
    await until(home, "async () => (await unsent.all()).length === 1")
    await home.goto("about:blank")

    await mira.context.set_offline(False)
    await home.goto(f"{clinic['base_url']}/home/devices")
    await until(home, "async () => (await unsent.all()).length === 0")
    await reyes.page.goto(clinic["clinic_url"])
    await expect(reyes.page.get_by_role("region", name="Needs you")).to_contain_text("Something unusual")
    # Nothing of the text was lost on the way.
    await home.goto(entry)
    await expect(home.get_by_label("What you felt and want to keep")).to_have_value(KEPT)
    await expect(unusual.get_by_label("Yes")).to_be_checked()
    await expect(home.get_by_text("is told")).to_be_visible()
