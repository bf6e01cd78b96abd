"""Firefox at the patient's, Chromium at the psychiatrist's: they see and hear each other, through the real product."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.browser.conftest import Clinic, start_clinic
from tests.browser.steps import FRAMES, MEASURE, admit, in_call, open_consult, sees_and_hears
from tests.long.apart import DESK, person_at
from tests.media.firefox import Firefox, a_firefox, firefox_path

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILL = """
const [label, value] = given;
const found = [...document.querySelectorAll('label')].find((each) => each.textContent.includes(label));
const field = found?.control ?? found?.querySelector('input');
if (!field) return false;
if (field.type === 'checkbox') field.checked = true; else field.value = value;
for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
return true;"""
PRESS = """
const found = [...document.querySelectorAll('button')].find((each) => each.textContent.trim().startsWith(given[0]));
setTimeout(() => found?.click());
return Boolean(found);"""

SEND = """
const button = document.querySelector('form[method=post] button.primary');
setTimeout(() => button?.click());
return Boolean(button);"""


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    started = await start_clinic(tmp_path / "clinic")
    yield started
    await started.stop()


async def come_in(firefox: Firefox, clinic: Clinic) -> None:
    """As tests/browser/steps.py does it in Chromium."""
    await firefox.goto(clinic["visit_url"])
    await firefox.until(PRESS, "Continue")
    await firefox.until(FILL, "Date of birth", clinic["patient_date_of_birth"])
    await firefox.until(PRESS, "That's me")
    for label, value in (
        ("Where are you right now?", "41 Elm Court, Denver, CO"),
        ("Number to call you back on", "(303) 555-0142"),
        ("Who is with you?", "Nobody"),
        ("I agree", ""),
    ):
        await firefox.until(FILL, label, value)
    await firefox.until(
        "setTimeout(() => document.querySelector('form[method=post] button.primary').click()); return true;"
    )
    await firefox.until("return document.querySelector('call-stage') !== null;")


async def test_they_see_and_hear_each_other(clinic: Clinic, tmp_path: Path) -> None:
    program = firefox_path()
    if program is None:
        pytest.skip("needs Firefox (Debian: firefox-esr)")
    async with (
        async_playwright() as playwright,
        person_at(None, playwright, tmp_path, DESK) as reyes,
        a_firefox(program, tmp_path) as firefox,
    ):
        assert "Firefox/" in await firefox.run("return navigator.userAgent;")
        await come_in(firefox, clinic)
        consult = await open_consult(reyes, clinic)
        await admit(consult)
        await in_call(consult)
        await sees_and_hears(consult, seconds=60)
        seen = await firefox.until(f"return await ({MEASURE})();")
        assert seen["brightness"] > 10 and seen["energy"] > 0
        before = await firefox.run(f"return await ({FRAMES})();")
        await firefox.until(f"return await ({FRAMES})() > given[0];", before + 30)
        assert reyes.mistakes == []
