"""What people do in a visit, step by step, and what can be measured of their pictures and sounds."""

import asyncio
import html
import json
import quopri
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import PATIENTLY, Clinic, OpenPerson, Person


async def come_in(person: Person, clinic: Clinic, *, link: str = "visit_url") -> Page:
    """From the link to the waiting room, as a patient."""
    page = person.page
    await page.goto(clinic[link])
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Date of birth").fill(clinic["patient_date_of_birth"])
    await page.get_by_role("button", name="That's me").click()
    await page.get_by_label("Where are you right now?").fill("41 Elm Court, Denver, CO")
    await page.get_by_label("Number to call you back on").fill("(303) 555-0142")
    await page.get_by_label("Who is with you?").fill("Nobody")
    await page.get_by_label("I agree").check()
    await page.locator("form[method=post] button.primary").click()
    await expect(page.get_by_role("heading", name="You're in the waiting room")).to_be_visible()
    return page


async def come_home(person: Person, clinic: Clinic) -> Page:
    """From the link to Mira's own pages, with the code from the mail that the clinic really sent."""
    page = person.page
    await page.goto(clinic["home_url"])
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Date of birth").fill(clinic["patient_date_of_birth"])
    await page.get_by_role("button", name="That's me").click()
    before = codes_mailed(clinic)
    await page.get_by_role("button", name=re.compile("^Send it by e-mail")).click()
    deadline = asyncio.get_running_loop().time() + PATIENTLY / 1000
    while (codes := codes_mailed(clinic)) == before:
        assert asyncio.get_running_loop().time() < deadline, "no code came"
        await asyncio.sleep(0.1)
    await page.get_by_label("Code from our message").fill(codes[-1])
    await page.get_by_role("button", name="Open my pages").click()
    await expect(page.get_by_role("heading", name="Hello Mira")).to_be_visible()
    return page


def codes_mailed(clinic: Clinic) -> list[str]:
    """The codes in the mails that left, the oldest first."""
    letters = [path.read_text(errors="replace") for path in sorted((clinic.data / "mail").glob("*.eml"))]
    return [found[1] for letter in letters if (found := re.search(r"Your code: (\d{6})", letter))]


async def mailed(clinic: Clinic, to: str, way: str) -> str:
    """The link of this kind in the mail that really left for this address."""
    deadline = asyncio.get_running_loop().time() + PATIENTLY / 1000
    while True:
        for path in sorted((clinic.data / "mail").glob("*.eml")):
            # A long line is cut in two by the way mail is written.
            letter = quopri.decodestring(path.read_bytes()).decode(errors="replace")
            found = re.search(rf"http://\S+{way}[\w-]{{43}}", letter)
            if found and f"To: {to}" in letter:
                return found[0]
        assert asyncio.get_running_loop().time() < deadline, f"no {way} came"
        await asyncio.sleep(0.1)


async def open_consult(person: Person, clinic: Clinic, *, visit: str = "visit_id") -> Page:
    """Signed in as the visit's psychiatrist, on its consult page."""
    page = person.page
    await page.goto(clinic["clinic_url"])
    await page.goto(f"{clinic['base_url']}/clinic/consult/{clinic[visit]}")
    await expect(page.get_by_role("region", name="Consult note")).to_be_visible()
    return page


async def admit(page: Page) -> None:
    """Waits until somebody is there to be admitted."""
    button = page.get_by_role("button", name="Admit")
    await expect(button).to_be_enabled()
    await button.click()


async def in_call(page: Page) -> None:
    await expect(page.locator("call-stage[state=call]")).to_be_visible()


async def call(clinic: Clinic, new_person: OpenPerson) -> tuple[Page, Page]:
    """Both in a call that is seen and heard; the patient's page first."""
    mira, reyes = await new_person(phone=True), await new_person()
    patient = await come_in(mira, clinic)
    consult = await open_consult(reyes, clinic)
    await admit(consult)
    for page in (patient, consult):
        await in_call(page)
        await sees_and_hears(page)
    return patient, consult


async def sees_and_hears(page: Page, *, seconds: float = 60) -> dict[str, Any]:
    """Waits until pictures that are not black and sounds that are not silence have arrived; says what was measured."""
    found: dict[str, Any] = await until(page, MEASURE, seconds=seconds)
    return found


async def until(page: Page, script: str, *, seconds: float = PATIENTLY / 1000) -> Any:
    """The first truthy result of `script`.

    `wait_for_function` takes the promise of an async function for a truthy result and waits for nothing.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await page.evaluate(script)):
        assert asyncio.get_running_loop().time() < deadline, f"never true within {seconds} s: {script}"
        await asyncio.sleep(0.1)
    return found


async def hears(page: Page, words: str) -> None:
    """Waits until this was read out, even when something else was right after it (see conftest.py)."""
    await until(page, f"() => window.said.some((each) => each.includes({json.dumps(words)}))")


async def frames_decoded(page: Page) -> int:
    return int(await page.evaluate(FRAMES))


# Pictures that are sent within two seconds, and so few that a machine had no time for more.
A_FREEZE, HARDLY_ANY = 20, 3


async def never_frozen(page: Page, other: Page, *, seconds: int) -> None:
    """Every single second brings new pictures, if the `other` side sent any; sounds come in any case.

    How long it takes is measured in pictures that were sent: by the clock, a starved machine would seem to freeze.
    """
    for second in range(seconds):
        seen, heard, sent = (
            await frames_decoded(page),
            await flow(page, "received"),
            await flow(other, "sent"),
        )
        await page.wait_for_timeout(1000)
        deadline = asyncio.get_running_loop().time() + PATIENTLY / 1000
        while await frames_decoded(page) == seen:
            sent_since = await flow(other, "sent") - sent
            if sent_since <= HARDLY_ANY and await flow(page, "received") > heard:
                break
            assert sent_since < A_FREEZE, f"no new picture in second {second + 1}, but {sent_since} were sent"
            assert asyncio.get_running_loop().time() < deadline, (
                f"neither picture nor sound in second {second + 1}"
            )
            await asyncio.sleep(0.1)


async def flow(page: Page, which: str) -> int:
    """The sounds' packets received so far, or the pictures sent."""
    return int(await page.evaluate(FLOW, which))


