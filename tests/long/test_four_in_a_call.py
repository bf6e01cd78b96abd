"""Patient, clinician, interpreter and sitter in four browsers: everybody sees three moving pictures, and a hold or a
removal is a closed gate: not one more frame arrives."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson, browsers, clinic, new_person
from tests.browser.steps import admit, come_in, in_call, open_consult, until

__all__ = ["browsers", "clinic", "new_person"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

# By seat: how many pictures were decoded, of whomever this page has a connection with.
FRAMES = """async () => {
  const stage = document.querySelector('call-stage');
  const found = {};
  for (const { seat } of stage.call.others) {
    const peer = stage.call.peerOf(seat);
    if (!peer) continue;
    const stats = [...(await peer.pc.getStats()).values()];
    found[seat] = stats.find((s) => s.type === 'inbound-rtp' && s.kind === 'video')?.framesDecoded ?? 0;
  }
  return found;
}"""
SHOWN = """() => [...document.querySelectorAll('.tile')].filter((tile) => tile.querySelector('video').videoWidth > 0).length"""


async def sees(page: Page, *seats: str, seconds: float = 60) -> None:
    """Until pictures of exactly these seats keep coming."""
    script = f"""async () => {{
      const count = {FRAMES};
      const before = await count();
      await new Promise((done) => setTimeout(done, 1500));
      const after = await count();
      const moving = Object.keys(after).filter((seat) => after[seat] > (before[seat] ?? 0)).sort();
      return moving.join() === {sorted(seats)!r}.join();
    }}"""
    await until(page, script, seconds=seconds)


async def sees_nothing_of(page: Page, seat: str, *, seconds: int = 3) -> None:
    """What was on its way has come; after that not one frame in so many seconds."""
    count = f"async () => (await ({FRAMES})())[{seat!r}] ?? 0"
    await page.wait_for_timeout(1000)
    before = await page.evaluate(count)
    await page.wait_for_timeout(seconds * 1000)
    assert await page.evaluate(count) == before


async def invite(consult: Page, name: str, role: str) -> str:
    """Returns the link."""
    await consult.get_by_role("button", name="Invite someone").click()
    await consult.get_by_label("Name", exact=True).fill(name)
    await consult.get_by_label("Comes as").select_option(role)
    await consult.get_by_role("button", name="Make a link").click()
    link = consult.get_by_label(f"Link for {name}")
    await expect(link).to_be_visible()
    return await link.input_value()


async def come_as_guest(page: Page, link: str, name: str) -> Page:
    await page.goto(link)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="That's me").click()
    await expect(page.get_by_role("heading", name="You're in the waiting room")).to_be_visible()
    return page


async def let_in(consult: Page, patient: Page, seat: str, name: str) -> None:
    row = consult.locator(f"[data-guest={seat}]")
    await row.get_by_role("button", name="Ask Mira").click()
    await expect(patient.get_by_text(f"would like {name}")).to_be_visible()
    await picture(patient, f"asked-{seat}")
    await patient.get_by_role("button", name="Yes").click()
    await row.get_by_role("button", name="Admit").click()
    await expect(row).to_contain_text("in the call")


async def picture(page: Page, name: str) -> None:
    """For somebody who wants to look: PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"))


async def test_four_people_see_each_other_and_a_hold_or_a_removal_is_enforced(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes, ana, ben = (
        await new_person(phone=True),
        await new_person(),
        await new_person(),
        await new_person(),
    )
    patient, consult = await come_in(mira, clinic), await open_consult(reyes, clinic)
    await admit(consult)
    await in_call(patient)
    links = [
        await invite(consult, "Ana Example", "interpreter"),
        await invite(consult, "Ben Sitter", "sitter"),
    ]
    await picture(consult, "invited")
    interpreter = await come_as_guest(ana.page, links[0], "Ana Example")
    await picture(interpreter, "guest-waits")
    await let_in(consult, patient, "interpreter-1", "Ana Example")
    for page, name in ((patient, "patient-3"), (consult, "consult-3"), (interpreter, "interpreter-3")):
        await until(page, f"() => ({SHOWN})() === 2", seconds=60)
        await picture(page, name)
    sitter = await come_as_guest(ben.page, links[1], "Ben Sitter")
    await let_in(consult, patient, "sitter-2", "Ben Sitter")

    seats = {"patient": patient, "clinician": consult, "interpreter-1": interpreter, "sitter-2": sitter}
    for mine, page in seats.items():
        await sees(page, *(seat for seat in seats if seat != mine))
        assert await page.evaluate(SHOWN) == 3
        await picture(page, f"four-{mine}")

    # The sitter on hold: nobody gets a frame of them, and they get none of anybody.
    row = consult.locator("[data-guest=sitter-2]")
    await row.get_by_role("button", name="Hold").click()
    await expect(sitter.get_by_role("heading", name="You are on hold")).to_be_visible()
    for page in (patient, consult, interpreter):
        await sees_nothing_of(page, "sitter-2")
    for seat in ("patient", "clinician", "interpreter-1"):
        await sees_nothing_of(sitter, seat, seconds=1)
    await sees(patient, "clinician", "interpreter-1")
    await picture(sitter, "held")
    await picture(patient, "held-seen-by-patient")
    await row.get_by_role("button", name="Take back").click()
    await sees(sitter, "patient", "clinician", "interpreter-1")

    # The patient on hold: the others go on.
    await consult.locator("[data-hold]").click()
    await expect(patient.get_by_role("heading", name="You are on hold")).to_be_visible()
    await sees_nothing_of(consult, "patient")
    await sees_nothing_of(patient, "clinician", seconds=1)
    await sees(consult, "interpreter-1", "sitter-2")
    await picture(patient, "patient-held")
    await picture(consult, "patient-held-consult")
    await consult.locator("[data-hold]").click()
    await sees(patient, "clinician", "interpreter-1", "sitter-2")

    # Whoever the patient does not want any more is out at once, and comes in again only after another yes.
    await patient.get_by_role("button", name="Ask Ben Sitter to leave").click()
    await expect(sitter.get_by_role("heading", name="You're in the waiting room")).to_be_visible()
    await sees(patient, "clinician", "interpreter-1")
    await let_in(consult, patient, "sitter-2", "Ben Sitter")
    await sees(sitter, "patient", "clinician", "interpreter-1")

    # Removed: the page says so, and the link does not work any more.
    await row.get_by_role("button", name="Remove").click()
    await expect(sitter.get_by_role("heading", name="You are no longer in this visit")).to_be_visible()
    await sees(patient, "clinician", "interpreter-1")
    assert (await ben.page.goto(links[1])).status == 410  # type: ignore[union-attr]

    # Finish closes it for everybody; the facts say who was there.
    await consult.get_by_role("button", name="Finish visit").click()
    await expect(interpreter.get_by_role("heading", name="This visit is over")).to_be_visible()
    await consult.reload()
    await expect(consult.get_by_text("interpreter: Ana Example")).to_have_count(2)
    await picture(consult, "facts")
