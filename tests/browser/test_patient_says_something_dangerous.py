"""Item 9 acts at the tick: the numbers to call are there before anything is sent, and the clinic knows although the
page was closed right after."""

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import come_home


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
