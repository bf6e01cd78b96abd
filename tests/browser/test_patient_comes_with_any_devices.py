"""No camera, no microphone, permission denied: the patient is in the waiting room all the same, with one plain card.

experience.md P5 and P6: every error of getUserMedia has a sentence that says what to do, and "Try again".
"""

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import come_in

# What a browser throws, in its own words → words of the card.
ERRORS = [
    ("NotAllowedError", "Permission denied", "does not let us use"),
    ("NotAllowedError", "Permission denied by system", "Your phone or computer does not let"),
    ("NotAllowedError", "Permission dismissed", "The question about the camera"),
    ("SecurityError", "", "does not let us use"),
    ("NotFoundError", "Requested device not found", "no camera or microphone"),
    ("OverconstrainedError", "", "no camera or microphone"),
    ("NotReadableError", "Could not start video source", "Another app is using"),
    ("AbortError", "", "Another app is using"),
    ("TypeError", "", "did not start"),
    ("SomeNewError", "", "did not start"),
]

REFUSE = """([name, message]) => {
  navigator.mediaDevices.getUserMedia = async () => { throw Object.assign(new Error(message), { name }); };
}"""
ASKED_ANEW = """() => {
  const { devices } = document.querySelector('call-stage');
  devices.close();
  return devices.open();
}"""
GIVE_AGAIN = "() => delete navigator.mediaDevices.getUserMedia"
WITHOUT = """(() => {
  const real = MediaDevices.prototype.getUserMedia;
  const missing = (sessionStorage.getItem("missing") ?? "").split(",");
  MediaDevices.prototype.getUserMedia = function (wanted) {
    if (missing.some((kind) => wanted[kind])) return Promise.reject(new DOMException("", "NotFoundError"));
    return real.call(this, wanted);
  };
})()"""


async def knocks(page: Page) -> None:
    """In the room's own words: this seat waits."""
    await page.wait_for_function("() => document.querySelector('call-stage').call.me?.waiting_since != null")


async def test_every_error_has_a_card_and_a_way_to_try_again(clinic: Clinic, new_person: OpenPerson):
    mira = await new_person(phone=True)
    page = await come_in(mira, clinic)
    card = page.locator("[data-card]")
    await expect(page.locator("[data-tick=camera]")).to_have_attribute("data-state", "good")
    for name, message, words in ERRORS:
        await page.evaluate(REFUSE, [name, message])
        await page.evaluate(ASKED_ANEW)
        await expect(card).to_contain_text(words)
        assert name not in await card.inner_text()
        await expect(page.locator("[data-tick=camera]")).to_have_attribute("data-state", "missing")
        await expect(page.locator("[data-tick=microphone]")).to_have_attribute("data-state", "missing")

    await page.evaluate(GIVE_AGAIN)
    await card.get_by_role("button", name="Try again").click()
    await expect(card).to_be_hidden()
    await expect(page.locator("[data-tick=camera]")).to_have_attribute("data-state", "good")


async def test_a_patient_without_them_waits_like_everybody(clinic: Clinic, new_person: OpenPerson):
    mira = await new_person(phone=True)
    await mira.page.add_init_script(WITHOUT)
    page = await come_in(mira, clinic)
    for missing, camera, words in (
        (["video"], "missing", "We found no camera. That is fine"),
        (["audio"], "good", "We found no microphone."),
        (["audio", "video"], "missing", "We found no camera or microphone."),
    ):
        await page.evaluate("missing => sessionStorage.setItem('missing', missing)", ",".join(missing))
        await page.reload()
        await expect(page.locator("[data-card]")).to_contain_text(words)
        await expect(page.locator("[data-tick=camera]")).to_have_attribute("data-state", camera)
        await knocks(page)
        for name in ("Test my camera and microphone", "Call me instead", "Leave"):
            await expect(page.get_by_role("button", name=name)).to_be_visible()


async def test_a_browser_that_refuses_everything_is_let_in(clinic: Clinic, new_person: OpenPerson):
    """The browser's own refusal, not one of ours."""
    mira = await new_person(phone=True, allow=False)
    page = await come_in(mira, clinic)
    await expect(page.locator("[data-card]")).to_be_visible()
    await knocks(page)


async def test_an_open_question_of_the_browser_is_pointed_at(clinic: Clinic, new_person: OpenPerson):
    """P5: "Camera is starting" for ever helps nobody."""
    mira = await new_person(phone=True)
    await mira.page.add_init_script(
        "MediaDevices.prototype.getUserMedia = () => new Promise((go) => { window.answer = go; });"
    )
    page = await come_in(mira, clinic)
    card = page.locator("[data-card]")
    await expect(card).to_contain_text("Please choose")
    await expect(card.get_by_role("button")).to_be_hidden()
    await expect(page.locator("[data-tick=camera]")).not_to_have_attribute("data-state", "missing")
    await knocks(page)
    await page.evaluate("() => window.answer(new MediaStream())")
    await expect(page.locator("[data-tick=camera]")).to_have_attribute("data-state", "missing")


async def test_inside_another_apps_window_the_link_page_shows_the_way_out(
    clinic: Clinic, new_person: OpenPerson
):
    inside = "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36"
    mira = await new_person(phone=True, user_agent=f"{inside} FBAN/FB4A")
    await mira.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await mira.page.goto(clinic["visit_url"])
    await expect(mira.page.get_by_text("You are inside another app")).to_be_visible()
    await mira.page.get_by_role("button", name="Copy link").click()
    await expect(mira.page.get_by_text("Now open Safari or Chrome")).to_be_visible()
    assert await mira.page.evaluate("navigator.clipboard.readText()") == clinic["visit_url"]

    ordinary = await new_person(phone=True)
    await ordinary.page.goto(clinic["visit_url"])
    await expect(ordinary.page.get_by_role("button", name="Continue")).to_be_visible()
    await expect(ordinary.page.get_by_text("You are inside another app")).to_be_hidden()
