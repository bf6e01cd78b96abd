"""The waiting room: what it shows before, at and after its time, and to nobody else."""

import pytest

from server.services import appointments, visits
from server.store.ids import new_id


async def test_it_says_with_whom_and_when_and_that_early_is_fine(mira, visit, words, clock) -> None:
    clock.advance(minutes=56)
    page = await mira.get(f"/visit/waiting/{visit.id}")
    read = words(page.text).replace("\u202f", " ")
    assert page.status == 200
    for said in (
        "You're in the waiting room",
        "We are telling Dr. Ines Reyes that you are here…",
        "10:00 AM your time (Denver)",
        "You are 4 minutes early, that is fine.",
        "Test my camera and microphone",
        "Message the clinic",
        "Call me instead",
        "Leave",
        "In an emergency call 911",
    ):
        assert said in read


async def test_it_carries_what_the_call_needs(mira, visit) -> None:
    page = (await mira.get(f"/visit/waiting/{visit.id}")).text
    assert f'signalling="/signalling/{visit.id}"' in page
    for hook in ("data-self", "data-meter", "data-card", "data-retry", "data-remote", "data-leave"):
        assert f" {hook}" in page
    for tick in ("camera", "microphone", "sound", "connection"):
        assert f'data-tick="{tick}"' in page


async def test_wherever_the_call_is_stuck_call_me_instead_is_one_tap_away(mira, visit) -> None:
    """In the waiting room, without a connection, with a device that stopped, after a tap that did not help, on hold."""
    page = (await mira.get(f"/visit/waiting/{visit.id}")).text
    form = f'<form method="post" action="/visit/by-phone/{visit.id}"'
    assert page.count(form) == page.count(">Call me instead</button>") == 5
    for place in ("data-recovery ", "data-call-card", "data-tap-again", 'class="on-hold"'):
        assert page.count(place) == 1
        assert form in page.split(place)[1].split("</form>", 2)[0], place


async def test_whoever_is_on_hold_can_write_and_leave_too(mira, visit) -> None:
    hold = (await mira.get(f"/visit/waiting/{visit.id}")).text.split('class="on-hold"')[1]
    hold = hold.split("<guest-question")[0]
    assert f'<form method="post" action="/visit/messages/{visit.id}" data-message>' in hold
    assert "data-leave>Leave</button>" in hold and 'href="tel:' in hold


async def test_that_somebody_sees_them_is_said_only_once_it_is_so(mira, visit) -> None:
    """Before the page has its place in the room, or without scripts, nobody sees anything."""
    page = (await mira.get(f"/visit/waiting/{visit.id}")).text
    assert '<p data-knocked role="status" hidden>Dr. Ines Reyes can see that you are here' in page
    assert "nobody can see here that you have come" in page.split("<noscript>")[1].split("</noscript>")[0]


async def test_without_scripts_it_says_what_to_do(mira, visit) -> None:
    page = (await mira.get(f"/visit/waiting/{visit.id}")).text
    card = page.split("<noscript>")[1].split("</noscript>")[0]
    assert "Call me instead" in card and "(303) 555-0100" in card


async def test_no_token_is_on_any_page_behind_the_link(mira, visit, token) -> None:
    for step in ("identity", "entry", "waiting", "after", "messages"):
        answer = await mira.get(f"/visit/{step}/{visit.id}?again=1")
        assert token not in answer.text + answer.location


async def test_a_day_before_it_counts_down_and_is_no_waiting_room_yet(
    new_visitor, book, cast, clock, words
) -> None:
    visit, token = await book(cast.mira, hours=4)
    browser = await new_visitor()
    await browser.post(f"/visit/join/{token}")
    await browser.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-17")
    answers = {"where": "Home", "call_back": "3035550199", "with_whom": "Nobody", "agree": "yes"}
    await browser.post(f"/visit/entry/{visit.id}", **answers)
    page = await browser.get(f"/visit/waiting/{visit.id}")
    read = words(page.text).replace("\u202f", " ")
    assert page.status == 200 and "<call-stage" not in page.text
    assert "The waiting room opens on Mon, Nov 23, 12:00 PM (Denver)" in read
    assert "(303) 555-0100" in read and "Test my camera and microphone" in read
    clock.advance(hours=3)
    assert "<call-stage" in (await browser.get(f"/visit/waiting/{visit.id}")).text


