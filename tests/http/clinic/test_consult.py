"""The consult page: the story, the note and the call of one visit; letting in, finishing."""

from datetime import timedelta

import pytest

from server.care.call_quality import Figures, Sample
from server.care.encounter import PresenceEvent
from server.services import appointments, call_quality, visits


async def test_the_three_regions_stand_side_by_side_under_their_names(reyes, at) -> None:
    page = (await reyes.get(at)).text
    names = ("Timeline", "Consult note", "Call")
    assert [
        f'<section class="pane {c}" aria-label="{n}"' in page for c, n in zip(PANES, names, strict=True)
    ] == [True] * 3
    for name in ("Admit", "Mute", "Stop video", "Sound test", "Chat", "Leave", "Finish visit", "Sign note"):
        assert f">{name}</button>" in page


PANES = ("timeline", "note", "call")


async def test_the_head_says_who_what_and_when_in_both_zones(
    okafor, reyes, database, cast, clock, words
) -> None:
    """Dr Okafor's clock is New York's, Mira's is Denver's."""
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_okafor,
            visit_type="intake",
            starts_at=clock.now() + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    read = words((await okafor.get(f"/clinic/consult/{visit.id}")).text)
    assert "Mira Lindqvist 36 · Chart" in read
    assert "1:00 PM New York · 11:00 AM patient (Denver)" in read
    assert "Chief complaint" in read
    assert "Interval history" not in read


async def test_what_the_patient_said_at_the_door_is_at_hand(reyes, at, held, words) -> None:
    for path in ("", "/details"):
        read = words((await reyes.get(f"{at}{path}")).text)
        assert (
            "Right now at 12 Invented Lane, Boulder Call back (303) 555-0199 Who is there My sister" in read
        )


async def test_before_the_patient_comes_the_number_is_the_known_one(reyes, at, words) -> None:
    read = words((await reyes.get(f"{at}/details")).text)
    assert "Call back (303) 555-0142 Local emergency" in read
    assert "Right now at" not in read


async def test_the_link_can_be_copied_and_opens_the_patients_page(reyes, stranger, at) -> None:
    page = (await reyes.get(at)).text
    token = page.split("/visit/join/")[1].split('"')[0]
    assert (await stranger.get(f"/visit/join/{token}")).status == 200


async def test_who_else_waits_is_a_quiet_line(reyes, okafor, database, cast, clock, at, words) -> None:
    assert words((await reyes.get(f"{at}/around")).text) == ""
    async with database.write() as tx:
        other = await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        await visits.arrive(tx, encounter_id=other.id, now=clock.now())
    clock.advance(minutes=4)
    assert words((await reyes.get(f"{at}/around")).text).startswith("Tomas Brandt has been waiting 4 min")
    assert words((await okafor.get(f"{at}/around")).text) == ""


# finishing


async def test_finishing_ends_the_visit_and_leaves_the_note_open(reyes, at, held, words) -> None:
    answer = await reyes.post(f"{at}/finish")
    assert (answer.status, answer.location) == (303, at)
    page = (await reyes.get(at)).text
    assert "This visit is finished. Book next visit" in words(page)
    assert "Sign note" in page
    assert "Finish visit" not in page
    assert (await reyes.post(f"{at}/finish")).status == 303


async def test_a_visit_finished_by_a_slip_is_reopened_within_minutes_by_its_own_clinician(
    reyes, okafor, stranger, at, booked, held, database, cast, clock, words
) -> None:
    await reyes.post(f"{at}/finish")
    clock.advance(minutes=10)
    assert "Reopen this visit" in words((await reyes.get(at)).text)
    assert "Reopen this visit" not in words((await okafor.get(at)).text)
    assert (await okafor.post(f"{at}/reopening")).status == 404
    answer = await reyes.post(f"{at}/reopening")
    assert (answer.status, answer.location) == (303, at)
    page = (await reyes.get(at)).text
    assert "<call-stage" in page and "Finish visit" in page
    token = page.split("/visit/join/")[1].split('"')[0]
    assert "Continue" in (await stranger.get(f"/visit/join/{token}")).text
    async with database.read() as tx:
        _, appointment = await appointments.booked(tx, booked.id)
    assert appointment.status == "fulfilled"
    # Finished again, the minutes without a call are a gap like any other.
    clock.advance(minutes=5)
    await reyes.post(f"{at}/finish")
    assert "8:40 AM – 9:15 AM" in words((await reyes.get(f"{at}/facts")).text)
    assert "9:00 AM – 9:15 AM" in words((await reyes.get(f"{at}/facts")).text)


