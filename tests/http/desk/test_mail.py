"""The confirmation leaves over real SMTP, and a demo shows what left."""

import asyncio
import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port
from icalendar import Calendar

from server.demo.mail_catcher import MailCatcher
from server.jobs.mail import send_due
from server.notify import MailSettings, Notifier
from server.services import appointments, outgoing
from server.web import keys, live
from server.web.demo_doors import DemoDoors


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    caught = MailCatcher(tmp_path / "mail")
    caught.start()
    yield caught
    caught.stop()


@pytest.fixture
def notifier(catcher: MailCatcher) -> Notifier:
    return Notifier(
        MailSettings(
            host="127.0.0.1",
            port=catcher.port,
            security="none",
            sender_name="Harbor Clinic",
            sender_address="visits@harbor.example",
        )
    )


@pytest.fixture
def demo(app, tmp_path: Path) -> Path:
    app[keys.DEMO] = DemoDoors(mail_folder=tmp_path / "mail")
    return tmp_path / "mail"


def letters(folder: Path) -> list[EmailMessage]:
    return [  # type: ignore[return-value]
        email.message_from_bytes(path.read_bytes(), policy=default) for path in sorted(folder.glob("*.eml"))
    ]


async def test_the_confirmation_has_link_both_zones_phone_and_calendar(
    demo, app, ada, database, booked, cast, clock, notifier
) -> None:
    async with database.write() as tx:
        from server.services import patients

        await patients.correct(tx, cast.mira, time_zone="America/New_York", by=cast.ada, now=clock.now())
    assert await send_due(app, notifier) == 1
    [letter] = letters(demo)
    text = letter.get_body(("plain",)).get_content()
    async with database.read() as tx:
        token = appointments.token_of(tx, booked)
    assert (letter["To"], letter["Subject"]) == (
        "mira@example.org",
        "Your visit on Mon, Nov 23 - Harbor Clinic",
    )
    assert f"/visit/join/{token}" in text and "(303) 555-0100" in text
    assert "12:00\u202fPM your time (New York) · 10:00\u202fAM clinic (Denver)" in text
    [event] = Calendar.from_ical(_part(letter, "text/calendar")).walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"]) == (f"{booked.id}@harbor.example", 1)
    assert event["DTSTART"].dt == booked.planned_starts_at


def _part(letter: EmailMessage, kind: str) -> str:
    [part] = [part for part in letter.walk() if part.get_content_type() == kind]
    return str(part.get_content())


async def test_moving_and_cancelling_move_and_cancel_the_calendar_entry(
    demo, app, ada, booked, cast, notifier
) -> None:
    await send_due(app, notifier)
    await ada.post(
        f"/desk/reschedule/{booked.id}",
        step="move",
        was="2026-11-23T17:00Z",
        chosen=f"{cast.dr_reyes}|2026-11-23T19:00Z",
    )
    await send_due(app, notifier)
    await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="a cold")
    await send_due(app, notifier)
    entries = []
    for letter in letters(demo):
        calendar = Calendar.from_ical(_part(letter, "text/calendar"))
        [event] = calendar.walk("VEVENT")
        entries.append(
            (calendar["METHOD"], int(event["SEQUENCE"]), event["UID"] == f"{booked.id}@harbor.example")
        )
    assert entries == [("REQUEST", 1, True), ("REQUEST", 2, True), ("CANCEL", 3, True)]


async def test_the_board_and_the_visits_own_pages_are_told_that_it_left(app, booked, notifier) -> None:
    topics = live.BOARD, live.encounter_topic(booked.id)
    told = [asyncio.ensure_future(anext(app[keys.CHANGES].subscribe(topic))) for topic in topics]
    await asyncio.sleep(0)
    assert await send_due(app, notifier) == 1
    async with asyncio.timeout(5):
        await asyncio.gather(*told)


async def test_a_letter_is_sent_once_however_often_the_job_runs(demo, app, ada, booked, notifier) -> None:
    sent = [await send_due(app, notifier) for _ in range(3)]
    assert (sent, len(letters(demo))) == ([1, 0, 0], 1)


async def test_a_server_that_is_away_costs_nothing_but_time(
    app, database, booked, clock, catcher, demo
) -> None:
    dead = Notifier(
        MailSettings(
            host="127.0.0.1",
            port=1,
            security="none",
            sender_name="Harbor Clinic",
            sender_address="visits@harbor.example",
        )
    )
    assert await send_due(app, dead) == 0
    async with database.read() as tx:
        [told] = await outgoing.history(tx, booked.id)
    assert (told.state, told.problem) == ("pending", "mail server not reachable")


class RefusesEverybody:
    """A mail server that knows none of our patients."""

    async def handle_RCPT(self, _server, _session, _envelope, _address, _options) -> str:  # noqa: N802
        return "550 no such person"


async def test_a_refused_address_is_given_up_and_shown(app, ada, booked, words) -> None:
    from aiosmtpd.controller import Controller

    server = Controller(RefusesEverybody(), hostname="127.0.0.1", port=unused_port())
    server.start()
    try:
        refused = Notifier(
            MailSettings(
                host="127.0.0.1",
                port=server.port,
                security="none",
                sender_name="Harbor Clinic",
                sender_address="visits@harbor.example",
            )
        )
        assert await send_due(app, refused) == 0
    finally:
        server.stop()
    assert "Message not delivered" in words((await ada.get("/desk/today/board")).text)


async def test_a_demo_shows_its_mail_with_a_link_to_click(demo, app, ada, booked, notifier, words) -> None:
    assert "Nothing was sent yet." in words((await ada.get("/desk/mail")).text)
    await send_due(app, notifier)
    listed = (await ada.get("/desk/mail")).text
    assert 'href="/desk/mail/000001"' in listed
    page = await ada.get("/desk/mail/000001")
    assert page.status == 200
    assert 'href="http' in page.text and "/visit/join/" in page.text


@pytest.mark.parametrize("number", ["000002", "..%2f..%2fmaster", "abc", "1.eml"])
async def test_nothing_but_kept_letters_can_be_opened(demo, ada, number: str) -> None:
    assert (await ada.get(f"/desk/mail/{number}")).status == 404


async def test_outside_a_demo_there_is_no_such_page(ada) -> None:
    assert [(await ada.get(path)).status for path in ("/desk/mail", "/desk/mail/000001")] == [404, 404]


async def test_only_the_front_desk_reads_it(demo, stranger, reyes, petra) -> None:
    assert [(await who.get("/desk/mail")).status for who in (stranger, reyes, petra)] == [303, 403, 403]
