"""/admin/imports: a file is looked at row by row, and then exactly what was shown is written, or nothing of it."""

import base64
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from server.services import appointments, patients
from server.store import encounters
from server.store.database import Database
from server.store.tables.audit import audit_events
from server.store.tables.outbox import outbox
from server.store.tables.patients import patients as patients_table
from tests.clocks import StoppedClock
from tests.conftest import Page, Visitor
from tests.people import Cast

HEAD = "name,date_of_birth,email,phone,time_zone,language,state\n"
NORA = "Nora Vance,1979-02-03,nora@example.org,(505) 555-0188,America/Denver,en,NM\n"
BOOKING_HEAD = "email,phone,name,date_of_birth,practitioner,visit_type,date,time,time_zone,mode\n"
# Tuesday; the clock stands at Monday 09:00 in Denver.
MIRAS = "mira@example.org,,,,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,video\n"
AT = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)

Look = Callable[[str | bytes], Awaitable[Page]]


@pytest.fixture
def look(petra: Visitor) -> Look:
    async def upload(content: str | bytes) -> Page:
        content = content.encode() if isinstance(content, str) else content
        return await petra.post("/admin/imports", file=base64.b64encode(content).decode())

    return upload


def hidden(page: Page) -> dict[str, str]:
    return {name: re.search(f'name="{name}" value="([^"]*)"', page.text)[1] for name in ("file", "seen")}  # type: ignore[index]


def rows(page: Page) -> list[str]:
    """What the page says of each row, in words."""
    body = page.text.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("<tr")[1:]]


def said(page: Page) -> list[str]:
    return [row.split("> ", 1)[1] for row in rows(page)]


async def count(database: Database, table: object) -> int:
    async with database.read() as tx:
        return int((await tx.one(select(func.count()).select_from(table)))[0])  # type: ignore[arg-type, index]


async def press(petra: Visitor, page: Page, **more: str) -> Page:
    return await petra.post("/admin/imports/rows", **hidden(page), **more)


async def test_a_look_writes_nothing(look: Look, database: Database) -> None:
    tables = (patients_table, audit_events, outbox)
    before = [await count(database, table) for table in tables]
    page = await look(HEAD + NORA)
    assert page.status == 200
    assert said(page) == ["2 Nora Vance New"]
    assert "Import this 1 row" in page.text
    assert [await count(database, table) for table in tables] == before


async def test_what_was_looked_at_is_imported(petra: Visitor, look: Look, database: Database) -> None:
    done = await press(petra, await look(HEAD + NORA))
    assert (done.status, done.location) == (303, "/admin/imports?done=1")
    assert "1 row was imported." in (await petra.get(done.location)).text
    async with database.read() as tx:
        (nora,) = await patients.find(tx, "Nora Vance")
        trail = await tx.all(select(audit_events.c.action).order_by(audit_events.c.seq.desc()).limit(2))
    assert (nora.date_of_birth, nora.phone, nora.state) == (date(1979, 2, 3), "(505) 555-0188", "NM")
    assert [row.action for row in trail] == ["imported", "registered"]


async def test_pressing_twice_imports_once(petra: Visitor, look: Look, database: Database) -> None:
    page = await look(HEAD + NORA)
    await press(petra, page)
    patients_then = await count(database, patients_table)
    again = await press(petra, page)
    assert again.location == "/admin/imports?done=before"
    assert "Nothing was done twice" in (await petra.get(again.location)).text
    assert await count(database, patients_table) == patients_then


async def test_the_same_file_again_finds_everybody_here(petra: Visitor, look: Look) -> None:
    await press(petra, await look(HEAD + NORA))
    page = await look(HEAD + NORA)
    assert said(page) == ["2 Nora Vance Already here"]
    assert "There is nothing to import in this file." in page.text
    assert "Import this" not in page.text


async def test_who_is_known_by_name_and_birth_stays_as_they_are(
    petra: Visitor, look: Look, database: Database, cast: Cast
) -> None:
    page = await look(HEAD + "mira  LINDQVÍST,1990-04-17,new@example.org,,America/New_York,en,\n" + NORA)
    assert said(page)[0] == (
        "2 mira LINDQVÍST Already here The clinic knows another e-mail, time zone and keeps it."
    )
    await press(petra, page)
    async with database.read() as tx:
        assert (await patients.by_id(tx, cast.mira)).email == "mira@example.org"


