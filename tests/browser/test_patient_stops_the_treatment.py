"""One tap stops everything for everybody to see; without a network the phone is locked first and tells later."""

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import come_home, until

ON_HOLD = "Your treatment is on hold"


async def board_of(person: Person, clinic: Clinic) -> Page:
    await person.page.goto(clinic["desk_url"])
    return person.page


async def day_of(person: Person, clinic: Clinic) -> Page:
    await person.page.goto(clinic["clinic_url"])
    return person.page


async def cut(context: BrowserContext) -> None:
    await context.set_offline(True)


async def kept(page: Page) -> int:
    return int(await page.evaluate("JSON.parse(localStorage.getItem('bedside-stops') ?? '[]').length"))


async def test_one_tap_is_seen_at_home_on_the_day_list_and_on_the_board_at_once(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira, reyes, ada = await new_person(phone=True), await new_person(), await new_person()
    home = await come_home(mira, clinic)
    day, board = await day_of(reyes, clinic), await board_of(ada, clinic)
    for page in (day, board):
        await expect(page.get_by_role("region", name="On hold")).not_to_contain_text("Mira Lindqvist")

    await home.get_by_role("button", name="Stop treatment").click()
    await expect(home.get_by_role("heading", name=ON_HOLD)).to_be_visible()

    # Nobody reloads anything.
    for page in (day, board):
        await expect(page.get_by_role("region", name="On hold")).to_contain_text("Mira Lindqvist")
    await expect(day.get_by_role("region", name="Needs you")).to_contain_text("Stop treatment")
    await expect(board.get_by_role("main")).not_to_contain_text("Stop treatment")

    await day.get_by_role("region", name="Needs you").get_by_role("link", name="Mira Lindqvist").click()
    await expect(day.get_by_text("The patient pressed “Stop treatment”").first).to_be_visible()

    # Only a clinician starts it again, with a reason.
    await home.get_by_role("link", name="Your pages").click()
    await expect(home.get_by_role("region", name="On hold")).to_be_visible()
    await day.get_by_role("region", name="Course").get_by_role("link", name="Lift the hold").click()
    await day.get_by_label("Reason").fill("Rang her: pressed by mistake, feels well.")
    await day.get_by_role("button", name="Lift the hold").click()
    await expect(day.get_by_role("region", name="Timeline")).to_contain_text("Rang her: pressed by mistake")
    await expect(home.get_by_role("region", name="On hold")).to_be_hidden()
    await expect(board.get_by_role("region", name="On hold")).not_to_contain_text("Mira Lindqvist")


async def test_pressed_offline_the_phone_is_locked_and_the_clinic_told_on_reconnect(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira, ada = await new_person(phone=True), await new_person()
    mira.expect_disconnects()
    home = await come_home(mira, clinic)
    board = await board_of(ada, clinic)

    await cut(mira.context)
    await home.get_by_role("button", name="Something feels wrong").click()
    await expect(home.get_by_text("Your treatment is stopped on this phone now")).to_be_visible()
    await expect(home.get_by_text("Please take no tablet.")).to_be_visible()
    assert await kept(home) == 1
    await expect(board.get_by_role("region", name="On hold")).not_to_contain_text("Mira Lindqvist")

    await mira.context.set_offline(False)
    await expect(home.get_by_role("heading", name=ON_HOLD)).to_be_visible()
    await expect(board.get_by_role("region", name="On hold")).to_contain_text("Mira Lindqvist")
    assert await kept(home) == 0


async def test_closed_and_opened_again_without_a_network_the_buttons_are_still_there(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira = await new_person(phone=True)
    mira.expect_disconnects()
    home = await come_home(mira, clinic)
    # The phone keeps one page without data for this.
    await until(
        home, "async () => Boolean((await navigator.serviceWorker.getRegistration('/home/'))?.active)"
    )
    await until(home, "async () => Boolean(await caches.match('/home/offline'))")
    await home.close()

    await cut(mira.context)
    page = await mira.context.new_page()
    await page.goto(f"{clinic['base_url']}/home/today")
    await expect(page.get_by_role("heading", name="You have no connection")).to_be_visible()
    await expect(page.get_by_role("link", name="Call 988, crisis line")).to_be_visible()
    assert "Mira" not in await page.content()
    await page.get_by_role("button", name="Stop treatment").click()
    await expect(page.get_by_text("Your treatment is stopped on this phone now")).to_be_visible()
    await page.close()

    # Closed again: the press is sent by whichever of the pages is opened next.
    await mira.context.set_offline(False)
    page = await mira.context.new_page()
    await page.goto(f"{clinic['base_url']}/home/today")
    await expect(page.get_by_role("heading", name=ON_HOLD)).to_be_visible()
