"""An interpreter comes by a link: the patient is asked, the clinician lets in, and the patient may take it back."""

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import admit, come_in, in_call, open_consult, until

SENDS_TO_THE_GUEST = """(() => {
  const { call } = document.querySelector('call-stage');
  const carried = call.peerOf('interpreter-1').pc.getSenders().map(({ track }) => track);
  return Object.values(call.devices.tracks).some((track) => track && carried.includes(track));
})()"""


async def test_the_patient_is_asked_about_a_guest_and_may_have_them_leave(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes, ana = await new_person(phone=True), await new_person(), await new_person(allow=False)
    patient, consult, guest = await come_in(mira, clinic), await open_consult(reyes, clinic), ana.page
    await admit(consult)
    await in_call(patient)
    await consult.get_by_role("button", name="Invite someone").click()
    await consult.get_by_label("Name", exact=True).fill("Ana Example")
    await consult.get_by_role("button", name="Make a link").click()
    link = consult.get_by_label("Link for Ana Example")
    await expect(link).to_be_visible()

    await guest.goto(await link.input_value())
    await expect(guest.get_by_text("Dr. Ines Reyes invites you as an interpreter.")).to_be_visible()
    await guest.get_by_role("button", name="Continue").click()
    await guest.get_by_label("Your name").fill("Ana Example")
    await guest.get_by_role("button", name="That's me").click()
    await expect(guest.get_by_text("can see that you are here")).to_be_visible()
    assert "Lindqvist" not in await guest.content()

    row = consult.locator("[data-guest=interpreter-1]")
    await expect(row).to_contain_text("waiting")
    # At the head of the page too, for whoever is writing and looks at the note.
    told = consult.get_by_role("banner").get_by_role("link", name="Ana Example is in the waiting room.")
    await expect(told).to_be_visible()
    await expect(row.get_by_role("button", name="Admit")).to_be_hidden()
    await row.get_by_role("button", name="Ask Mira").click()
    question = patient.get_by_text(
        "Dr. Ines Reyes would like Ana Example, interpreter, to join. Is that all right?"
    )
    await expect(question).to_be_visible()
    await patient.get_by_role("button", name="Yes").click()
    await expect(question).to_be_hidden()
    await row.get_by_role("button", name="Admit").click()
    await in_call(guest)
    await expect(told).to_be_hidden()
    for page, name in ((patient, "Ana Example, interpreter"), (guest, "Mira, patient")):
        await expect(page.locator(f'.tile video[aria-label="{name}"]')).to_have_count(1)

    # Every two people have safety words of their own; these are kept under the guest's name.
    others = consult.locator("[data-other-words]")
    await others.get_by_role("button", name="They match").click()
    await expect(others).to_contain_text("the same on both screens")
    await expect(others.get_by_role("button")).to_have_count(0)
    await expect(guest.locator("[data-other-words]").get_by_role("button")).to_have_count(0)

    await patient.get_by_role("button", name="Have Ana Example leave").click()
    await expect(guest.get_by_role("heading", name="You're in the waiting room")).to_be_visible()
    await expect(row).to_contain_text("the patient said: not now")
    await expect(patient.locator(".tile")).to_have_count(1)

    # Without the patient the psychiatrist's page shows the waiting room, and nobody is to hear what is said in it.
    await row.get_by_role("button", name="Ask Mira").click()
    await patient.get_by_role("button", name="Yes").click()
    await row.get_by_role("button", name="Admit").click()
    await until(consult, SENDS_TO_THE_GUEST)
    await patient.get_by_role("button", name="Leave", exact=True).click()
    await until(consult, f"!({SENDS_TO_THE_GUEST})")
