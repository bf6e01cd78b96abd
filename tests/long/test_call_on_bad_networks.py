"""A visit over bad lines: the picture keeps moving, the sound goes on, and both sides read what is the matter.

The real product in two real browsers; one line for all of them, between the patient's phone and the clinic, bad in both
directions. After each trouble the line is good again, and so must be the call before the next.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from tests.browser.conftest import Person, start_clinic
from tests.browser.steps import admit, come_in, in_call, open_consult, sees_and_hears, until
from tests.long.apart import DESK, PHONE, past_the_warning, person_at
from tests.networks.impairment import Impairment
from tests.networks.namespaces import Pair, skip_unless_possible, two_machines

pytestmark = pytest.mark.asyncio(loop_scope="session")

SETTLES, WATCHED = 8, 12
SLEEPS = 45  # longer than a seat's lease, and than the relay waits before it calls somebody silent
BACK = 90_000
WEAK = "Your connection is weak. Moving closer to your Wi-Fi may help."

# One look each second at what arrives: pictures decoded; sounds played, and how many of them were made up.
LOOKS = """async (seconds) => {
  const looks = [];
  for (let second = 0; second <= seconds; second++) {
    const rows = [...(await document.querySelector('call-stage').call.peer.pc.getStats()).values()];
    const of = (kind) => rows.find((row) => row.type === 'inbound-rtp' && row.kind === kind);
    const { totalSamplesReceived, concealedSamples, silentConcealedSamples, totalAudioEnergy } = of('audio');
    looks.push({ pictures: of('video').framesDecoded, samples: totalSamplesReceived, energy: totalAudioEnergy,
      madeUp: concealedSamples - silentConcealedSamples });
    await new Promise((done) => setTimeout(done, 1000));
  }
  return looks;
}"""
ESTIMATE = """async () => {
  const rows = [...(await document.querySelector('call-stage').call.peer.pc.getStats()).values()];
  return rows.find((row) => row.type === 'candidate-pair' && row.nominated)?.availableOutgoingBitrate;
}"""
# Keeps when the last new picture was decoded, and the longest time that one stood. Date, because a computer that sleeps
# may stop the other clock.
STANDS = """() => {
  clearTimeout(window.standing?.timer);
  const standing = window.standing = { longest: 0, frames: -1, since: Date.now() };
  const look = async () => {
    const rows = [...(await document.querySelector('call-stage').call.peer.pc.getStats()).values()];
    const frames = rows.find((row) => row.type === 'inbound-rtp' && row.kind === 'video')?.framesDecoded ?? 0;
    if (frames !== standing.frames) [standing.frames, standing.since] = [frames, Date.now()];
    standing.longest = Math.max(standing.longest, Date.now() - standing.since);
    standing.timer = setTimeout(look, 50);
  };
  look();
}"""
STOOD = "window.standing.longest / 1000"
BACK_SECONDS = 8  # experience.md P2
CONNECTION = "document.querySelector('call-stage').call.peer.connection"
OWN_ADDRESS = """async () => {
  const stats = await document.querySelector('call-stage').call.peer.pc.getStats();
  const wire = [...stats.values()].find((row) => row.type === 'transport');
  return stats.get(stats.get(wire.selectedCandidatePairId)?.localCandidateId)?.address;
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    machines: Pair
    mira: Person
    phone: Page
    consult: Page

    @property
    def pages(self) -> tuple[Page, Page]:
        return self.phone, self.consult


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visit]:
    """One for all: what a line did is over before the next is tried."""
    skip_unless_possible()
    folder = tmp_path_factory.mktemp("visit")
    with two_machines() as machines:
        clinic = await start_clinic(folder / "clinic", inside=machines.clinic.inside, options=("--phone",))
        async with (
            async_playwright() as playwright,
            person_at(machines.phone, playwright, folder, PHONE) as mira,
            person_at(machines.clinic, playwright, folder, DESK) as reyes,
        ):
            await past_the_warning(mira, clinic["visit_url"])
            phone, consult = await come_in(mira, clinic), await open_consult(reyes, clinic)
            await admit(consult)
            for page in (phone, consult):
                await in_call(page)
                await sees_and_hears(page, seconds=30)
            yield Visit(machines, mira, phone, consult)
            assert mira.mistakes == [] and reyes.mistakes == []
        await clinic.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def call(visit: Visit) -> AsyncIterator[Visit]:
    """Good before, and good again after: no trouble is left in words or pictures."""
    yield visit
    visit.machines.cable.becomes()
    for page in visit.pages:
        await expect(page.locator("[data-remote-state]")).to_have_text("good connection", timeout=BACK)
        await expect(page.locator("[data-own-state]")).to_be_hidden(timeout=BACK)
        await until(page, f"async () => await ({ESTIMATE})() > 400_000", seconds=BACK / 1000)


async def watch(visit: Visit) -> list[list[dict[str, Any]]]:
    await asyncio.sleep(SETTLES)  # congestion control needs its time, in every product
    return await asyncio.gather(*(page.evaluate(LOOKS, WATCHED) for page in visit.pages))


def keeps_moving(looks: list[dict[str, Any]]) -> None:
    """No picture stands for two seconds on end."""
    new = [later["pictures"] - earlier["pictures"] for earlier, later in pairwise(looks)]
    assert all(first + second > 0 for first, second in pairwise(new)), f"new pictures a second: {new}"


def goes_on(looks: list[dict[str, Any]], *, made_up: float) -> None:
    first, last = looks[0], looks[-1]
    assert last["energy"] > first["energy"]
    share = (last["madeUp"] - first["madeUp"]) / (last["samples"] - first["samples"])
    assert share < made_up, f"{share:.0%} of the sound is made up"