async def test_after_ten_minutes_a_finished_visit_stays_finished(reyes, at, held, clock, words) -> None:
    assert (await reyes.post(f"{at}/reopening")).status == 409
    await reyes.post(f"{at}/finish")
    clock.advance(minutes=10, seconds=1)
    assert "Reopen this visit" not in words((await reyes.get(at)).text)
    answer = await reyes.post(f"{at}/reopening")
    assert (answer.status, "stays finished" in answer.text) == (409, True)
    assert "This visit is finished." in (await reyes.get(at)).text


async def test_a_patient_who_was_here_is_not_called_not_here_yet(
    reyes, database, booked, at, clock, words
) -> None:
    """Gone again is something else than not come; and another device is said before anybody is admitted."""
    read = words((await reyes.get(f"{at}/lobby")).text)
    assert read == "Mira Lindqvist is not here yet"
    for kind, said in (
        ("joined", ""),
        ("lost", "The connection to Mira Lindqvist was lost at 9:00 AM"),
        ("left", "Mira Lindqvist left at 9:00 AM"),
        ("joined", ""),
        ("other-device", OTHER_DEVICE),
        ("admitted", ""),
    ):
        async with database.write() as tx:
            event = PresenceEvent(seat="patient", kind=kind, at=clock.now())
            await visits.record(tx, encounter_id=booked.id, event=event)
        assert words((await reyes.get(f"{at}/lobby")).text) == said
        clock.advance(microseconds=1)


OTHER_DEVICE = (
    "Another device opened this visit with the same link, at 9:00 AM. "
    "Make sure that it is Mira Lindqvist before you admit."
)


async def test_before_the_call_nobody_is_in_it(reyes, database, booked, at, clock, words) -> None:
    async with database.write() as tx:
        event = PresenceEvent(seat="clinician", kind="joined", at=clock.now())
        await visits.record(tx, encounter_id=booked.id, event=event)
    read = words((await reyes.get(f"{at}/facts")).text)
    assert "The call has not begun." in read and "in the call" not in read


async def test_a_window_that_lost_the_call_learns_that_the_other_one_is_gone(
    reyes, okafor, at, words
) -> None:
    """Nobody sits in the room here, so there is no other window."""
    read = words((await reyes.get(f"{at}/seat")).text)
    assert read == "The other window is gone: you are not in the call now. Continue here"
    assert (await okafor.get(f"{at}/seat")).status == 404


async def test_a_cancelled_visit_cannot_be_finished(reyes, ada, at, booked) -> None:
    await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="a cold")
    assert (await reyes.post(f"{at}/finish")).status == 409
    assert "This visit was cancelled." in (await reyes.get(at)).text


async def test_only_its_own_clinician_lets_in_or_finishes(okafor, reyes, at, held, words) -> None:
    for what in ("admission", "finish"):
        assert (await okafor.post(f"{at}/{what}")).status == 404
    page = (await okafor.get(at)).text
    assert "This visit is with another clinician." in page
    assert "call-stage" not in page
    assert "Finish visit" in (await reyes.get(at)).text


async def test_letting_in_without_anybody_there_is_no_mistake(reyes, at) -> None:
    answer = await reyes.post(f"{at}/admission")
    assert (answer.status, answer.location) == (303, at)


# live


async def test_whoever_looks_is_told_of_messages_and_signatures_but_not_of_letters(
    reyes, put, ask, at
) -> None:
    """Each reading of the story is a line on the trail, so nobody reads it again for every letter."""
    async with reyes.client.get(f"{at}/changes") as stream:

        async def told() -> bytes:
            return bytes(await stream.content.readuntil(b"\n\n"))

        assert await told() == b"data: connected\n\n"
        await put(reyes, {"interval_history": "a"})
        assert await told() == b"data: changed\n\n"
        await put(reyes, {"interval_history": "ab"}, version=1)
        await put(reyes, {"interval_history": "abc"}, version=2)
        await reyes.post(f"{at}/messages", text="hello")
        assert await told() == b"data: changed\n\n"
        await ask(reyes, "POST", f"{at}/confirmation", {})
        assert await told() == b"data: changed\n\n"


