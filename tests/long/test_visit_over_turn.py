"""`media.relay = "turn"` as people meet it: the whole visit, with the page's own scripts and a real TURN server."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson, browsers, new_person, start_clinic
from tests.browser.steps import admit, come_in, in_call, never_frozen, open_consult, sees_and_hears, until
from tests.long.coturn import SECRET, Coturn, a_coturn

__all__ = ["browsers", "new_person"]
DEMO = Path(__file__).with_name("demo_by_turn.py")
pytestmark = pytest.mark.asyncio(loop_scope="session")
# What this page's connections are allowed, and where they go.
ALLOWED = "document.querySelector('call-stage').call.peer.pc.getConfiguration().iceTransportPolicy"
WAY = "document.querySelector('call-stage').call.peer.way"


@pytest.fixture
def coturn(tmp_path: Path) -> Iterator[Coturn]:
    with a_coturn(tmp_path) as started:
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
        assert await page.evaluate(WAY) == "turn-udp"
    card = ada.page
    await card.goto(clinic["desk_url"])
    await card.goto(f"{clinic['base_url']}/desk/visit/{clinic['visit_id']}")
    await expect(card.get_by_text("through a TURN server (UDP)")).to_be_visible()
    await expect(card.get_by_text("Works over TURN")).to_be_visible()

    for person in (mira, reyes, ada):
        person.expect_disconnects()
    await clinic.stop(signal.SIGKILL)
    port = int(clinic["base_url"].rsplit(":", 1)[1])
    again, *_ = await asyncio.gather(
        start_clinic(clinic.data, port=port, inside=by_turn(coturn)),
        *(never_frozen(page, seconds=8) for page in (patient, consult)),
    )
    try:
        for page in (patient, consult):
            await until(page, "document.querySelector('call-stage').call.online")
            await in_call(page)
        await asyncio.gather(*(never_frozen(page, seconds=2) for page in (patient, consult)))
        await patient.reload()
        await in_call(patient)
        for page in (patient, consult):
            await sees_and_hears(page, seconds=40)
        await consult.get_by_role("button", name="Finish visit").click()
        await expect(consult.get_by_text("This visit is finished.")).to_be_visible()
    finally:
        await again.stop()
