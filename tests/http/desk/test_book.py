"""Finding a time and booking it: nothing typed is ever lost, nothing is ever booked twice."""

import asyncio
import re

import pytest

from server.services import appointments, patients, visit_types
from server.store import encounters
from server.store.database import Database
from tests.clocks import MONDAY_MORNING
from tests.people import Cast

TEN, HALF_PAST = "2026-11-23T17:00Z", "2026-11-23T17:30Z"
NEW = {
    "patient_id": "new",
    "name": "Nadia O'Brien",
    "date_of_birth": "1988-02-29",
    "email": "nadia@example.org",
    "phone": "(415) 555-0123",
    "time_zone": "America/Los_Angeles",
    "language": "es",
}


def wish(cast: Cast, **changes: str) -> dict[str, str]:
    """Mira, a check-in with Dr Reyes at ten; the fields as the page posts them."""
    fields = {
        "step": "book",
        "booking_key": "a" * 32,
        "chosen": f"{cast.dr_reyes}|{TEN}",
        "visit_type": "check-in",
        "practitioner": "",
        "since": "2026-11-23",
        "mode": "video",
        "q": "mira",
        "patient_id": cast.mira,
    }
    return {**fields, **changes}


async def visits(database: Database) -> list[tuple[str, str]]:
    """Everything booked from that morning on, as (patient's name, start)."""
    async with database.read() as tx:
        found = await encounters.between(tx, MONDAY_MORNING, MONDAY_MORNING.replace(year=2028))
        return [
            ((await patients.by_id(tx, each.patient_id)).name, f"{each.planned_starts_at:%m-%d %H:%M}")
            for each in found
        ]


async def test_the_page_offers_times_by_day_earliest_first(ada, words) -> None:
    page = await ada.get("/desk/book")
    read = words(page.text)
    assert page.status == 200
    assert read.index("Mon, Nov 23") < read.index("Tue, Nov 24")
    assert "clinic time (Denver)" in read
    times = re.findall(r'name="slot" value="\w+\|([^"]+)"', page.text)
    assert times[0] == "2026-11-23T16:00Z" and page.text.count("earliest") == 1


def fields_of(page: str) -> dict[str, str]:
    """What the page's form would post, as far as the proposal goes."""
    hidden = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("chosen", "proposed")
    }
    picked = {
        name: re.search(rf'<select id="{name}".*?</select>', page, re.DOTALL)[0]
        for name in ("visit_type", "practitioner")
    }
    return hidden | {
        name: found[1] if (found := re.search(r'value="([^"]*)" selected', options)) else ""
        for name, options in picked.items()
    }


async def seen_before(database: Database, cast: Cast, clock) -> None:
    """Mira sees Dr Okafor tomorrow."""
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_okafor,
            visit_type="check-in",
            starts_at=MONDAY_MORNING.replace(day=24, hour=17),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


async def test_from_the_board_a_first_visit_with_whoever_is_free_first_is_proposed(ada, cast) -> None:
    proposed = fields_of((await ada.get("/desk/book?earliest=yes")).text)
    assert (proposed["visit_type"], proposed["practitioner"]) == ("intake", "")
    assert proposed["proposed"] == f"intake  {proposed['chosen']}"
    assert proposed["chosen"].endswith("2026-11-23T16:00Z")


async def test_a_known_patient_is_proposed_a_check_in_with_their_own_clinician(
    ada, database, cast, clock, words
) -> None:
    await seen_before(database, cast, clock)
    form = fields_of((await ada.get("/desk/book?earliest=yes")).text)
    page = await ada.post("/desk/book", step="propose", patient_id=cast.mira, **form)
    proposed = fields_of(page.text)
    assert (proposed["visit_type"], proposed["practitioner"]) == ("check-in", cast.dr_okafor)
    assert proposed["chosen"].startswith(f"{cast.dr_okafor}|")
    answer = await ada.post("/desk/book", step="book", mode="video", patient_id=cast.mira, **proposed)
    card = await ada.get(answer.location)
    assert "Check-in" in words(card.text) and "Okafor" in words(card.text)


