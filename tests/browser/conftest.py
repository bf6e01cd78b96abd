"""A real Chromium on a real server: the demo clinic in processes of its own, fake camera and microphone."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
FAKE_PERMISSION = "--use-fake-ui-for-media-stream"
READY_SECONDS = 30


def chromium_path() -> str | None:
    """An installed Chromium or Chrome, else None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@dataclass(slots=True)
class Clinic:
    """A running demo: its facts line, its process, its folder."""

    facts: dict[str, Any]
    process: asyncio.subprocess.Process
    data: Path

    def __getitem__(self, name: str) -> str:
        return str(self.facts[name])

    async def stop(self, kind: int = signal.SIGTERM) -> None:
        if self.process.returncode is None:
            self.process.send_signal(kind)
        await asyncio.wait_for(self.process.wait(), 15)


async def start_clinic(data: Path, *, port: int = 0) -> Clinic:
    """`python -m server demo --json` on `data`; ready when its line has come."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "demo", "--json", "--port", str(port), "--data", str(data)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=(data.parent / f"{data.name}.log").open("ab"),
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
    assert line, (data.parent / f"{data.name}.log").read_text()[-3000:]
    return Clinic(facts=json.loads(line), process=process, data=data)


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    started = await start_clinic(tmp_path / "clinic")
    yield started
    await started.stop()


@dataclass(slots=True)
class Person:
    """One browser profile with one page, and every error its scripts made."""

    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)


OpenPerson = Callable[..., Awaitable[Person]]


async def _launch(playwright: Any, *flags: str) -> Browser:
    return await playwright.chromium.launch(  # type: ignore[no-any-return]
        executable_path=chromium_path(), args=["--headless=new", *FLAGS, *flags]
    )


@pytest.fixture
async def new_person() -> AsyncIterator[OpenPerson]:
    """A function that opens one more person's browser: `await new_person(devices=False, phone=True)`.

    `allow=False` is somebody whose browser refuses camera and microphone.
    """
    opened: list[Person] = []
    async with async_playwright() as playwright:
        browsers: list[Browser] = []

        async def open_one(*, phone: bool = False, allow: bool = True, **options: Any) -> Person:
            browser = await _launch(playwright, *([FAKE_PERMISSION] if allow else []))
            browsers.append(browser)
            size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
            context = await browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
            if allow:
                await context.grant_permissions(["camera", "microphone"])
            person = Person(context=context, page=await context.new_page())
            person.page.on("pageerror", lambda error: person.errors.append(str(error)))
            person.page.on(
                "console",
                lambda message: (
                    person.errors.append(message.text)
                    if message.type == "error" and "Failed to load resource" not in message.text
                    else None
                ),
            )
            opened.append(person)
            return person

        yield open_one
        for browser in browsers:
            await browser.close()
    assert [error for person in opened for error in person.errors] == []