LINES = [
    # At 5 % chance alone decides whether a few seconds look weak, so no words are expected there.
    pytest.param(Impairment(loss=0.05), 0.15, id="5 % lost"),
    pytest.param(Impairment(bits_per_second=500_000), 0.10, id="500 kbit a second"),
    pytest.param(Impairment(delay=0.1, jitter=0.03), 0.10, id="100 ms late, trembling by 30"),
    # The browsers' estimate sinks below what a picture needs; it would be wrong to believe it.
    pytest.param(Impairment(jitter=0.1), 0.10, id="trembling by 100 ms"),
]


@pytest.mark.parametrize(("line", "made_up"), LINES)
async def test_pictures_move_and_sound_goes_on(call: Visit, line: Impairment, made_up: float) -> None:
    call.machines.cable.becomes(line)
    for looks in await watch(call):
        keeps_moving(looks)
        goes_on(looks, made_up=made_up)


async def test_a_tenth_lost_is_said_on_both_sides_while_pictures_move_and_sound_goes_on(call: Visit) -> None:
    call.machines.cable.becomes(Impairment(loss=0.1))
    said = [
        expect(page.locator(place)).to_have_text(words, timeout=BACK)
        for page in call.pages
        for place, words in (("[data-own-state]", WEAK), ("[data-remote-state]", "their connection is weak"))
    ]
    watched, *_ = await asyncio.gather(watch(call), *said)
    for looks in watched:
        keeps_moving(looks)
        goes_on(looks, made_up=0.25)


async def test_a_new_address_costs_moments_and_no_new_connection(call: Visit) -> None:
    """From one network into another: the old address is gone, and nobody does anything."""
    call.mira.expect_disconnects()
    before = [await page.evaluate(CONNECTION) for page in call.pages]
    assert await until(call.phone, OWN_ADDRESS) == "10.77.0.2"
    for page in call.pages:
        await page.evaluate(STANDS)
    call.machines.phone.moves("10.77.0.3")
    await until(call.phone, f"async () => await ({OWN_ADDRESS})() === '10.77.0.3'", seconds=BACK / 1000)
    for page in call.pages:
        await expect(page.get_by_text("Reconnecting…")).to_be_hidden(timeout=BACK)
    for looks in await watch(call):
        keeps_moving(looks)
        goes_on(looks, made_up=0.10)
    stood = [await page.evaluate(STOOD) for page in call.pages]
    assert max(stood) < BACK_SECONDS, f"pictures stood for {stood} s"
    assert [await page.evaluate(CONNECTION) for page in call.pages] == before


async def test_half_a_minute_without_a_network_is_said_on_both_sides_and_mends_itself(call: Visit) -> None:
    """experience.md P2, features 33 and 58. Longer than the lease of a seat: the room keeps it all the same."""
    call.mira.expect_disconnects()
    before = [await page.evaluate(CONNECTION) for page in call.pages]
    began = asyncio.get_running_loop().time()
    call.machines.cable.becomes(Impairment(loss=1.0))
    away = call.consult.get_by_text("Mira Lindqvist's connection is interrupted; trying again…")
    await expect(away).to_be_visible(timeout=BACK)
    await expect(call.phone.get_by_text("Reconnecting…")).to_be_visible(timeout=BACK)
    # One tap away, on both sides.
    instead = call.phone.locator("[data-phone-instead]")
    await expect(instead.get_by_role("button", name="Call me instead")).to_be_visible(timeout=BACK)
    await expect(instead.get_by_role("link", name="Call us")).to_have_attribute("href", "tel:3035550100")
    ring = call.consult.locator("[data-phone-instead] a")
    await expect(ring).to_be_visible(timeout=BACK)
    await expect(ring).to_have_attribute("href", "tel:3035550142")
    await asyncio.sleep(max(0.0, 30 - (asyncio.get_running_loop().time() - began)))
    await expect(away).to_be_visible()

    call.machines.cable.becomes()
    for page in call.pages:
        await page.evaluate(STANDS)
    for page in call.pages:
        await expect(page.locator("[data-recovery]")).to_be_hidden(timeout=BACK)
    for looks in await watch(call):
        keeps_moving(looks)
        goes_on(looks, made_up=0.10)
    stood = [await page.evaluate(STOOD) for page in call.pages]
    assert max(stood) < BACK_SECONDS, f"pictures stood for {stood} s after the network was back"
    assert [await page.evaluate(CONNECTION) for page in call.pages] == before
    await expect(call.consult.locator(".seen").first).to_contain_text("gap")


async def test_a_computer_that_slept_is_in_the_call_again_by_itself(call: Visit) -> None:
    """Its whole browser stands still and nothing reaches it; then it wakes up, and nobody presses anything."""
    call.mira.expect_disconnects()
    away = call.consult.get_by_text("Mira Lindqvist's connection is interrupted; trying again…")
    with call.machines.phone.asleep():
        call.machines.cable.becomes(Impairment(loss=1.0))
        await expect(away).to_be_visible(timeout=BACK)
        await asyncio.sleep(SLEEPS)
        await expect(away).to_be_visible()
        call.machines.cable.becomes()
    for page in call.pages:
        await page.evaluate(STANDS)
    for page in call.pages:
        await expect(page.locator("[data-recovery]")).to_be_hidden(timeout=BACK)
    await expect(away).to_be_hidden(timeout=BACK)
    for looks in await watch(call):
        keeps_moving(looks)
        goes_on(looks, made_up=0.10)
    stood = [await page.evaluate(STOOD) for page in call.pages]
    assert max(stood) < BACK_SECONDS, f"pictures stood for {stood} s after waking up"
