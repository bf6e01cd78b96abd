"""Two desks at once: both are called when somebody waits, one has seen it and both are silent, and both show the same.

Then the server goes away: both say since when they have heard nothing, and are right again when it is back.
"""

import asyncio
import re
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson, start_clinic
from tests.browser.steps import come_in, until

# How often the page has chimed; and the board's number with what it says.
CHIMES = """addEventListener('DOMContentLoaded', () => {
  window.chimes = 0;
  document.addEventListener('chimed', () => window.chimes++);
});"""
SHOWN = """() => {
  const board = document.querySelector('[data-number]');
  return [board.dataset.number, board.innerText];
}"""


async def agree(*desks: Page) -> list[Any]:
    """Waits until all show the same number, and gives what each of them shows then."""
    deadline = asyncio.get_running_loop().time() + 60
    while True:
        shown = [await desk.evaluate(SHOWN) for desk in desks]
        if len({number for number, _ in shown}) == 1:
            return [words for _, words in shown]
        assert asyncio.get_running_loop().time() < deadline, shown
        await asyncio.sleep(0.2)


async def test_two_desks_are_called_alike_and_show_the_same(clinic: Clinic, new_person: OpenPerson) -> None:
    desks = []
    for _ in range(2):
        person = await new_person()
        person.expect_disconnects()
        await person.context.add_init_script(CHIMES)
        await person.page.goto(clinic["desk_url"])
        desks.append(person.page)
    one, other = desks
    assert "Waiting" not in (await agree(*desks))[0]

    mira = await new_person(phone=True)
    mira.expect_disconnects()
    await come_in(mira, clinic)
    seen = re.compile("^Seen: Mira")
    for desk in desks:
        await expect(desk.get_by_role("button", name=seen)).to_be_visible()
        await until(desk, "() => window.chimes > 0")
        await expect(desk).to_have_title(re.compile(r"^● \(1\) "))
    assert len({*await agree(*desks)}) == 1

    # No page is left or loaded for it.
    await one.get_by_role("button", name=seen).click()
    for desk in desks:
        await expect(desk.get_by_role("button", name=seen)).to_have_count(0)
        await expect(desk.get_by_text(re.compile("^seen .*Ada"))).to_be_visible()
        await expect(desk).to_have_title(re.compile(r"^\(1\) "))
    assert len({*await agree(*desks)}) == 1

    await clinic.stop()
    news = re.compile("The last news came at .* The server does not answer right now")
    for desk in desks:
        await expect(desk.get_by_text(news)).to_be_visible()
    again = await start_clinic(clinic.data, port=int(clinic["base_url"].rsplit(":", 1)[1]))
    clinic.process = again.process
    for desk in desks:
        await expect(desk.get_by_text(news)).to_be_hidden()
    assert len({*await agree(*desks)}) == 1
    await expect(other.locator(".column", has_text="Mira Lindqvist")).to_be_visible()