async def test_another_birth_date_is_another_person(look: Look) -> None:
    page = await look(HEAD + "Mira Lindqvist,1991-04-17,other@example.org,,America/Denver,en,\n")
    assert said(page) == ["2 Mira Lindqvist New"]


async def test_a_person_twice_in_a_file_is_one(look: Look) -> None:
    assert said(await look(HEAD + NORA + NORA)) == ["2 Nora Vance New", "3 Nora Vance Already here"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",1979-02-03,a@example.org,,America/Denver,en,", "Type the patient's first and last name."),
        ("Nora,03.02.1979,a@example.org,,America/Denver,en,", "written as in 1990-04-17"),
        ("Nora,2079-02-03,a@example.org,,America/Denver,en,", "This date of birth cannot be right."),
        ("Nora,1979-02-03,nora at home,,America/Denver,en,", "This e-mail address cannot be right."),
        ("Nora,1979-02-03,,12,America/Denver,en,", "A phone number has at least seven digits."),
        ("Nora,1979-02-03,,,America/Denver,en,", "Type an e-mail address or a phone number"),
        ("Nora,1979-02-03,a@example.org,,Denver,en,", "The time zone is written as in America/Denver."),
        ("Nora,1979-02-03,a@example.org,,America/Denver,tlh,", "not one of those the clinic writes in"),
        ("Nora,1979-02-03,a@example.org,,America/Denver,en,New", "The state is two letters"),
        ("Nora,1979-02-03,a@example.org,,America/Denver,en,NM,x", "This row has more cells"),
    ],
)
async def test_a_patient_that_cannot_be_right_is_refused_in_words(
    petra: Visitor, look: Look, database: Database, row: str, sentence: str
) -> None:
    page = await look(HEAD + row + "\n" + NORA)
    refused, fine = said(page)
    assert "Refused" in refused
    assert sentence in refused.replace("&#39;", "'")
    assert fine.endswith("New")
    before = await count(database, patients_table)
    await press(petra, page)
    assert await count(database, patients_table) == before + 1


async def test_a_booking_is_shown_in_both_zones_and_booked(
    petra: Visitor, look: Look, database: Database, cast: Cast
) -> None:
    page = await look(
        BOOKING_HEAD + ",2125550167,,,dr. chidi okafor,Check-in,2026-11-24,10:00,America/New_York,phone\n"
    )
    assert "10:00 AM (New York), 8:00 AM (Denver)" in said(page)[0].replace("\u202f", " ")
    assert (await press(petra, page)).location == "/admin/imports?done=1"
    async with database.read() as tx:
        (visit,) = await encounters.of_patient(tx, cast.tomas)
    assert visit.planned_starts_at == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert (visit.practitioner_id, visit.mode, visit.visit_type) == (cast.dr_okafor, "phone", "check-in")


@pytest.mark.parametrize(("tell", "letters"), [({}, 0), ({"tell": "yes"}, 1)])
async def test_patients_are_told_only_where_that_was_ticked(
    petra: Visitor, look: Look, database: Database, tell: dict[str, str], letters: int
) -> None:
    page = await look(BOOKING_HEAD + MIRAS)
    assert re.search(r'name="tell" value="yes" >', page.text)
    before = await count(database, outbox)
    await press(petra, page, **tell)
    assert await count(database, outbox) - before == letters