FRAMES = """async () => {
  const peer = document.querySelector('call-stage').call.peer;
  if (!peer) return 0;
  const stats = [...(await peer.pc.getStats()).values()];
  return stats.find((s) => s.type === 'inbound-rtp' && s.kind === 'video')?.framesDecoded ?? 0;
}"""

FLOW = """async (which) => {
  const peer = document.querySelector('call-stage').call.peer;
  if (!peer) return 0;
  const stats = [...(await peer.pc.getStats()).values()];
  const of = (type, kind) => stats.find((s) => s.type === type && s.kind === kind) ?? {};
  return (which === 'sent' ? of('outbound-rtp', 'video').framesSent : of('inbound-rtp', 'audio').packetsReceived) ?? 0;
}"""

MEASURE = """async () => {
  const peer = document.querySelector('call-stage').call.peer;
  const video = document.querySelector('video[data-remote]');
  if (!peer || !video.videoWidth) return null;
  const stats = [...(await peer.pc.getStats()).values()];
  const of = (kind) => stats.find((s) => s.type === 'inbound-rtp' && s.kind === kind) ?? {};
  const canvas = new OffscreenCanvas(64, 48);
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 64, 48);
  const pixels = context.getImageData(0, 0, 64, 48).data;
  const brightness = pixels.reduce((sum, value, n) => sum + (n % 4 === 3 ? 0 : value), 0) / (64 * 48 * 3);
  const found = {
    frames: of('video').framesDecoded ?? 0,
    energy: of('audio').totalAudioEnergy ?? 0,
    width: video.videoWidth,
    brightness,
  };
  return found.frames > 5 && found.brightness > 10 && found.energy > 0 ? found : null;
}"""


@asynccontextmanager
async def called_now(person: Person, clinic: Clinic, *, finish: bool = True) -> AsyncIterator[Clinic]:
    """The same clinic with another visit: one called on the spot, its consult page open before its psychiatrist.

    Finished in the end, so that the next call is a new one; `finish=False` if that is what the test does itself.
    """
    page = person.page
    await open_consult(person, clinic)
    await page.get_by_role("link", name="Chart").click()
    await page.get_by_role("button", name="Call now").click()
    await page.wait_for_url(lambda address: "/consult/" in address and clinic["visit_id"] not in address)
    link = await page.get_by_role("textbox", name="Patient's link").input_value()
    try:
        yield replace(
            clinic, facts={**clinic.facts, "visit_id": page.url.rsplit("/", 1)[1], "visit_url": link}
        )
    finally:
        if finish:
            await page.get_by_role("button", name="Finish visit").click()
            await expect(page.get_by_role("button", name="Reopen this visit")).to_be_visible()


async def write_a_note(person: Person, clinic: Clinic) -> Page:
    """A note of its own, without a visit, open before its psychiatrist."""
    page = person.page
    await page.goto(clinic["clinic_url"])
    await page.goto(f"{clinic['base_url']}/clinic/consult/{clinic['visit_id']}")
    await page.get_by_role("link", name="Chart").click()
    await page.get_by_role("button", name="Start a note").click()
    await page.wait_for_url("**/clinic/note/*")
    return page


async def typed_and_kept_on_the_server(page: Page, name: str) -> str:
    """A field's text as the server has it now."""
    markup = await (await page.context.request.get(page.url)).text()
    area = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', markup, re.DOTALL)
    assert area is not None
    return html.unescape(area[1])


# What a check-in's signature needs.
CHOICES = [
    ("thoughts of being better off dead", "No"),
    ("Risk level", "Low"),
    ("Decision", "Continue"),
    ("Identity checked", "Yes"),
    ("Agrees to care by video", "Yes"),
    ("Private, and not driving", "Yes"),
]
TEXTS = [
    ("New medicines, alcohol or other drugs", "none\nnew"),
    ("Mental state", "Calm, ünïcødé, <i>not italic</i>"),
]
REASON = "she had to leave – “later”"


async def answer_everything(page: Page) -> None:
    """Every field of a check-in's note that a signature needs, one of them as not obtained."""
    for label, words in TEXTS:
        await page.get_by_label(label).fill(words)
    for group, words in CHOICES:
        await page.get_by_role("radiogroup", name=group).get_by_text(words, exact=True).click()
    plan = page.locator("[data-field=emergency_plan]")
    await plan.get_by_role("button", name="Not obtained…").click()
    reason = plan.get_by_label("Not obtained, because …")
    await expect(reason).to_be_focused()
    await reason.fill(REASON)


# Everything that is kept on the device, sealed.
DRAFTS = """() => new Promise((done) => {
  indexedDB.open('bedside-drafts').onsuccess = ({ target: { result: database } }) => {
    const all = database.transaction('drafts').objectStore('drafts').getAll();
    all.onsuccess = () => { database.close(); done(all.result); };
  };
})"""


async def expect_no_draft(page: Page) -> None:
    """What the server has is not kept on the device any longer."""
    await until(page, f"async () => (await ({DRAFTS})()).length === 0")
