"""A real Chromium on a real server: the demo clinic in processes of its own, fake camera and microphone."""

import asyncio
import fcntl
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from server.demo.clinic import prepare
from server.demo.run import demo_config, demo_master_key
from server.store import outbox
from server.store.database import Database
from server.store.migrations import migrate
from server.web.clock import Clock
from tests.browser import demos

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Ten pictures a second show all that twenty would, for two thirds of the work.
    "--use-fake-device-for-media-stream=fps=10",
    "--autoplay-policy=no-user-gesture-required",
]
FAKE_PERMISSION = "--use-fake-ui-for-media-stream"
READY_SECONDS = 180
# What a browser says by itself about a request that was refused or cut; pages say theirs in words.
ANSWERS = "Failed to load resource"
# And about a server or a network that is away.
NETWORK = re.compile(r"net::ERR_|WebSocket connection to|Failed to fetch|NetworkError")

# How long a page may take on a busy machine before a test gives up; whoever expects something sooner says so.
PATIENTLY = 30_000
expect.set_options(timeout=PATIENTLY)


WITHOUT_WINDOWS = "chromium-headless-shell"


def chromium_path(*first: str) -> str | None:
    """An installed Chromium or Chrome, the `first` names before the others, else None for Playwright's own."""
    names = (*first, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@dataclass(slots=True)
class Clinic:
    """A running demo: its facts line, its folder, and its process where a test may end it."""

    facts: dict[str, Any]
    data: Path
    process: asyncio.subprocess.Process | demos.Demo | None = None

    def __getitem__(self, name: str) -> str:
        return str(self.facts[name])

    async def stop(self, kind: int = signal.SIGTERM) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(kind)
        await asyncio.wait_for(self.process.wait(), 60)


def log_of(data: Path) -> Path:
    return data.parent / f"{data.name}.log"


async def start_clinic(
    data: Path, *, port: int = 0, inside: tuple[str, ...] = (), options: tuple[str, ...] = ()
) -> Clinic:
    """`python -m server demo --json` on `data`; ready when its line has come. `inside` is a command that runs it."""
    process = await asyncio.create_subprocess_exec(
        *(*inside, sys.executable, "-m", "server", *demos.arguments(data, port), *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=log_of(data).open("ab"),
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
    assert line, log_of(data).read_text()[-3000:]
    return Clinic(facts=json.loads(line), process=process, data=data)


def fork_clinic(data: Path) -> Clinic:
    """The same, but for how its process comes into being: for whatever is not about starting."""
    demo = demos.start(data, log=log_of(data), seconds=READY_SECONDS)
    return Clinic(facts=demo.facts, process=demo, data=data)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all tests here, because the browsers they share live in it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's folder with its people and their past in it, once: every demo of a test begins with a copy.

    Pytest's processes share it: whoever comes first fills it, the others wait.
    """
    own = tmp_path_factory.getbasetemp()
    everybodys = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (everybodys / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (everybodys / "filled").exists():
            (await fill(tmp_path_factory.mktemp("filled"))).rename(everybodys / "filled")
    return everybodys / "filled"


async def fill(data: Path) -> Path:
    """And open once until the letters of its first day are sent, which no test waits for."""
    config = demo_config(0, data=data, mail_port=0)
    migrate(config.database_url)
    database = await Database.open(config.database_url, demo_master_key(data / "master.key"))
    await prepare(database, now=Clock().now())
    opened = await asyncio.to_thread(fork_clinic, data)
    async with asyncio.timeout(READY_SECONDS):
        while await letters_wait(database):
            await asyncio.sleep(0.1)
    await opened.stop()
    await database.close()
    return data


async def letters_wait(database: Database) -> bool:
    async with database.read() as tx:
        return bool(await outbox.due(tx, now=Clock().now()))


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(filled: Path, tmp_path: Path) -> AsyncIterator[Clinic]:
    started = await asyncio.to_thread(fork_clinic, shutil.copytree(filled, tmp_path / "clinic"))
    yield started
    await started.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_clinic(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clinic]:
    """One demo for all tests that leave its two known visits as they are: with a note, or a call, of their own."""
    data = shutil.copytree(filled, tmp_path_factory.mktemp("shared") / "clinic")
    shared = await asyncio.to_thread(fork_clinic, data)
    yield replace(shared, process=None)
    await shared.stop()


@dataclass(slots=True)
class Person:
    """One browser profile with its pages, and every error their scripts made."""

    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)
    disconnects: bool = False

    def expect_disconnects(self) -> None:
        """From the start or in the middle: this person's network or server goes away, and the browser says so."""
        self.disconnects = True

    @property
    def mistakes(self) -> list[str]:
        """The errors that are a page's fault."""
        return [e for e in self.errors if not (self.disconnects and NETWORK.search(e))]

    def watch(self, page: Page) -> None:
        def heard(message: ConsoleMessage) -> None:
            if message.type == "error" and ANSWERS not in message.text:
                self.errors.append(message.text)

        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", heard)


OpenPerson = Callable[..., Awaitable[Person]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers() -> AsyncIterator[Callable[[bool], Awaitable[Browser]]]:
    """Two browsers for all tests, one that allows camera and microphone and one that refuses, each started when needed.

    People are told apart by contexts: nothing of one is seen by another. Where it is installed, the first is the same
    Chromium without the windows around its pages, which cost a second of CPU a person. Without them nobody can be asked
    or refuse in so many words: so the second has them, and that of tests/long.
    """
    running: dict[bool, Browser] = {}
    async with async_playwright() as playwright:

        async def browser(allow: bool) -> Browser:
            if allow not in running:
                flags = ["--headless=new", *FLAGS, *([FAKE_PERMISSION] if allow else [])]
                path = chromium_path(WITHOUT_WINDOWS) if allow else chromium_path()
                running[allow] = await playwright.chromium.launch(executable_path=path, args=flags)
            return running[allow]

        yield browser
        for each in running.values():
            await each.close()


# Everything that is read out to somebody who does not see the page: one announcement soon takes another's place.
LISTENS = """addEventListener('DOMContentLoaded', () => {
  window.said = [];
  const place = document.querySelector('[data-announce]');
  const heard = () => window.said.push(place.textContent);
  if (place) new MutationObserver(heard).observe(place, { childList: true, subtree: true, characterData: true });
});"""


@pytest_asyncio.fixture(loop_scope="session")
async def new_person(browsers: Callable[[bool], Awaitable[Browser]]) -> AsyncIterator[OpenPerson]:
    """A function that opens one more person's browser: `await new_person(phone=True)`.

    `allow=False` is somebody whose browser refuses camera and microphone.
    """
    opened: list[Person] = []

    async def open_one(*, phone: bool = False, allow: bool = True, **options: Any) -> Person:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = await (await browsers(allow)).new_context(viewport=size, **options)  # type: ignore[arg-type]
        if allow:
            await context.grant_permissions(["camera", "microphone"])
        await context.add_init_script(LISTENS)
        person = Person(context=context, page=await context.new_page())
        opened.append(person)
        person.watch(person.page)
        context.on("page", lambda page, whose=person: whose.watch(page))
        return person

    yield open_one
    for person in opened:
        await person.context.close()
    assert [mistake for person in opened for mistake in person.mistakes] == []