async def test_somebody_who_did_not_answer_is_asked_first(proven, visit) -> None:
    assert (await proven.get(f"/visit/waiting/{visit.id}")).location == f"/visit/entry/{visit.id}"


async def test_a_finished_visit_leads_to_what_happens_next(mira, visit, database, cast, clock) -> None:
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=visit.id, by=cast.reyes, now=clock.now())
    assert (await mira.get(f"/visit/waiting/{visit.id}")).location == f"/visit/after/{visit.id}"


async def test_a_cancelled_visit_says_so(mira, visit, database, cast, clock, words) -> None:
    async with database.write() as tx:
        await appointments.cancel(tx, visit.id, reason="Ill", by=cast.ada, now=clock.now())
    page = await mira.get(f"/visit/waiting/{visit.id}")
    assert "This visit was cancelled" in words(page.text) and "<call-stage" not in page.text


async def test_while_the_call_runs_the_same_browser_comes_straight_back(mira, visit, database, clock) -> None:
    async with database.write() as tx:
        await visits.admit(tx, encounter_id=visit.id, now=clock.now())
    clock.advance(hours=13)
    assert (await mira.get(f"/visit/waiting/{visit.id}")).status == 200


async def test_the_session_ends_half_a_day_after_the_visit(mira, visit, clock) -> None:
    clock.advance(hours=14)
    assert (await mira.get(f"/visit/waiting/{visit.id}")).status == 403


async def test_tomas_sees_nothing_of_miras(tomas, mira, visit) -> None:
    foreign = await tomas.get(f"/visit/waiting/{visit.id}")
    unknown = await tomas.get(f"/visit/waiting/{new_id()}")
    assert (foreign.status, foreign.text) == (unknown.status, unknown.text)
    assert foreign.status == 403 and "Reyes" not in foreign.text


@pytest.mark.parametrize("account", ["ada", "reyes", "petra"])
async def test_staff_have_no_business_here(sign_in, cast, account, mira, visit) -> None:
    other = await sign_in(getattr(cast, account))
    assert (await other.get(f"/visit/waiting/{visit.id}")).status == 403


async def test_strangers_have_no_business_here(new_visitor, mira, visit) -> None:
    assert (await (await new_visitor()).get(f"/visit/waiting/{visit.id}")).status == 403


async def test_a_delay_is_read_in_the_waiting_room_and_on_the_page_before_it(
    mira, visit, ada, reyes, words, clock
) -> None:
    """S3's other side: the one who waits is told, by whoever knows."""
    await reyes.post(f"/clinic/consult/{visit.id}/delay", minutes="10")
    part = words((await mira.get(f"/visit/waiting/{visit.id}/clinician")).text).strip()
    assert part.startswith("Dr. Ines Reyes is running about 10 minutes late. We are sorry.")
    clock.advance(minutes=1)
    await ada.post(f"/desk/visit/{visit.id}/delay", words="The power was out, we start at eleven.")
    clock.advance(minutes=55)
    page = words((await mira.get(f"/visit/waiting/{visit.id}")).text)
    assert (
        "Word from the clinic: The power was out, we start at eleven." in page
        and "10 minutes late" not in page
    )


async def test_another_clinicians_patient_is_told_nothing_by_mistake(mira, visit, okafor, words) -> None:
    assert (await okafor.post(f"/clinic/consult/{visit.id}/delay", minutes="10")).status in (403, 404)
    assert words((await mira.get(f"/visit/waiting/{visit.id}/clinician")).text) == ""
