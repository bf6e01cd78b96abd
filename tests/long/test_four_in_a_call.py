"""Patient, clinician, interpreter and sitter in four browsers: everybody sees three moving pictures, and a hold or a
removal is a closed gate: not one more frame arrives."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Clinic, OpenPerson, browsers, clinic, filled, new_person
from tests.browser.steps import admit, come_in, in_call, open_consult, until

__all__ = ["browsers", "clinic", "filled", "new_person"]
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

# By seat, of whomever this page has a connection with: pictures decoded, and packets of picture and sound received.
COUNTS = """async () => {
  const stage = document.querySelector('call-stage');
  const found = {};
  for (const { seat } of stage.call.others) {
    const peer = stage.call.peerOf(seat);
    if (!peer) continue;
    const received = [...(await peer.pc.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
    found[seat] = {
      pictures: received.find(({ kind }) => kind === 'video')?.framesDecoded ?? 0,
      packets: received.reduce((sum, { packetsReceived }) => sum + packetsReceived, 0),
    };
  }
  return found;
}"""
PATIENTLY = 120
# Twelve pictures are encoded and decoded on one machine: what is proven here does not need large ones.
SMALL_CAMERA = """() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = ({ audio, video }) =>
    ask({ audio, video: video && { width: 160, height: 120, frameRate: 8 } });
}"""


async def sees(page: Page, *seats: str) -> None:
    """Until new pictures of each of these seats have come."""
    before = await page.evaluate(COUNTS)
    async with asyncio.timeout(PATIENTLY):
        while True:
            now = await page.evaluate(COUNTS)
            seen = (now.get(seat, {}).get("pictures", 0) for seat in seats)
            known = (before.get(seat, {}).get("pictures", 0) for seat in seats)
            if all(new > old + 3 for new, old in zip(seen, known, strict=True)):
                return
            await asyncio.sleep(0.2)


async def gets_nothing_of(page: Page, seat: str) -> None:
    """What was on its way has come, and then for three seconds not one packet more: through an open gate some would."""
    async with asyncio.timeout(PATIENTLY):
        while True:
            before = (await page.evaluate(COUNTS))[seat]["packets"]
            await page.wait_for_timeout(3000)
            if (await page.evaluate(COUNTS))[seat]["packets"] == before:
                return


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


async def never_without_pictures(*pages: Page) -> None:
    """To a page a busy machine is a weak path, and it would send sound only; here the pictures are the proof."""
    for page in pages:
        await until(
            page,
            """() => {
              const { call } = document.querySelector('call-stage');
              if (call) call.audioFirst.measured = () => false;
              return Boolean(call);
            }""",
        )


async def picture(page: Page, name: str) -> None:
    """For somebody who wants to look: PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"))


@dataclass(frozen=True, slots=True)
class Four:
    """The pages, and the links of the two who were invited."""

    patient: Page
    consult: Page
    interpreter: Page
    sitter: Page
    links: list[str]

    @property
    def row(self) -> Locator:
        """Of the sitter, on the consult page."""
        return self.consult.locator("[data-guest=sitter-2]")

    async def see_each_other(self) -> None:
        seats = ("patient", "clinician", "interpreter-1", "sitter-2")
        pages = (self.patient, self.consult, self.interpreter, self.sitter)
        for mine, page in zip(seats, pages, strict=True):
            await sees(page, *(seat for seat in seats if seat != mine))
            await picture(page, f"four-{mine}")


async def four(clinic: Clinic, new_person: OpenPerson) -> Four:
    """Everybody let in, the guests one by one."""
    people = [await new_person(phone=n == 0) for n in range(4)]
    for each in people:
        await each.context.add_init_script(f"({SMALL_CAMERA})()")
    mira, reyes, ana, ben = people
    patient, consult = await come_in(mira, clinic), await open_consult(reyes, clinic)
    await never_without_pictures(patient, consult)
    await admit(consult)
    await in_call(patient)
    links = [
        await invite(consult, "Ana Example", "interpreter"),
        await invite(consult, "Ben Sitter", "sitter"),
    ]
    await picture(consult, "invited")
    interpreter = await come_as_guest(ana.page, links[0], "Ana Example")
    await never_without_pictures(interpreter)
    await picture(interpreter, "guest-waits")
    await let_in(consult, patient, "interpreter-1", "Ana Example")
    await sees(patient, "clinician", "interpreter-1")
    for page, name in ((patient, "patient-3"), (consult, "consult-3")):
        await picture(page, name)
    sitter = await come_as_guest(ben.page, links[1], "Ben Sitter")
    await never_without_pictures(sitter)
    await let_in(consult, patient, "sitter-2", "Ben Sitter")
    return Four(patient, consult, interpreter, sitter, links)


async def hold_the_sitter(four: Four) -> None:
    """Nobody gets anything of them, and they nothing of anybody; the others go on."""
    await four.row.get_by_role("button", name="Hold").click()
    await expect(four.sitter.get_by_role("heading", name="You are on hold")).to_be_visible()
    for page in (four.patient, four.consult, four.interpreter):
        await gets_nothing_of(page, "sitter-2")
    for seat in ("patient", "clinician", "interpreter-1"):
        await gets_nothing_of(four.sitter, seat)
    await sees(four.patient, "clinician", "interpreter-1")
    await picture(four.sitter, "held")
    await picture(four.patient, "held-seen-by-patient")
    await four.row.get_by_role("button", name="Take back").click()
    await sees(four.sitter, "patient", "clinician", "interpreter-1")


async def hold_the_patient(four: Four) -> None:
    await four.consult.locator("[data-hold]").click()
    await expect(four.patient.get_by_role("heading", name="You are on hold")).to_be_visible()
    await gets_nothing_of(four.consult, "patient")
    await gets_nothing_of(four.patient, "clinician")
    await sees(four.consult, "interpreter-1", "sitter-2")
    await picture(four.patient, "patient-held")
    await picture(four.consult, "patient-held-consult")
    await four.consult.locator("[data-hold]").click()
    await sees(four.patient, "clinician", "interpreter-1", "sitter-2")


async def test_four_people_see_each_other_and_a_hold_or_a_removal_is_enforced(
    clinic: Clinic, new_person: OpenPerson
):
    all_four = await four(clinic, new_person)
    patient, consult, sitter = all_four.patient, all_four.consult, all_four.sitter
    await all_four.see_each_other()
    await hold_the_sitter(all_four)
    await hold_the_patient(all_four)

    # Whoever the patient does not want any more is out at once, and comes in again only after another yes.
    await patient.get_by_role("button", name="Have Ben Sitter leave").click()
    await expect(sitter.get_by_role("heading", name="You're in the waiting room")).to_be_visible()
    await sees(patient, "clinician", "interpreter-1")
    assert "sitter-2" not in await patient.evaluate(COUNTS)
    await let_in(consult, patient, "sitter-2", "Ben Sitter")
    await sees(sitter, "patient", "clinician", "interpreter-1")

    # Removed: the page says so, and the link does not work any more.
    await all_four.row.get_by_role("button", name="Remove").click()
    await expect(sitter.get_by_role("heading", name="You are no longer in this visit")).to_be_visible()
    await sees(patient, "clinician", "interpreter-1")
    assert (await sitter.goto(all_four.links[1])).status == 410  # type: ignore[union-attr]

    # Finish closes it for everybody; the facts say who was there.
    await consult.get_by_role("button", name="Finish visit").click()
    await expect(all_four.interpreter.get_by_role("heading", name="This visit is over")).to_be_visible()
    await consult.reload()
    await expect(consult.get_by_text("interpreter: Ana Example").first).to_be_visible()
    await picture(consult, "facts")
