"""One tap stops everything for everybody to see; without a network the phone is locked first and tells later."""

from urllib.parse import parse_qs

import pytest
from playwright.async_api import BrowserContext, Page, Request, expect

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
    return int(await page.evaluate("async () => (await unsent.all()).length"))


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


OTHER_PAGES = ["/home/journal", "/home/measure/gad-7", "/home/safety", "/home/devices"]


def listening(context: BrowserContext) -> list[str]:
    """The presses this phone sends from now on, by the page's name for them."""
    sent: list[str] = []

    def heard(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/home/stop"):
            sent.append(parse_qs(request.post_data or "")["event_id"][0])

    context.on("request", heard)
    return sent


async def pressed_offline_and_closed(person: Person, clinic: Clinic) -> None:
    home = await come_home(person, clinic)
    await cut(person.context)
    await home.get_by_role("button", name="Something feels wrong").click()
    await expect(home.get_by_text("Your treatment is stopped on this phone now")).to_be_visible()
    await home.close()


@pytest.mark.parametrize("path", OTHER_PAGES)
async def test_whichever_page_is_opened_next_tells_it_and_once(
    path: str, clinic: Clinic, new_person: OpenPerson
) -> None:
    mira, ada = await new_person(phone=True), await new_person()
    mira.expect_disconnects()
    await pressed_offline_and_closed(mira, clinic)
    sent = listening(mira.context)
    await mira.context.set_offline(False)
    page = await mira.context.new_page()
    await page.goto(f"{clinic['base_url']}{path}")
    board = await board_of(ada, clinic)
    await expect(board.get_by_role("region", name="On hold")).to_contain_text("Mira Lindqvist")
    await until(page, "async () => (await unsent.all()).length === 0")
    assert len(sent) <= 1, "the worker may have been faster, and nobody sends it twice"


async def test_with_every_page_closed_the_worker_tells_it(clinic: Clinic, new_person: OpenPerson) -> None:
    mira, ada = await new_person(phone=True), await new_person()
    mira.expect_disconnects()
    home = await come_home(mira, clinic)
    await until(home, WORKER_READY)
    worker = mira.context.service_workers[0]
    await cut(mira.context)
    await home.get_by_role("button", name="Stop treatment").click()
    await expect(home.get_by_text("Your treatment is stopped on this phone now")).to_be_visible()
    await home.close()
    await mira.context.set_offline(False)
    # As the browser says it when the network is back.
    await worker.evaluate("() => dispatchEvent(new SyncEvent('sync', { tag: unsent.TAG }))")
    board = await board_of(ada, clinic)
    await expect(board.get_by_role("region", name="On hold")).to_contain_text("Mira Lindqvist")


WORKER_READY = "async () => Boolean((await navigator.serviceWorker.getRegistration('/home/'))?.active)"


async def test_help_asked_for_offline_is_told_later_and_safe_for_now_is_not_kept(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira, reyes = await new_person(phone=True), await new_person()
    mira.expect_disconnects()
    home = await come_home(mira, clinic)
    await home.goto(f"{clinic['base_url']}/home/safety")
    await home.wait_for_function("unsent.home().then((mark) => mark)")
    await cut(mira.context)
    await home.get_by_role("button", name="I need help now").click()
    await expect(
        home.get_by_text("Your treatment is stopped on this phone now. Your clinic does not know it yet")
    ).to_be_visible()
    [thing] = await home.evaluate("unsent.all()")
    assert thing["fields"]["answer"] == "help"
    await mira.context.set_offline(False)
    await expect(home.get_by_text("Please call one of these numbers now.")).to_be_visible()
    day = await day_of(reyes, clinic)
    await expect(day.get_by_role("region", name="Needs you")).to_contain_text("I need help now")


async def test_a_device_that_keeps_nothing_sends_the_form_itself(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira = await new_person(phone=True)
    await mira.context.add_init_script("IDBFactory.prototype.open = () => { throw new Error('blocked'); }")
    home = await come_home(mira, clinic)
    await home.get_by_role("button", name="Stop treatment").click()
    await expect(home.get_by_role("heading", name=ON_HOLD)).to_be_visible()


async def test_a_store_that_breaks_after_the_page_was_opened_sends_the_form_itself(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira = await new_person(phone=True)
    home = await come_home(mira, clinic)
    await home.wait_for_function("unsent.home().then((mark) => mark)")
    await home.evaluate("() => { IDBObjectStore.prototype.add = () => { throw new Error('full'); }; }")
    await home.get_by_role("button", name="Stop treatment").click()
    await expect(home.get_by_role("heading", name=ON_HOLD)).to_be_visible()


async def test_damaged_things_are_left_out_and_the_press_still_goes(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira = await new_person(phone=True)
    home = await come_home(mira, clinic)
    await home.wait_for_function("unsent.home().then((mark) => mark)")
    await home.evaluate(
        "Promise.all([{}, { path: 5 }, { path: '/home/stop', method: 'POST' }].map(unsent.keep))"
    )
    await home.reload()
    await home.get_by_role("button", name="Stop treatment").click()
    await expect(home.get_by_role("heading", name=ON_HOLD)).to_be_visible()


async def test_a_phone_two_people_use_tells_nothing_under_the_others_name(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    """Mira presses without a network; then somebody else's own pages are opened in the same browser."""
    mira, ada = await new_person(phone=True), await new_person()
    mira.expect_disconnects()
    await pressed_offline_and_closed(mira, clinic)
    await mira.context.set_offline(False)
    sent = listening(mira.context)
    page = await mira.context.new_page()
    # The way in, where nobody is known yet, says and sends nothing.
    await mira.context.clear_cookies(name="hid")
    await page.goto(clinic["home_url"])
    await expect(page.get_by_role("heading", name="Your own pages")).to_be_visible()
    assert await kept(page) == 1
    await expect(page.get_by_role("status")).to_be_hidden()
    # Another home's mark on the pages: what was kept for Mira is gone.
    await page.evaluate("unsent.settle('another home')")
    assert await kept(page) == 0
    assert sent == []
    board = await board_of(ada, clinic)
    await expect(board.get_by_role("region", name="On hold")).not_to_contain_text("Mira Lindqvist")


async def test_a_device_that_is_forgotten_keeps_nothing(clinic: Clinic, new_person: OpenPerson) -> None:
    mira = await new_person(phone=True)
    mira.expect_disconnects()
    home = await come_home(mira, clinic)
    await home.wait_for_function("unsent.home().then((mark) => mark)")
    await home.goto(f"{clinic['base_url']}/home/devices")
    await home.evaluate(
        "unsent.keep({ method: 'PUT', path: '/home/stop', at: new Date().toISOString(), home: 'x' })"
    )
    mine = home.get_by_role("listitem").filter(has_text="this one")
    await mine.get_by_role("button", name="Forget").click()
    await expect(home.get_by_role("heading", name="This device is forgotten")).to_be_visible()
    await until(home, "async () => (await unsent.all()).length === 0 && !(await unsent.home())")