async def test_a_proposal_made_for_nobody_is_shown_again_before_it_is_booked_for_somebody(
    ada, database, cast, clock, words
) -> None:
    """Without a script, or when one was too slow."""
    await seen_before(database, cast, clock)
    before = await visits(database)
    form = fields_of((await ada.get("/desk/book?earliest=yes")).text)
    page = await ada.post("/desk/book", step="book", mode="video", patient_id=cast.mira, **form)
    assert page.status == 422 and "the usual visit for this patient" in words(page.text)
    assert await visits(database) == before
    answer = await ada.post(
        "/desk/book", step="book", mode="video", patient_id=cast.mira, **fields_of(page.text)
    )
    assert answer.status == 303


async def test_what_somebody_chose_is_not_proposed_away(ada, database, cast, clock) -> None:
    await seen_before(database, cast, clock)
    form = fields_of((await ada.get("/desk/book?earliest=yes")).text)
    chosen = {**form, "visit_type": "intake", "practitioner": cast.dr_reyes}
    page = await ada.post("/desk/book", step="search", q="mira", patient_id=cast.mira, **chosen)
    kept = fields_of(page.text)
    assert (kept["visit_type"], kept["practitioner"], kept["proposed"]) == ("intake", cast.dr_reyes, "")
    answer = await ada.post("/desk/book", step="book", mode="video", patient_id=cast.mira, **kept)
    assert answer.status == 303


async def test_an_unknown_kind_of_visit_is_named_as_such(ada, cast, words) -> None:
    page = await ada.post("/desk/book", **wish(cast, visit_type="party"))
    assert page.status == 422 and "Choose a kind of visit." in words(page.text)


@pytest.mark.parametrize("name", ["\u200b", "\u2066\u2069", "\u202e"])
async def test_a_name_that_nobody_sees_is_none(ada, database, cast, words, name: str) -> None:
    before = await visits(database)
    page = await ada.post("/desk/book", **wish(cast, **NEW | {"name": name}))
    assert page.status == 422 and "first and last name" in words(page.text)
    assert await visits(database) == before


async def test_marks_that_turn_the_direction_of_text_do_not_stay_in_a_name(ada, database, cast) -> None:
    await ada.post("/desk/book", **wish(cast, **NEW | {"name": "Nadia \u202eneirB\u202c O"}))
    assert ("Nadia neirB O", "11-23 17:00") in await visits(database)


async def test_looking_for_a_longer_visit_offers_fewer_times(ada, cast) -> None:
    short, long = [
        (await ada.get(f"/desk/book?practitioner={cast.dr_reyes}&visit_type={kind}")).text.count(
            'class="slot"'
        )
        for kind in ("check-in", "intake")
    ]
    assert short > long > 0


async def test_a_known_patient_is_booked_in_two_clicks_from_the_board(ada, database, cast, words) -> None:
    board = (await ada.get("/desk/today")).text
    slot = re.search(rf'value="({cast.dr_reyes}\|2026-11-23T16:00Z)"', board)
    assert slot is not None
    form = (await ada.get("/desk/book", params={"slot": slot[1], "visit_type": "check-in"})).text
    assert f'name="chosen" id="chosen" value="{slot[1]}"' in form
    key = re.search(r'name="booking_key" value="([0-9a-f]{32})"', form)
    assert key is not None
    answer = await ada.post("/desk/book", **wish(cast, chosen=slot[1], booking_key=key[1]))
    assert answer.status == 303
    assert await visits(database) == [("Mira Lindqvist", "11-23 16:00")]
    assert "Mira Lindqvist" in words((await ada.get(answer.location)).text)


async def test_a_new_patient_is_registered_and_booked_in_one_go(ada, database, cast) -> None:
    answer = await ada.post("/desk/book", **wish(cast, **NEW, q=""))
    assert answer.status == 303
    assert await visits(database) == [("Nadia O'Brien", "11-23 17:00")]
    async with database.read() as tx:
        [nadia] = await patients.find(tx, "nadia")
    assert (nadia.email, nadia.time_zone, nadia.language) == (
        "nadia@example.org",
        "America/Los_Angeles",
        "es",
    )


async def test_both_zones_are_shown_once_the_patient_is_known(ada, cast, words) -> None:
    page = await ada.post("/desk/book", **wish(cast, step="search", q="tomas", patient_id=cast.tomas))
    read = words(page.text)
    assert "Mon, Nov 23, 10:00 AM clinic (Denver)" in read
    assert "Mon, Nov 23, 12:00 PM patient (New York)" in read


