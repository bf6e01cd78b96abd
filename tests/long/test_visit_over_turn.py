"""`media.relay = "turn"` as people meet it: the whole visit, with the page's own scripts and a real TURN server."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from server.web.network import own_addresses
from tests.browser.conftest import Clinic, OpenPerson, browsers, new_person, start_clinic
from tests.browser.steps import (
    FRAMES,
    MEASURE,
    admit,
    come_in,
    frames_decoded,
    in_call,
    open_consult,
    sees_and_hears,
    until,
)
from tests.long.coturn import SECRET, Coturn, a_coturn
from tests.long.test_call_between_firefox_and_chromium import come_in as come_in_with
from tests.media.firefox import a_firefox, firefox_path

__all__ = ["browsers", "new_person"]
DEMO = Path(__file__).with_name("demo_by_turn.py")
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]
# What this page's connections are allowed, and where they go.
ALLOWED = "document.querySelector('call-stage').call.peer.pc.getConfiguration().iceTransportPolicy"
PEER = "document.querySelector('call-stage').call.peer"
CONNECTION = "document.querySelector('call-stage').call.peer.connection"
WAY = "document.querySelector('call-stage').call.peer.way"


@pytest.fixture
def coturn(tmp_path: Path) -> Iterator[Coturn]:
    # Firefox leaves loopback out of its own addresses; then it reaches the TURN server at the machine's other one.
    with a_coturn(tmp_path, address=[*own_addresses(), "127.0.0.1"][0]) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(coturn: Coturn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clinic]:
    monkeypatch.setenv("BEDSIDE_TURN_SECRET", SECRET)
    started = await start_clinic(tmp_path / "clinic", inside=by_turn(coturn))
    yield started
    await started.stop()


def by_turn(coturn: Coturn) -> tuple[str, ...]:
    return (sys.executable, str(DEMO), coturn.udp)


async def test_a_visit_by_turn_alone_from_the_test_through_a_killed_server_to_its_end(
    clinic: Clinic, coturn: Coturn, new_person: OpenPerson
):
    mira, reyes, ada = await new_person(phone=True), await new_person(), await new_person()
    patient = await come_in(mira, clinic)
    check = patient.locator("device-check")
    await check.get_by_role("button", name="Test my camera and microphone").click()
    await expect(check.get_by_role("status")).to_contain_text("The test is done.", timeout=60_000)

    consult = await open_consult(reyes, clinic)
    await admit(consult)
    for page in (patient, consult):
        await in_call(page)
        await sees_and_hears(page, seconds=40)
        assert await page.evaluate(ALLOWED) == "relay"
        await until(page, f"{WAY} === 'turn-udp'")
    card = ada.page
    card.set_default_navigation_timeout(90_000)
    await card.goto(clinic["desk_url"])
    await card.goto(f"{clinic['base_url']}/desk/visit/{clinic['visit_id']}")
    await expect(card.get_by_text("through a TURN server (UDP)")).to_be_visible()
    await expect(card.get_by_text("Works over TURN")).to_be_visible()

    for person in (mira, reyes, ada):
        person.expect_disconnects()
    connections = [await page.evaluate(CONNECTION) for page in (patient, consult)]
    await clinic.stop(signal.SIGKILL)
    for page in (patient, consult):
        await goes_on(page)  # with no server at all
    port = int(clinic["base_url"].rsplit(":", 1)[1])
    again = await start_clinic(clinic.data, port=port, inside=by_turn(coturn))
    try:
        for page in (patient, consult):
            await until(page, "document.querySelector('call-stage').call.online", seconds=60)
            await in_call(page)
            await goes_on(page)
        assert [await page.evaluate(CONNECTION) for page in (patient, consult)] == connections
        await patient.reload()
        await in_call(patient)
        for page in (patient, consult):
            await sees_and_hears(page, seconds=40)
        await consult.get_by_role("button", name="Finish visit").click()
        await expect(consult.get_by_text("This visit is finished.")).to_be_visible()
    finally:
        await again.stop()


async def test_a_turn_server_that_is_away_when_the_call_begins_is_tried_until_it_is_back(
    clinic: Clinic, coturn: Coturn, new_person: OpenPerson
):
    with coturn.away():
        patient = await come_in(await new_person(phone=True), clinic)
        consult = await open_consult(await new_person(), clinic)
        await admit(consult)
        for page in (patient, consult):
            await in_call(page)
        # Both have said all that they have: descriptions without an address.
        await until(consult, f"{PEER}?.pc.remoteDescription")
        await until(consult, f"!{PEER}.pc.remoteDescription.sdp.includes('a=candidate')")
        await expect(consult.locator("[data-recovery-words]")).to_contain_text("The connection between you")
    for page in (patient, consult):
        await sees_and_hears(page, seconds=90)


async def test_firefox_and_chromium_see_and_hear_each_other_by_turn_alone(
    clinic: Clinic, tmp_path: Path, new_person: OpenPerson
):
    program = firefox_path()
    if program is None:
        pytest.skip("needs Firefox (Debian: firefox-esr)")
    reyes = await new_person()
    async with a_firefox(program, tmp_path) as firefox:
        await come_in_with(firefox, clinic)
        consult = await open_consult(reyes, clinic)
        await admit(consult)
        await in_call(consult)
        await sees_and_hears(consult, seconds=60)
        await firefox.until(f"return await ({MEASURE})();")
        await firefox.until(f"return {WAY} === 'turn-udp';")
        # Its whole description this time, with all that it has gathered.
        await firefox.run("document.querySelector('call-stage').call.peer.restartIce();")
        before = await firefox.run(f"return await ({FRAMES})();")
        await firefox.until(f"return await ({FRAMES})() > given[0];", before + 60)
        await goes_on(consult)


async def goes_on(page: Page, *, pictures: int = 30) -> None:
    """New pictures are decoded."""
    before = await frames_decoded(page)
    async with asyncio.timeout(60):
        while await frames_decoded(page) < before + pictures:
            await asyncio.sleep(0.1)
