"""The public page: times by day in both zones, held while one types, asked for without an account."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from scheduling.licences import Licence
from server.services import licences, self_bookings, slot_holds
from server.store import self_bookings as store
from server.store.tables.self_bookings import self_bookings as table
from tests.http.self_booking import NORA, Booking, hidden, link, mail, slots

GONE = "That time was just taken. Nothing you typed is lost"


@pytest.fixture
async def licensed(database, cast, clock):
    """Dr. Reyes may treat in Colorado, Dr. Okafor in New York."""
    async with database.write() as tx:
        for whose, state in ((cast.dr_reyes, "CO"), (cast.dr_okafor, "NY")):
            kept = Licence(state=state, first_on=date(2020, 1, 1))
            await licences.add(tx, whose, kept, number="1", by=cast.petra, now=clock.now())


async def requests(database):
    async with database.read() as tx:
        return [
            await store.by_id(tx, row.id) for row in await tx.all(select(table).order_by(table.c.asked_at))
        ]


@pytest.mark.parametrize("self_booking", ["off"])
async def test_while_it_is_off_the_page_gives_the_number(self_booking, booking, words) -> None:
    stranger = booking.visitor
    page = await stranger.get("/book")
    assert page.status == 200
    assert "Call the clinic: (303) 555-0100" in words(page.text) and "<select" not in page.text
    refused = await stranger.post("/book", slot="x|2026-11-24T17:00Z")
    assert refused.status == 409 and "Call the clinic" in refused.text


async def test_every_step_gives_the_numbers_for_an_emergency(booking, words) -> None:
    steps = [await booking.visitor.get("/book"), await booking.press(step="look"), await booking.choose()]
    for page in [*steps, await booking.visitor.get("/book?asked")]:
        assert "In an emergency call 911" in words(page.text) and "(303) 555-0100" in page.text


async def test_times_stand_by_day_in_both_zones(booking, words) -> None:
    """Nine in Denver, where the first free time is, is eleven in New York."""
    page = await booking.press(step="look")
    assert page.status == 200
    shown = words(page.text)
    assert "Mon, Nov 23" in shown and "Dr. Ines Reyes" in shown and "Dr. Chidi Okafor" in shown
    assert "11:00 AM 9:00 AM Denver" in shown
    assert "11:00 AM your time (New York) · 9:00 AM clinic (Denver)" in page.text.replace("\u202f", " ")


@pytest.mark.parametrize("first_time", [timedelta(hours=24)])
async def test_the_first_time_lies_so_far_ahead_that_somebody_can_answer_before_it(
    first_time, booking, clock
) -> None:
    tomorrow = f"|{clock.now() + timedelta(hours=24):%Y-%m-%dT%H:%MZ}"
    assert (await booking.times())[0].endswith(tomorrow)
    refused = await booking.choose((await booking.times())[0].replace("2026-11-24", "2026-11-23"))
    assert refused.status == 409 and GONE in refused.text


async def test_more_days_are_shown_when_asked_for(booking) -> None:
    first = await booking.press(step="look")
    more = await booking.press(later=re.findall(r'name="later" value="([\d-]+)"', first.text)[0])
    assert slots(more.text) and not set(slots(more.text)) & set(slots(first.text))
    assert "Back to the first days" in more.text


async def test_only_who_is_licensed_where_the_visitor_lives_is_offered(booking, licensed, words) -> None:
    for fields in ({"step": "look"}, {"slot": "x|2026-11-24T17:00Z"}):
        refused = await booking.press(**fields)
        assert refused.status == 422 and "Choose the state you live in" in words(refused.text)
        assert slots(refused.text) == []
    booking.wish["state"] = "NY"
    shown = words((await booking.press(step="look")).text)
    assert "Dr. Chidi Okafor" in shown and "Dr. Ines Reyes" not in shown
    booking.wish["state"] = "TX"
    said = words((await booking.press(step="look")).text)
    assert (
        "None of our clinicians has a licence in Texas" in said and "Call the clinic: (303) 555-0100" in said
    )


async def test_who_is_not_licensed_cannot_be_had_by_changing_the_form(booking, licensed, cast) -> None:
    booking.wish["state"] = "NY"
    await booking.press(step="look")
    refused = await booking.press(slot=f"{cast.dr_reyes}|2026-11-24T17:00Z")
    assert refused.status == 409 and GONE in refused.text


async def test_an_interpreter_makes_it_half_as_long_again(booking, database, clock) -> None:
    booking.wish |= {"speaks": "vi"}
    assert "With an interpreter we can offer you times" in (await booking.press(step="look")).text
    booking.wish |= {"interpreter": "yes"}
    await booking.whole()
    [asked] = await requests(database)
    async with database.read() as tx:
        kept = await slot_holds.kept(tx, asked.id, now=clock.now())
    assert kept.ends_at - kept.starts_at == timedelta(minutes=90)
    assert asked.person.interpreter_language == "vi"


async def test_choosing_keeps_the_time_and_says_until_when(booking, database, clock, words) -> None:
    page = await booking.choose()
    # Ten minutes from eleven in New York.
    assert "Kept for you until 11:10 AM." in words(page.text)
    other = Booking(booking.visitor)
    assert booking.slot not in await other.times()
    refused = await other.choose(booking.slot)
    assert refused.status == 409 and GONE in refused.text


async def test_another_time_is_kept_in_place_of_the_first(booking) -> None:
    await booking.choose()
    first, second = booking.slot, (await booking.times())[-1]
    await booking.choose(second)
    assert first in await Booking(booking.visitor).times()
    await booking.press(step="back", chosen=second)
    assert second in await Booking(booking.visitor).times()


async def test_what_was_typed_stays_at_every_refusal(booking, words) -> None:
    await booking.choose()
    refused = await booking.ask(email="nora", phone="12", agree="", date_of_birth="")
    said = words(refused.text)
    assert refused.status == 422
    for sentence in (
        "This e-mail address cannot be right.",
        "A phone number has at least seven digits.",
        "Please tick “I agree”",
        "Type your date of birth.",
    ):
        assert sentence in said
    assert (
        'value="Nora Vance"' in refused.text
        and 'value="nora"' in refused.text
        and 'value="12"' in refused.text
    )
    assert hidden(refused.text, "chosen") == booking.slot


async def test_when_the_time_went_meanwhile_the_nearest_are_offered_and_nothing_is_lost(
    booking, clock, words
) -> None:
    slot = next(each for each in await booking.times() if "2026-11-25" in each)
    await booking.choose(slot)
    clock.advance(minutes=11)
    await Booking(booking.visitor).whole(slot, email="other@example.org")

    refused = await booking.ask()

    assert refused.status == 409 and GONE in refused.text
    assert words(refused.text).split("Choose a time")[1].strip().find("Wed, Nov 25") > 0
    assert (
        hidden(refused.text, "name") == "Nora Vance" and hidden(refused.text, "email") == "nora@example.org"
    )
    again = await booking.choose(slots(refused.text)[0], **NORA)
    assert 'value="Nora Vance"' in again.text


async def test_the_request_keeps_the_time_until_its_address_is_proved(
    booking, database, clock, words
) -> None:
    assert (await booking.whole()).location == "/book?asked"
    assert "for 30 minutes" in words((await booking.visitor.get("/book?asked")).text)
    [asked] = await requests(database)
    assert (asked.status, asked.person.name, asked.person.language) == ("asked", "Nora Vance", "en")
    async with database.read() as tx:
        kept = await slot_holds.kept(tx, asked.id, now=clock.now())
    assert kept.expires_at == clock.now() + timedelta(minutes=30)
    [letter] = await mail(database, clock)
    assert (letter.kind, letter.to, letter.zone) == ("self_proof", "nora@example.org", "America/New_York")


async def test_sent_twice_it_is_one_request_with_one_letter(booking, database, clock) -> None:
    await booking.whole()
    await booking.ask()
    assert len(await requests(database)) == 1
    assert len(await mail(database, clock)) == 1


async def test_gone_back_to_and_corrected_it_is_a_new_request_for_the_same_time(
    booking, database, clock, stranger
) -> None:
    await booking.whole(email="nroa@example.org")
    assert (await booking.ask()).location == "/book?asked"
    assert [each.status for each in await requests(database)] == ["withdrawn", "asked"]
    assert [letter.to for letter in await mail(database, clock)] == ["nora@example.org"]


async def test_nobody_learns_who_is_a_patient_here(booking, database, clock, cast) -> None:
    """Page, work and calendar are the same; only the letter, which goes to the patient, says it."""
    strangers = await booking.whole()
    known = Booking(booking.visitor)
    theirs = await known.whole(
        name="Somebody Else", email="MIRA@example.org", date_of_birth="1990-04-17", phone="(720) 555-0199"
    )
    assert (strangers.status, strangers.location, strangers.text) == (
        theirs.status,
        theirs.location,
        theirs.text,
    )
    assert [each.status for each in await requests(database)] == ["asked", "asked"]
    assert known.slot not in await Booking(booking.visitor).times()
    letters = {letter.to: letter for letter in await mail(database, clock)}
    assert letters["nora@example.org"].kind == "self_proof"
    assert (letters["MIRA@example.org"].kind, letters["MIRA@example.org"].token) == ("self_known", "")


async def test_a_family_may_share_an_address(booking, database, clock, cast) -> None:
    await booking.whole(email="mira@example.org", date_of_birth="1992-01-01")
    assert [letter.kind for letter in await mail(database, clock)] == ["self_proof"]


async def test_somebody_has_one_open_request(booking, database, clock, stranger) -> None:
    await booking.whole()
    first = await link(database, clock)
    await stranger.post(first)
    await Booking(stranger).whole()
    [letter] = await mail(database, clock)
    assert (letter.kind, f"/book/request/{letter.token}") == ("self_open", first)


async def test_an_address_is_not_bombed_with_letters(booking, database, clock, app) -> None:
    for _ in range(5):
        assert (await Booking(booking.visitor).whole()).location == "/book?asked"
        clock.advance(minutes=5)
    letters = await mail(database, clock)
    assert len(letters) == self_bookings.MOST_LETTERS


async def test_whoever_tries_too_often_waits_and_keeps_what_was_typed(booking, clock) -> None:
    page = None
    slot = (await booking.times())[0]
    for _ in range(40):
        page = await booking.choose(slot, name="Nora Vance")
        if page.status == 429:
            break
        await booking.press(step="back", chosen=slot)
    assert page.status == 429 and hidden(page.text, "name") == "Nora Vance"
    assert "You have tried often by now" in page.text


async def test_strangers_never_keep_more_than_a_part_of_the_calendar(database, clock, cast, booking) -> None:
    async with database.write() as tx:
        for n in range(self_bookings.MOST_KEPT):
            await slot_holds.keep(
                tx,
                hold_id=f"{n:032x}",
                practitioner_id=cast.dr_reyes,
                visit_type="test-call",
                starts_at=datetime(2026, 12, 1, 15, tzinfo=UTC) + timedelta(minutes=15 * n),
                held_by="",
                now=clock.now(),
            )
    refused = await booking.choose()
    assert refused.status == 409 and "Many people are booking just now" in refused.text
    at_once = await booking.ask()
    assert at_once.status == 409 and "Many people are booking just now" in at_once.text
    assert await requests(database) == []


async def test_what_a_program_fills_in_is_thrown_away(booking, database) -> None:
    await booking.choose()
    assert (
        await booking.press(chosen=booking.slot, step="ask", website="x", **NORA)
    ).location == "/book?asked"
    assert await requests(database) == []


@pytest.mark.both_databases
async def test_of_two_who_want_one_time_one_has_it(self_booking_is_open, new_visitor, database) -> None:
    one, other = Booking(await new_visitor()), Booking(await new_visitor())
    slot = (await one.times())[3]
    await other.times()
    pages = await asyncio.gather(one.choose(slot), other.choose(slot))
    assert sorted(page.status for page in pages) == [200, 409]


async def test_in_spanish_it_is_written_to_in_spanish(booking, database, clock) -> None:
    await booking.visitor.get("/book?lang=es")
    await booking.whole()
    assert [letter.language for letter in await mail(database, clock)] == ["es"]


async def test_no_address_and_no_title_names_anybody(booking, database) -> None:
    page = await booking.choose(**NORA)
    assert "Nora" not in re.search("<title>(.*?)</title>", page.text)[1]
    assert (await booking.ask()).location == "/book?asked"
