"""From an empty folder to a signed note, without any demo data; and the note read again after everything was lost."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port
from playwright.async_api import Page, expect

from server.demo.mail_catcher import MailCatcher
from tests.browser.conftest import OpenPerson, Person
from tests.browser.phones import code_of, shown_key
from tests.browser.steps import admit, in_call, sees_and_hears
from tests.browser.test_note_is_signed import answer_everything

pytestmark = pytest.mark.long

EMAIL, PASSWORD = "vera@quarry.example", "eleven gulls on the breakwater"
CODE = "Code from your authenticator app"
WORDS = "slept nine hours – grüßt 😀"


def run(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """One command, as an operator types it in the clinic's folder."""
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=folder,
        input=typed,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment() -> dict[str, str]:
    """The environment finds the code by itself: nothing but the clinic's own folder is where it is started."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("BEDSIDE_")}
    return {name: value for name, value in known.items() if name != "PYTHONPATH"}


def answers(mail_port: int) -> str:
    mail = ("", str(mail_port), "", "", "")
    clinic = ("Quarry Lane Clinic", "(505) 555-0107", "America/Phoenix", "")
    return "\n".join((*clinic, "Dr. Vera Holm", EMAIL, "", "mon-sun 0:00-23:59", PASSWORD, *mail)) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    folder.mkdir()
    return folder


@pytest.fixture
def mail(tmp_path: Path):
    catcher = MailCatcher(tmp_path / "mail")
    catcher.start()
    yield catcher
    catcher.stop()


@asynccontextmanager
async def serving(folder: Path, port: int) -> AsyncIterator[str]:
    """`python -m server serve`, until the block is left; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        "serve",
        cwd=folder,
        env=environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(30):
        while b" is open on " not in said:
            line = await process.stderr.readline()
            assert line, said.decode()
            said += line
    reading = asyncio.ensure_future(process.stderr.read())
    try:
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 15)
        await reading


async def password(page: Page, base: str) -> None:
    await page.goto(f"{base}/sign-in")
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()


async def first_sign_in(page: Page, base: str) -> str:
    """With a phone to set up; returns its key."""
    await password(page, base)
    await expect(page.get_by_role("heading", name="Set up your phone")).to_be_visible()
    key = await shown_key(page)
    await page.get_by_label(CODE).fill(code_of(key))
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("I have kept them").check()
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url("**/clinic/day")
    return key


async def book_a_new_patient(page: Page, base: str) -> None:
    await page.goto(f"{base}/desk/today")
    await page.get_by_role("button", name="Book visit").click()
    await page.get_by_label("Kind of visit").select_option("check-in")
    await expect(page.locator("#chosen-time")).to_have_text(re.compile(r"\d:\d\d"))
    await page.get_by_text("New patient", exact=True).click()
    await page.get_by_label("Name", exact=True).fill("Nadia Fairweather")
    await page.get_by_label("Date of birth").fill("1991-05-06")
    await page.get_by_label("E-mail", exact=True).fill("nadia@example.org")
    await page.locator("#book").click()
    visit = page.get_by_role("complementary", name="Visit")
    await expect(visit.get_by_role("heading", name="Nadia Fairweather")).to_be_visible()
    await expect(visit.get_by_text(re.compile("^Sent "))).to_be_visible()


def link_in(folder: Path) -> str:
    """The link in the mail that really left."""
    letters = [path.read_text() for path in sorted(folder.glob("*.eml"))]
    return next(
        found[0] for text in letters if (found := re.search(r"http://\S+/visit/join/[\w-]{43}", text))
    )


async def come_in(person: Person, link: str) -> Page:
    page = person.page
    await page.goto(link)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Date of birth").fill("1991-05-06")
    await page.get_by_role("button", name="That's me").click()
    await page.get_by_label("Where are you right now?").fill("3 Invented Row, Phoenix")
    await page.get_by_label("Number to call you back on").fill("(602) 555-0190")
    await page.get_by_label("Who is with you?").fill("Nobody")
    await page.get_by_label("I agree").check()
    await page.locator("form[method=post] button.primary").click()
    await expect(page.get_by_role("heading", name="You're in the waiting room")).to_be_visible()
    return page