async def test_a_patient_is_found_by_name_and_birth_too(look: Look) -> None:
    row = ",,Mira Lindqvist,1990-04-17,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,\n"
    assert said(await look(BOOKING_HEAD + row))[0].endswith("New")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("nobody@example.org,,,,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,", "No patient fits"),
        (
            "mira@example.org,2125550167,,,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,",
            "No patient",
        ),
        (
            "mira@example.org,,,1991-01-01,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,",
            "No patient",
        ),
        (",,Mira Lindqvist,,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,", "Say who it is for"),
        (
            "mira@example.org,,,,Dr. Who,check-in,2026-11-24,14:30,America/Denver,",
            "no psychiatrist of this name",
        ),
        ("mira@example.org,,,,Dr. Ines Reyes,massage,2026-11-24,14:30,America/Denver,", "no such visit type"),
        (
            "mira@example.org,,,,Dr. Ines Reyes,check-in,24.11.2026,14:30,America/Denver,",
            "The date is written",
        ),
        (
            "mira@example.org,,,,Dr. Ines Reyes,check-in,9999-12-31,23:30,America/Denver,",
            "The date is written",
        ),
        (
            "mira@example.org,,,,Dr. Ines Reyes,check-in,2026-11-24,half two,America/Denver,",
            "The time is written",
        ),
        ("mira@example.org,,,,Dr. Ines Reyes,check-in,2026-11-24,14:30+01:00,America/Denver,", "The time is"),
        ("mira@example.org,,,,Dr. Ines Reyes,check-in,2026-11-24,14:30,MST,", "The time zone is written"),
        ("mira@example.org,,,,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,fax", "video or phone"),
        (
            "mira@example.org,,,,Dr. Ines Reyes,check-in,2027-03-14,02:30,America/Denver,",
            "does not exist there",
        ),
        ("mira@example.org,,,,Dr. Ines Reyes,check-in,2027-11-07,01:30,America/Denver,", "comes twice"),
        (
            "mira@example.org,,,,Dr. Ines Reyes,check-in,2026-11-20,14:30,America/Denver,",
            "Past visits are not",
        ),
        (
            "mira@example.org,,,,Dr. Ines Reyes,check-in,2026-11-24,22:30,America/Denver,",
            "outside the psychi",
        ),
    ],
)
async def test_a_booking_that_cannot_be_is_refused_in_words(
    look: Look, database: Database, row: str, sentence: str
) -> None:
    page = await look(BOOKING_HEAD + row + "\n")
    assert "Refused" in said(page)[0]
    assert sentence in said(page)[0].replace("&#39;", "'")
    assert "There is nothing to import in this file." in page.text


async def test_a_number_two_patients_share_is_no_name(petra: Visitor, look: Look) -> None:
    await press(petra, await look(HEAD + "Per Lindqvist,1988-01-01,,(303) 555-0142,America/Denver,en,\n"))
    row = ",3035550142,{},,Dr. Ines Reyes,check-in,2026-11-24,14:30,America/Denver,\n"
    page = await look(BOOKING_HEAD + row.format("") + row.format("Per Lindqvist"))
    first, second = said(page)
    assert "More than one patient fits" in first
    assert second.endswith("New")


async def test_overlaps_are_refused_within_the_file_and_with_what_is_booked(
    petra: Visitor, look: Look
) -> None:
    tomas = MIRAS.replace("mira", "tomas").replace("14:30", "14:45")
    page = await look(BOOKING_HEAD + MIRAS + tomas)
    assert "New" in said(page)[0]
    assert "something else at that time" in said(page)[1]
    await press(petra, page)
    mira_elsewhere = MIRAS.replace("Dr. Ines Reyes", "Dr. Chidi Okafor")
    first, second, third = said(await look(BOOKING_HEAD + MIRAS + tomas + mira_elsewhere))
    assert first.endswith("Already here")
    assert "something else at that time" in second
    assert "The patient has another visit" in third


