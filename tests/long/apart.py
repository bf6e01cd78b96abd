"""The clinic on one machine, the patient's browser on another: the real product in real browsers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Playwright, expect

from tests.browser.conftest import FAKE_PERMISSION, FLAGS, LISTENS, Person, chromium_path
from tests.networks.namespaces import Machine

DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@asynccontextmanager
async def person_at(
    machine: Machine | None, playwright: Playwright, folder: Path, device: dict
) -> AsyncIterator[Person]:
    """Without a machine: on this one."""
    browser = await _browser_on(machine, playwright, folder)
    context = await browser.new_context(**device)
    yield await _person(context)
    await browser.close()


async def _browser_on(machine: Machine | None, playwright: Playwright, folder: Path) -> Browser:
    found = chromium_path()
    if found is None:
        pytest.skip("no Chromium that could be started on another machine")
    program = machine.program(folder / machine.namespace, found) if machine else found
    return await playwright.chromium.launch(
        executable_path=program, args=["--headless=new", *FLAGS, FAKE_PERMISSION]
    )


async def _person(context: BrowserContext) -> Person:
    await context.grant_permissions(["camera", "microphone"])
    await context.add_init_script(LISTENS)
    person = Person(context=context, page=await context.new_page())
    person.watch(person.page)
    return person


async def past_the_warning(person: Person, link: str) -> None:
    """As on Android: Chrome warns, and goes on when told twice. These letters are its own way for it."""
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        await person.page.goto(link)
    await expect(person.page).to_have_title("Privacy error")
    await person.page.keyboard.type("thisisunsafe")
    await expect(person.page.get_by_role("button", name="Continue")).to_be_visible()