async def see_and_sign(page: Page, base: str) -> str:
    """From the day to the signed note; returns its address."""
    await page.goto(f"{base}/clinic/day")
    await page.get_by_role("link", name=re.compile("Nadia Fairweather")).first.click()
    await page.wait_for_url("**/clinic/consult/*")
    await admit(page)
    await in_call(page)
    await sees_and_hears(page)
    await page.get_by_label("Interval history").fill(WORDS)
    await page.get_by_role("button", name="Finish visit").click()
    await expect(page.get_by_role("button", name="Reopen this visit")).to_be_visible()
    await answer_everything(page)
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await page.get_by_role("button", name="Sign note").click()
    state = page.get_by_role("region", name="Consult note").locator("[data-save-state]")
    await expect(state).to_have_text("Signed")
    return page.url


async def test_init_to_signed_note_then_backup_wipe_restore_read_and_not_without_the_key(
    folder: Path, mail: MailCatcher, tmp_path: Path, new_person: OpenPerson
) -> None:
    made = run(folder, "init", typed=answers(mail.port))
    assert made.returncode == 0, made.stderr
    port = unused_port()
    settings = (folder / "config.toml").read_text()
    settings = settings.replace("port = 8080", f"port = {port}").replace("port = 40000", "port = 0")
    (folder / "config.toml").write_text(settings.replace("orphan_minutes = 30", "orphan_minutes = 1"))

    vera, nadia = await new_person(), await new_person(phone=True)
    backup = tmp_path / "today.backup"
    async with serving(folder, port) as base:
        key = await first_sign_in(vera.page, base)
        await book_a_new_patient(vera.page, base)
        patient = await come_in(nadia, link_in(tmp_path / "mail"))
        note = await see_and_sign(vera.page, base)
        await expect(patient.get_by_role("heading", name="Your visit is finished")).to_be_visible()
        # While the clinic is open.
        saved = run(folder, "backup", str(backup))
        assert saved.returncode == 0 and "1 patients, 1 visits, 1 notes" in saved.stderr, saved.stderr
        for person in (vera, nadia):
            person.expect_disconnects()
        await vera.page.goto("about:blank")
        await nadia.page.goto("about:blank")
    for secret in (WORDS, "Fairweather", "Vera Holm", "Quarry"):
        assert secret.encode() not in backup.read_bytes()

    # Everything is lost but the key's copy and the backup.
    (folder / "master.key").rename(tmp_path / "kept.key")
    shutil.rmtree(folder)
    folder.mkdir()
    refused = run(folder, "restore", str(backup))
    assert refused.returncode == 1
    assert "Without it nobody can open the backup, and neither can we" in refused.stderr
    run(folder, "key", "master.key")
    assert "another one" in run(folder, "restore", str(backup)).stderr
    (folder / "master.key").unlink()
    assert list(folder.iterdir()) == []

    shutil.copy(tmp_path / "kept.key", folder / "master.key")
    restored = run(folder, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert "entries of the audit trail follow from one another" in restored.stderr
    assert "is there already" in run(folder, "restore", str(backup)).stderr
    async with serving(folder, port) as base:
        page = vera.page
        # Whoever was signed in when the backup was made is so no more.
        await page.goto(f"{base}/clinic/day")
        await expect(page).to_have_url(re.compile("/sign-in"))
        await password(page, base)
        # The code of a moment later: the one of now may have been used.
        await page.get_by_label(CODE).fill(code_of(key, later=30))
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/clinic/day")
        await page.goto(note)
        await expect(page.get_by_role("region", name="Consult note")).to_contain_text(WORDS)
        await page.goto("about:blank")


async def test_a_changed_or_cut_backup_restores_nothing(
    folder: Path, mail: MailCatcher, tmp_path: Path
) -> None:
    run(folder, "init", typed=answers(mail.port))
    backup = tmp_path / "today.backup"
    assert run(folder, "backup", str(backup)).returncode == 0
    assert "not overwritten" in run(folder, "backup", str(backup)).stderr
    whole = backup.read_bytes()
    shutil.rmtree(folder / "var")
    (folder / "config.toml").unlink()
    for broken in (whole[:-1], whole[: len(whole) // 2], whole[:-5] + b"x" + whole[-4:]):
        backup.write_bytes(broken)
        refused = run(folder, "restore", str(backup))
        assert refused.returncode == 1 and "was cut short or changed" in refused.stderr
        assert sorted(path.name for path in folder.iterdir()) == ["master.key", "recovery-sheet.txt"]
