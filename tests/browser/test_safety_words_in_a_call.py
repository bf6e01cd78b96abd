"""PROTOCOL.md, `Safety words`, in a real call: equal on both screens; whoever is in the middle is seen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.attackers import Interceptor, SignallingTap, WithoutData
from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import (
    admit,
    called_now,
    come_in,
    in_call,
    open_consult,
    sees_and_hears,
    until,
)
from tests.unit.test_word_lists import LISTS
from webrtc.relay_process import RelayProcess, RelaySettings

SIGNALLING = "**/signalling/*"
MIRAS = "(303) 555-0142"
THE_CLINICS = "(303) 555-0100"
ANOTHER_CERTIFICATE = """() => {
  const peer = document.querySelector('call-stage').call.peer;
  const line = `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`;
  return peer.receive({ type: 'offer', sdp: peer.pc.remoteDescription.sdp.replace(/a=fingerprint:.*/g, line) });
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def relay(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    """The attacker's own."""
    relay = RelayProcess()
    await relay.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.5))
    yield relay
    await relay.stop(kill=True)


def words_in(page: Page, language: str = "en"):  # type: ignore[no-untyped-def]
    return page.get_by_role("region", name="Safety words").locator(f"[lang={language}]")


async def words(page: Page, language: str = "en") -> list[str]:
    """As they stand on the page, once they do."""
    await expect(words_in(page, language)).to_be_visible()
    return (await words_in(page, language).inner_text()).split(" · ")


async def a_call(mira: Person, reyes: Person, clinic: Clinic) -> tuple[Page, Page]:
    """The consult page is there first: so the patient is the polite one."""
    consult = await open_consult(reyes, clinic)
    patient = await come_in(mira, clinic)
    await admit(consult)
    for page in (patient, consult):
        await in_call(page)
    return patient, consult


async def stopped(page: Page, *, number: str) -> None:
    """The card, with whom to ring; and nothing is sent or received any more."""
    card = page.locator("call-stage [data-when=stopped]")
    await expect(card).to_be_visible()
    await expect(card.get_by_role("link", name=number)).to_be_visible()
    assert await page.evaluate(
        """() => { const stage = document.querySelector('call-stage');
          return [stage.call.peer, stage.devices.audio, stage.devices.video]; }"""
    ) == [None, None, None]


