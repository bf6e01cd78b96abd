"""Item 9 acts at the tick: the numbers to call are there before anything is sent, and the clinic knows although the
page was closed right after."""

from playwright.async_api import Route, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import come_home, until


async def test_item_9_ticked_and_the_tab_closed_reaches_the_clinicians_list(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira, reyes = await new_person(phone=True), await new_person()
    home = await come_home(mira, clinic)
    day = reyes.page
    await day.goto(clinic["clinic_url"])
    await expect(day.get_by_role("region", name="Needs you")).not_to_contain_text("Mira Lindqvist")

    await home.goto(f"{clinic['base_url']}/home/measure/phq-9")
    question = home.get_by_role("group", name="Thoughts that you would be better off dead")
    await question.get_by_text("Several days").click()
    await home.close()

    task = (
        day.get_by_role("region", name="Needs you").get_by_role("listitem").filter(has_text="Mira Lindqvist")
    )
    await expect(task).to_contain_text("Thoughts of death or self-harm")
    await expect(task).to_contain_text("Several days")
    # It stays until somebody takes it by name.
    await day.reload()
    await expect(task).to_be_visible()
    await task.get_by_role("button", name="Acknowledge").click()
    await expect(task).to_be_hidden()


async def test_the_numbers_are_there_at_the_tick_even_without_a_network(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    mira = await new_person(phone=True)
    mira.expect_disconnects()
    home = await come_home(mira, clinic)
    await home.goto(f"{clinic['base_url']}/home/measure/phq-9")
    question = home.get_by_role("group", name="Thoughts that you would be better off dead")
    help_now = home.get_by_role("region", name="Help now")
    await question.get_by_text("Not at all").click()
    await expect(help_now).to_be_hidden()

    await mira.context.set_offline(True)
    await question.get_by_text("Nearly every day").click()
    await expect(help_now.get_by_role("link", name="Call 988, crisis line")).to_be_visible()
    # It does not say that somebody was told before that is true.
    await expect(help_now).to_contain_text("your clinic does not know yet")
    await expect(help_now.get_by_text("is told")).to_be_hidden()
    await mira.context.set_offline(False)
    await expect(help_now.get_by_text("is told")).to_be_visible()


async def nothing_arrives(route: Route) -> None:
    await (route.abort() if route.request.method == "PUT" else route.continue_())


async def test_ticked_offline_and_the_page_closed_it_acts_from_the_next_page(
    clinic: Clinic, new_person: OpenPerson
) -> None:
    """ "A patient who ticks item 9 and closes the app must still trigger" (clinical.md §1.2), without a network too."""
    mira, reyes = await new_person(phone=True, service_workers="block"), await new_person()
    mira.expect_disconnects()
    # Gone as when a phone is switched off: without last words, and with no worker to speak for it.
    await mira.context.add_init_script(
        "addEventListener('pagehide', (e) => e.stopImmediatePropagation(), true)"
    )
    home = await come_home(mira, clinic)
    await home.goto(f"{clinic['base_url']}/home/measure/phq-9")
    await home.wait_for_function("unsent.home().then((mark) => mark)")
    question = home.get_by_role("group", name="Thoughts that you would be better off dead")
    # Not the whole network: what a page sends while it closes slips past a browser's own "offline".
    await mira.context.route("**/home/measure/*", nothing_arrives)
    await question.get_by_text("Several days").click()
    # Taken back before anybody heard of it: it was said all the same.
    await question.get_by_text("Not at all").click()
    await until(home, "async () => (await unsent.all()).length === 2")
    await home.goto("about:blank")

    day = reyes.page
    await day.goto(clinic["clinic_url"])
    await expect(day.get_by_role("region", name="Needs you")).not_to_contain_text("Mira Lindqvist")
    await mira.context.unroute("**/home/measure/*")
    await home.goto(f"{clinic['base_url']}/home/journal")
    await until(home, "async () => (await unsent.all()).length === 0")
    await expect(day.get_by_role("region", name="Needs you")).to_contain_text("Mira Lindqvist")
    await home.goto(f"{clinic['base_url']}/home/measure/phq-9")
    await expect(question.get_by_label("Not at all")).to_be_checked()