@pytest.mark.parametrize("step", ["find", "search", "slot", "later"])
async def test_every_other_button_only_shows_the_page_again(ada, database, cast, step: str) -> None:
    pressed = {"slot": f"{cast.dr_reyes}|{HALF_PAST}"} if step == "slot" else {}
    pressed = {"later": "2026-12-01"} if step == "later" else pressed
    fields = wish(cast, **NEW, q="tom") | {"step": step} | pressed
    if step in ("slot", "later"):
        del fields["step"]
    page = await ada.post("/desk/book", **fields)
    assert (page.status, await visits(database)) == (200, [])
    for typed in ("Nadia O&#39;Brien", "1988-02-29", "nadia@example.org", "(415) 555-0123", 'value="tom"'):
        assert typed in page.text
    if step == "slot":
        assert f'id="chosen" value="{cast.dr_reyes}|{HALF_PAST}"' in page.text


async def test_pressing_twice_books_once(ada, database, cast) -> None:
    first = await ada.post("/desk/book", **wish(cast))
    second = await ada.post("/desk/book", **wish(cast))
    assert (first.status, second.status, first.location) == (303, 303, second.location)
    assert await visits(database) == [("Mira Lindqvist", "11-23 17:00")]


async def test_a_new_patient_pressed_twice_is_registered_once(ada, database, cast) -> None:
    fields = wish(cast, **NEW, q="")
    both = await asyncio.gather(ada.post("/desk/book", **fields), ada.post("/desk/book", **fields))
    assert both[0].location == both[1].location
    async with database.read() as tx:
        assert len(await patients.find(tx, "nadia")) == 1


async def test_going_back_and_booking_somebody_else_books_them_too(ada, database, cast) -> None:
    await ada.post("/desk/book", **wish(cast))
    other = await ada.post("/desk/book", **wish(cast, **NEW, q="") | {"chosen": f"{cast.dr_okafor}|{TEN}"})
    same_time = await ada.post("/desk/book", **wish(cast, patient_id=cast.tomas))
    assert (other.status, same_time.status) == (303, 409)
    assert sorted(await visits(database)) == [
        ("Mira Lindqvist", "11-23 17:00"),
        ("Nadia O'Brien", "11-23 17:00"),
    ]


async def test_a_slot_just_taken_keeps_what_was_typed_and_offers_the_next(ada, database, cast, words) -> None:
    await ada.post("/desk/book", **wish(cast))
    page = await ada.post("/desk/book", **wish(cast, **NEW, q="", booking_key="b" * 32))
    assert page.status == 409
    assert "That time was just taken. Nothing you typed is lost: choose another one." in words(page.text)
    for typed in ("Nadia O&#39;Brien", "1988-02-29", "nadia@example.org", "(415) 555-0123"):
        assert typed in page.text
    offered = re.findall(rf'name="slot" value="{cast.dr_reyes}\|([^"]+)"', page.text)
    assert TEN not in offered and "2026-11-23T17:45Z" in offered
    assert 'id="chosen" value=""' in page.text, "the refused time is not chosen any more"
    async with database.read() as tx:
        assert await patients.find(tx, "nadia") == [], "nothing is half-stored"


async def test_a_patient_is_not_booked_into_two_visits_at_once(ada, database, cast, words) -> None:
    await ada.post("/desk/book", **wish(cast))
    other = wish(cast, chosen=f"{cast.dr_okafor}|2026-11-23T17:15Z", booking_key="b" * 32)
    page = await ada.post("/desk/book", **other)
    assert page.status == 409
    assert "This patient has another visit at that time." in words(page.text)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ("2026-11-23T15:00Z", "That time has passed."),
        ("2026-11-24T04:00Z", "That is outside working hours by now."),
        ("2026-11-28T18:00Z", "That is outside working hours by now."),
    ],
    ids=["past", "night", "Saturday"],
)
async def test_a_time_that_cannot_be_is_refused(
    ada, database, cast, words, chosen: str, sentence: str
) -> None:
    page = await ada.post("/desk/book", **wish(cast, chosen=f"{cast.dr_reyes}|{chosen}"))
    assert (page.status, sentence in words(page.text)) == (409, True)
    assert await visits(database) == []


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Type the patient's first and last name."),
        ("date_of_birth", "", "Type the date of birth."),
        ("date_of_birth", "29.02.1988", "Type the date of birth."),
        ("date_of_birth", "2026-11-24", "This date of birth cannot be right."),
        ("date_of_birth", "1899-12-31", "This date of birth cannot be right."),
        ("email", "nadia(at)example", "This e-mail address cannot be right."),
        ("email", "nadia@example.org\r\nBcc: x@example.org", "This e-mail address cannot be right."),
        ("phone", "555", "A phone number has at least seven digits."),
        ("time_zone", "Mars/Olympus", "Choose the time zone the patient lives in."),
        ("chosen", "", "Choose a time."),
        ("chosen", "nonsense", "Choose a time."),
    ],
)
async def test_bad_input_is_told_beside_its_field(
    ada, database, cast, words, field: str, typed: str, sentence: str
) -> None:
    fields = wish(cast, **NEW, q="") | {field: typed}
    page = await ada.post("/desk/book", **fields)
    assert (page.status, sentence in words(page.text)) == (422, True)
    assert await visits(database) == []
    kept = {"name": "Nadia O&#39;Brien", "phone": "(415) 555-0123", "email": "nadia@example.org"}
    assert all(value in page.text for name, value in kept.items() if name != field)