async def test_the_words_are_the_same_on_both_screens_and_their_comparing_is_kept(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    patient, consult = await a_call(mira, reyes, clinic)
    mine = await words(patient)
    assert mine == await words(consult)
    assert len(mine) == 4
    assert set(mine) <= set(LISTS["EN"])
    # The clinician sees every language of the clinic: the same places in the other list.
    assert [LISTS["ES"].index(word) for word in await words(consult, "es")] == [
        LISTS["EN"].index(word) for word in mine
    ]

    await consult.get_by_role("button", name="They match").click()
    for page in (patient, consult):
        await expect(page.get_by_text("You compared them: they match.")).to_be_visible()
    await expect(consult.get_by_role("region", name="Consult note")).to_contain_text("safety words matched")
    await expect(consult.get_by_role("region", name="Timeline")).to_contain_text("safety words matched")

    # An ICE restart keeps the connection and what is known of it; a new page makes a new one.
    await consult.evaluate("document.querySelector('call-stage').call.peer.restartIce()")
    await sees_and_hears(consult)
    assert await words(consult) == mine
    await expect(consult.get_by_text("You compared them: they match.")).to_be_visible()
    await patient.reload()
    await in_call(patient)
    await expect(words_in(patient)).not_to_have_text(" · ".join(mine))
    assert await words(patient) == await words(consult)
    await expect(consult.get_by_role("button", name="They match")).to_be_visible()
    await expect(consult.get_by_role("region", name="Consult note")).to_contain_text(
        "safety words not compared again"
    )


async def test_a_spanish_page_shows_the_words_the_clinicians_page_shows_in_spanish(
    shared_clinic: Clinic, new_person: OpenPerson
):
    reyes = await new_person()
    async with called_now(reyes, shared_clinic) as clinic:
        mira = await new_person(phone=True)
        patient = await come_in(mira, clinic)
        await mira.context.add_cookies([{"name": "lang", "value": "es", "url": clinic["base_url"]}])
        await patient.reload()
        await expect(patient.locator("[data-knocked]")).to_be_visible()
        await admit(reyes.page)
        await in_call(patient)
        mine = patient.locator("safety-words [lang=es]")
        await expect(mine).to_be_visible()
        assert (await mine.inner_text()).split(" · ") == await words(reyes.page, "es")


async def test_a_man_in_the_middle_shows_because_the_words_differ(
    clinic: Clinic, relay: RelayProcess, new_person: OpenPerson
):
    """Pictures and sounds pass, so nothing else gives him away. By chance the words are equal once in 2^32."""
    mira, reyes = await new_person(phone=True), await new_person()
    between = Interceptor(relay)
    await reyes.context.route_web_socket(SIGNALLING, between.route)
    try:
        patient, consult = await a_call(mira, reyes, clinic)
        for page in (patient, consult):
            await sees_and_hears(page, seconds=60)
        here, there = await words(consult), await words(patient)
        assert here != there
        # Each end has words with him, and he knows them both: he just could not choose them.
        assert between.near is not None and between.far is not None
        for end, shown in ((between.near, here), (between.far, there)):
            assert [LISTS["EN"][number] for number in end.words or ()] == shown

        await consult.get_by_role("button", name="They differ").click()
        await stopped(consult, number=MIRAS)
        await expect(consult.get_by_role("banner").get_by_text("Call stopped")).to_be_visible()
        await stopped(patient, number=THE_CLINICS)
    finally:
        await between.close()
    note = consult.get_by_role("region", name="Consult note")
    await expect(note).to_contain_text("safety words differed, call stopped")


async def test_a_man_in_the_middle_who_wants_to_choose_the_words_ends_the_call(
    clinic: Clinic, relay: RelayProcess, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    between = Interceptor(relay, lies=True)
    await reyes.context.route_web_socket(SIGNALLING, between.route)
    try:
        consult = await open_consult(reyes, clinic)
        patient = await come_in(mira, clinic)
        # Nobody has been let in yet: his connections are as warm as honest ones.
        await stopped(consult, number=MIRAS)
        await stopped(patient, number=THE_CLINICS)
    finally:
        await between.close()
    note = consult.get_by_role("region", name="Consult note")
    await expect(note).to_contain_text("safety check failed, call stopped")


async def test_another_certificate_within_a_connection_ends_the_call(clinic: Clinic, new_person: OpenPerson):
    """Else whoever sits in the signalling could wait until the words were compared, and get in between then."""
    mira, reyes = await new_person(phone=True), await new_person()
    patient, consult = await a_call(mira, reyes, clinic)
    await words(consult)
    await consult.evaluate(ANOTHER_CERTIFICATE)
    await stopped(consult, number=MIRAS)
    await stopped(patient, number=THE_CLINICS)


async def test_without_the_data_channel_the_pages_say_that_nothing_could_be_checked(
    shared_clinic: Clinic, new_person: OpenPerson
):
    reyes, mira = await new_person(), await new_person(phone=True)
    tap: SignallingTap = WithoutData()
    await reyes.context.route_web_socket(SIGNALLING, tap.route)
    async with called_now(reyes, shared_clinic) as clinic:
        patient = await come_in(mira, clinic)
        await admit(reyes.page)
        for page in (patient, reyes.page):
            await in_call(page)
            region = page.get_by_role("region", name="Safety words")
            await expect(region).to_contain_text("Could not be checked.")
            await expect(region.get_by_role("button", name="They match")).to_be_hidden()
            await sees_and_hears(page)
        assert await until(patient, "document.querySelector('call-stage').call.peer.check.numbers === null")
    await tap.close()