# who else


async def test_an_unknown_visit_is_no_page(reyes, ask) -> None:
    nowhere = f"/clinic/consult/{'0' * 32}"
    for path in ("", "/facts", "/details", "/around", "/lobby", "/seat", "/messages", "/versions"):
        assert (await reyes.get(f"{nowhere}{path}")).status == 404
    for path in (
        "messages",
        "finish",
        "reopening",
        "admission",
        "note",
        "confirmation",
        "signature",
        "addenda",
    ):
        assert (await reyes.post(f"{nowhere}/{path}", text="x", reason="x")).status == 404


async def test_nobody_else_sees_anything_of_it(stranger, ada, petra, at, held) -> None:
    for who in (stranger, ada, petra):
        for path in ("", "/facts", "/details", "/around", "/lobby", "/seat", "/messages", "/changes"):
            page = await who.get(f"{at}{path}")
            assert page.status == (303 if who is stranger else 403)
            assert "Invented Lane" not in page.text
        for path in ("messages", "finish", "reopening", "admission"):
            assert (await who.post(f"{at}/{path}", text="x")).status == (401 if who is stranger else 403)


async def test_tomas_sees_nothing_of_miras(reyes, database, cast, clock, at, held, put, words) -> None:
    await put(reyes, {"interval_history": "secret of Mira"})
    async with database.write() as tx:
        other = await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    page = (await reyes.get(f"/clinic/consult/{other.id}")).text
    for hers in ("Mira", "Invented Lane", "secret"):
        assert hers not in page


async def test_reading_leaves_its_lines(reyes, cast, at, booked, trail) -> None:
    await reyes.get(at)
    await reyes.get(f"{at}/details")
    assert await trail("note") == [(cast.reyes, "read")]
    assert await trail("patient") == [(cast.ada, "registered")] * 2 + [(cast.reyes, "timeline-read")]
    assert (cast.reyes, "details-read") in await trail("encounter") + await trail("visit")


@pytest.fixture
async def measured(database, booked, clock, held):
    """Twenty minutes of the call that is held, weak from minute six to eight on the patient's side."""
    start = clock.now() - timedelta(minutes=20)
    taken = [
        (
            booked.id,
            Sample(
                seat=seat,
                at=start + timedelta(seconds=10 * n),
                route="tcp" if seat == "patient" else "udp",
                word="weak" if seat == "patient" and 36 < n <= 48 else "good",
                side="up" if seat == "patient" and 36 < n <= 48 else None,
                figures=Figures(rtt_ms=84, loss_up=0.0125, bitrate_up=812_000),
            ),
        )
        for n in range(1, 121)
        for seat in ("patient", "clinician")
    ]
    async with database.write() as tx:
        await call_quality.keep(tx, taken)


async def test_how_the_call_was_stands_in_words_with_a_strip_for_each_side(
    reyes, at, measured, words
) -> None:
    for path in ("", "/details"):
        page = (await reyes.get(f"{at}{path}")).text
        read = words(page)
        assert "Connection Good; weak 8:46 AM–8:48 AM on the patient's side; no connection 8:45 AM." in read
        assert page.count('<svg class="strip"') == 2
        assert "Route TCP, because UDP did not get through UDP" in read
        assert "Lost on the way out 1.2 % 1.2 %" in read
        assert "Sent 812 kbit/s 812 kbit/s" in read


async def test_a_visit_of_which_nothing_was_measured_says_nothing_of_it(reyes, at, held) -> None:
    assert 'class="connection"' not in (await reyes.get(at)).text


async def test_how_the_call_was_is_still_there_when_the_visit_is_over(
    reyes, at, measured, words, booked, database, clock, cast
) -> None:
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=booked.id, by=cast.reyes, now=clock.now())
    assert "weak 8:46 AM–8:48 AM on the patient's side" in words((await reyes.get(at)).text)