async def test_nothing_is_imported_when_something_changed_since_the_look(
    petra: Visitor, look: Look, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    fine = MIRAS.replace("14:30", "16:30")
    page = await look(BOOKING_HEAD + fine + MIRAS)
    assert "Import these 2 rows" in page.text
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    answer = await press(petra, page)
    assert answer.status == 409
    assert "Something changed since you looked at this file" in answer.text
    assert "something else at that time" in said(answer)[1]
    async with database.read() as tx:
        assert await encounters.of_patient(tx, cast.mira) == []
    assert (await press(petra, answer)).location == "/admin/imports?done=1"


async def test_only_the_file_that_was_looked_at_is_imported(
    petra: Visitor, look: Look, database: Database
) -> None:
    seen, other = await look(HEAD + NORA), await look(HEAD + NORA.replace("Nora", "Norma"))
    before = await count(database, patients_table)
    swapped = hidden(seen) | {"file": hidden(other)["file"]}
    assert (await petra.post("/admin/imports/rows", **swapped)).status == 409
    assert await count(database, patients_table) == before


@pytest.mark.parametrize("file", ["", "not base64!", "AAAA", "////"])
async def test_a_file_that_does_not_come_back_whole_is_refused(petra: Visitor, file: str) -> None:
    answer = await petra.post("/admin/imports/rows", file=file, seen="x")
    assert answer.status == 422
    assert "The file did not come back whole." in answer.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (HEAD.encode(), "There is no row in this file."),
        ((HEAD + NORA).encode("utf-16"), "This is no UTF-8 text."),
        ((HEAD + NORA.replace("Nora", "Nóra")).encode("latin-1"), "This is no UTF-8 text."),
        (b"PK\x03\x04\x00\x00" + b"\x00" * 50, "This is no CSV table."),
        (HEAD.encode() + b'"Nora,1979-02-03', "This is no CSV table."),
        (HEAD.encode() + NORA.encode() * 201, "more than 200 rows"),
        (b"x" * 65537, "larger than 64 KB"),
        (b"name,name,date_of_birth\na,b,c\n", "names a column twice"),
        (b"first,last\na,b\n", "Missing: date_of_birth, name, time_zone."),
        (b"practitioner,date\na,b\n", "Missing: time, time_zone, visit_type."),
        (b"name,date_of_birth,time_zone,<b>shoe\na,b,c,d\n", "these columns: &lt;b&gt;shoe."),
    ],
)
async def test_a_file_that_is_none_of_ours_is_refused_in_words(
    look: Look, content: bytes, sentence: str
) -> None:
    page = await look(content)
    assert page.status == 422
    assert sentence in page.text


async def test_rows_can_be_pasted(petra: Visitor) -> None:
    page = await petra.post("/admin/imports", text=(HEAD + NORA).replace("\n", "\r\n"), file="")
    assert said(page) == ["2 Nora Vance New"]
    wrong = await petra.post("/admin/imports", text="Nora, 1979")
    assert wrong.status == 422
    assert "Nora, 1979</textarea>" in wrong.text


async def test_no_file_is_asked_for(petra: Visitor) -> None:
    answer = await petra.post("/admin/imports")
    assert answer.status == 422
    assert "Choose a file first." in answer.text


@pytest.mark.parametrize(
    "content",
    [
        ("\ufeff" + HEAD + NORA).encode(),
        (HEAD + NORA).replace(",", ";").encode(),
        (HEAD + NORA).replace("\n", "\r\n").encode(),
        (HEAD + "\n" + NORA + ",,,,,,\n").encode(),
        (HEAD.replace("date_of_birth", "Date of birth") + NORA).encode(),
    ],
    ids=["mark", "semicolons", "windows", "empty lines", "spelled"],
)
async def test_files_as_spreadsheets_write_them_are_read(look: Look, content: bytes) -> None:
    page = await look(content)
    assert page.status == 200
    (row,) = said(page)
    assert row.endswith("Nora Vance New")


async def test_templates_can_be_filled_in_and_read(petra: Visitor, look: Look) -> None:
    patients_file = await (await petra.client.get("/admin/imports/patients")).text()
    assert said(await look(patients_file)) == ["2 Alex Example New"]
    bookings_file = await (await petra.client.get("/admin/imports/bookings")).text()
    assert "There is no psychiatrist of this name." in said(await look(bookings_file))[0]


async def test_markup_in_a_file_is_text(look: Look) -> None:
    page = await look(HEAD + NORA.replace("Nora Vance", "<script>alert(1)</script>"))
    assert "<script>alert" not in page.text


async def test_a_whole_file_of_two_hundred_is_imported(
    petra: Visitor, look: Look, database: Database
) -> None:
    lines = "".join(
        f"Person {n}x,{date(1950, 1, 1) + timedelta(days=n)},p{n}@example.org,,America/Denver,,\n"
        for n in range(200)
    )
    before = await count(database, patients_table)
    assert (await press(petra, await look(HEAD + lines))).location == "/admin/imports?done=200"
    assert await count(database, patients_table) == before + 200


async def test_odd_questions_are_answered(petra: Visitor) -> None:
    for query in ("done=-1", "done=x", "done=99999", "done=²", "done=%00"):
        page = await petra.get(f"/admin/imports?{query}")
        assert page.status == 200
        assert "imported." not in page.text
    for seen in ("\0", "x" * 3000):
        file = base64.b64encode((HEAD + NORA).encode()).decode()
        assert (await petra.post("/admin/imports/rows", file=file, seen=seen)).status in (400, 409)