async def test_a_new_patient_needs_some_way_to_be_reached(ada, cast, words) -> None:
    page = await ada.post("/desk/book", **wish(cast, **NEW | {"email": "", "phone": ""}, q=""))
    assert (page.status, "Type an e-mail address or a phone number" in words(page.text)) == (422, True)


async def test_nobody_chosen_is_told(ada, database, cast, words) -> None:
    page = await ada.post("/desk/book", **wish(cast, patient_id="", q="li"))
    assert "Choose a patient from the list, or fill in a new one." in words(page.text)
    unknown = await ada.post("/desk/book", **wish(cast, patient_id="f" * 32))
    assert (page.status, unknown.status, await visits(database)) == (422, 422, [])


@pytest.mark.parametrize(
    "choice", ["nobody|2026-11-23T17:00Z", "|2026-11-23T17:00Z", "x|2026-11-23", "x|9999-12-31T23:00Z"]
)
async def test_an_invented_choice_books_nothing(ada, database, cast, choice: str) -> None:
    page = await ada.post("/desk/book", **wish(cast, chosen=choice))
    assert (page.status, await visits(database)) == (422, [])


async def test_of_twenty_at_once_one_is_booked_and_the_others_are_offered_the_next_times(
    ada, database, cast
) -> None:
    wishes = [
        wish(cast, booking_key=f"{nth:032x}", patient_id=cast.mira if nth % 2 else cast.tomas)
        for nth in range(20)
    ]
    pages = await asyncio.gather(*(ada.post("/desk/book", **fields) for fields in wishes))
    assert sorted(page.status for page in pages) == [303] + [409] * 19
    assert len(await visits(database)) == 1
    refused = [page for page in pages if page.status == 409]
    for page in refused:
        offered = re.findall(rf'name="slot" value="{cast.dr_reyes}\|([^"]+)"', page.text)
        assert TEN not in offered
        assert "2026-11-23T17:45Z" in offered


async def test_only_the_front_desk_books(stranger, reyes, petra, database, cast) -> None:
    shown = [(await who.get("/desk/book")).status for who in (stranger, reyes, petra)]
    posted = [(await who.post("/desk/book", **wish(cast))).status for who in (stranger, reyes, petra)]
    assert (shown, posted) == ([303, 403, 403], [401, 403, 403])
    assert await visits(database) == []


async def test_a_page_of_another_site_cannot_book(ada, database, cast) -> None:
    answer = await ada.post("/desk/book", **wish(cast) | {"csrf": "0" * 64})
    assert (answer.status, await visits(database)) == (403, [])


async def test_a_known_patient_is_booked_untouched_where_check_ins_are_booked_no_more(
    ada, database, cast, clock, booked
) -> None:
    async with database.write() as tx:
        await visit_types.retire(tx, "check-in", by=cast.petra, now=clock.now())
    page = await ada.get(f"/desk/book?patient_id={cast.mira}&earliest=yes")
    proposed = fields_of(page.text)
    assert (proposed["visit_type"], proposed["practitioner"]) == ("intake", cast.dr_reyes)
    answer = await ada.post("/desk/book", step="book", mode="video", patient_id=cast.mira, **proposed)
    assert answer.status == 303
