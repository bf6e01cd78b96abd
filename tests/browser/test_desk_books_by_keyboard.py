"""A known patient is booked from the board by the keyboard alone, in 25 seconds or less.

Measured in keys and pages, which do not depend on the machine. Card, Moran and Newell's keystroke-level model gives
the seconds: 0.28 s a key of an average typist, 1.35 s each time one has to think (which button, which name, is it
right), and a second for each page. 24 keys, 3 thoughts and 2 new pages are 6.7 + 4.1 + 2.0 = 13 s.
"""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson

MOST_KEYS, THOUGHTS, NEW_PAGES = 24, 3, 2
SECONDS_A_KEY, SECONDS_A_THOUGHT, SECONDS_A_PAGE = 0.28, 1.35, 1.0


class Keyboard:
    """Presses keys and counts them; there is no mouse."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    async def press(self, key: str) -> None:
        self.pressed += 1
        await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        for letter in text:
            await self.press(letter)

    async def tab_to(self, name: str) -> None:
        while await self.page.evaluate("document.activeElement.textContent.trim()") != name:
            assert self.pressed < MOST_KEYS, f"{name} is too many keys away"
            await self.press("Tab")


@pytest.fixture
def clinic(shared_clinic: Clinic) -> Clinic:
    return shared_clinic


async def test_a_known_patient_is_booked_with_few_keys_and_two_new_pages(
    clinic: Clinic, new_person: OpenPerson
):
    ada = await new_person()
    page, keys = ada.page, Keyboard(ada.page)
    await page.goto(clinic["desk_url"])
    await expect(page.locator("html.ready")).to_be_attached()

    # Past the bar, to the one button; its page is the first new one.
    await keys.press("Tab")
    await keys.press("Enter")
    await keys.tab_to("Book visit")
    await keys.press("Enter")
    await expect(page.get_by_label("Find a patient")).to_be_focused()
    await keys.type("otto")
    await expect(page.get_by_role("radio", name=re.compile("^Otto"))).to_be_checked()
    await expect(page.get_by_label("Kind of visit")).to_have_value("check-in")
    await expect(page.locator("#book")).to_be_enabled()
    # The visit's own page is the second.
    await keys.press("Enter")
    visit = page.get_by_role("complementary", name="Visit")
    await expect(visit.get_by_role("heading", name=re.compile("Otto"))).to_be_visible()

    seconds = keys.pressed * SECONDS_A_KEY + THOUGHTS * SECONDS_A_THOUGHT + NEW_PAGES * SECONDS_A_PAGE
    assert keys.pressed <= MOST_KEYS
    assert seconds <= 25
