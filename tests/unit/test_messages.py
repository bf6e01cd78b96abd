"""Letters say when in both zones and whom to call, carry no word about care, and can smuggle in no header."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import pytest
from icalendar import Calendar

from server.jobs.letters import Sender, letter_for
from server.jobs.texts import text_message_for
from server.notify import Letter, MailSettings, UnsafeHeader, message_of
from server.services.message_facts import OfferFacts, Outgoing, RequestFacts, VisitFacts
from server.web.settings import ClinicFacts

KINDS = ("booked", "moved", "link", "now", "cancelled")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SENDER = Sender(
    clinic=ClinicFacts(
        name="Harbor Clinic",
        phone="(303) 555-0100",
        emergency_number="911",
        crisis_line="988",
        time_zone="America/Denver",
        languages=("en", "es"),
    ),
    base_url="https://desk.example.org",
    patients_url="https://visits.example.org",
    mail_address="visits@harbor.example",
)
SETTINGS = MailSettings(
    host="127.0.0.1",
    port=25,
    security="none",
    sender_name='Harbor "Psych", Clinic',
    sender_address="visits@harbor.example",
)
VISIT = VisitFacts(
    encounter_id="e1",
    practitioner_name="Dr. Ines Reyes",
    starts_at=datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
    ends_at=datetime(2026, 11, 23, 17, 30, tzinfo=UTC),
    mode="video",
    token="t" * 43,
    sequence=1,
)
OUTGOING = Outgoing(
    message_id="m1",
    kind="booked",
    channel="email",
    to="nadia@example.org",
    name="Nadia O'Brien & Söhne <x>",
    zone="America/New_York",
    language="en",
    attempts=1,
    visit=VISIT,
)


def letter(*, mode: str = "video", sequence: int = 1, **changes: object) -> Letter:
    visit = replace(VISIT, mode=mode, sequence=sequence)
    return letter_for(replace(OUTGOING, visit=visit, **changes), SENDER, now=NOW)  # type: ignore[arg-type]


def word_without_a_visit(kind: str, **changes: object) -> Letter:
    return letter_for(replace(OUTGOING, kind=kind, visit=None, **changes), SENDER, now=NOW)  # type: ignore[arg-type]


def entry(of: Letter) -> tuple[str, object]:
    """(method, the event)"""
    assert of.calendar is not None
    calendar = Calendar.from_ical(of.calendar)
    [event] = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


GOLDEN = """\
Hello Nadia O'Brien & Söhne <x>,

Your visit is booked:

  Monday, November 23, 2026
  12:00 PM your time (New York) · 10:00 AM clinic (Denver)
  With Dr. Ines Reyes

Open this link when it is time. You need no account and no app:

https://visits.example.org/visit/join/ttttttttttttttttttttttttttttttttttttttttttt

You can open it earlier to try your camera and microphone. The link is for you alone: please do not pass it on.

Another time, or a question? Call us: (303) 555-0100

Harbor Clinic
"""


def test_the_confirmation_word_for_word() -> None:
    assert letter().text.replace("\u202f", " ") == GOLDEN
    assert letter().subject == "Your visit on Mon, Nov 23 - Harbor Clinic"


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_names_both_zones_and_the_number_to_call(kind: str) -> None:
    text = letter(kind=kind).text
    assert "your time (New York)" in text and "clinic (Denver)" in text and "(303) 555-0100" in text


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "cancelled"])
def test_every_letter_but_the_cancellation_carries_the_link(kind: str) -> None:
    assert f"https://visits.example.org/visit/join/{'t' * 43}" in letter(kind=kind).text


def test_the_cancellation_carries_no_link_anywhere() -> None:
    cancelled = letter(kind="cancelled")
    assert "/visit/join/" not in cancelled.text + (cancelled.calendar or b"").decode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_letter_says_what_the_visit_is_about(kind: str, language: str) -> None:
    said = letter(kind=kind, language=language)
    everything = f"{said.subject} {said.text} {(said.calendar or b'').decode()}".lower()
    for word in ("ketamine", "psych", "depress", "treat", "dose", "therapy", "intake", "diagnos", "medic"):
        assert word not in everything
    assert "Nadia" not in said.subject


@pytest.mark.parametrize("kind", KINDS)
def test_one_blank_line_at_most(kind: str) -> None:
    assert "\n\n\n" not in letter(kind=kind).text


WITHOUT_A_VISIT = ("home", "code", "attention", "questions", "look", "answer", "programme")
REQUESTS = ("self_proof", "self_known", "self_open", "self_answer")


def word_of_a_request(kind: str, **changes: object) -> Letter:
    token = "" if kind == "self_known" else "t" * 43
    asked = RequestFacts(practitioner_name="Dr. Ines Reyes", starts_at=VISIT.starts_at)
    return word_without_a_visit(kind, token=token, request=asked, **changes)


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_whoever_asked_online_reads_no_word_about_care(kind: str, language: str) -> None:
    said = word_of_a_request(kind, language=language)
    everything = f"{said.subject} {said.text}".lower()
    for word in ("ketamine", "psych", "depress", "treat", "dose", "therapy", "diagnos", "medic", "health"):
        assert word not in everything
    assert "Nadia" not in said.subject and "(303) 555-0100" in said.text
    assert said.calendar is None


def test_a_request_is_proved_by_its_link_and_said_in_both_zones() -> None:
    text = word_of_a_request("self_proof").text.replace("\u202f", " ")
    assert f"https://visits.example.org/book/request/{'t' * 43}" in text
    assert "12:00 PM your time (New York) · 10:00 AM clinic (Denver)" in text


def test_a_known_address_is_given_its_own_way_and_no_proof() -> None:
    text = word_of_a_request("self_known").text
    assert "https://visits.example.org/visit/lost-link" in text and "/book/" not in text


@pytest.mark.parametrize("kind", WITHOUT_A_VISIT)
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_other_word_says_what_it_is_about_either(kind: str, language: str) -> None:
    said = word_without_a_visit(kind, token="t" * 43, code="123456", language=language)
    everything = f"{said.subject} {said.text}".lower()
    for word in (
        "ketamine",
        "psych",
        "depress",
        "treat",
        "dose",
        "therapy",
        "self-harm",
        "suicid",
        "hold",
        "journal",
    ):
        assert word not in everything
    assert "Nadia" not in said.subject
    assert said.calendar is None
    assert "\n\n\n" not in said.text


def overview(**changes: object) -> Outgoing:
    later = replace(VISIT, encounter_id="e2", starts_at=datetime(2026, 12, 7, 17, 0, tzinfo=UTC))
    how = {"kind": "programme", "visit": None, "visits": (VISIT, later)} | changes
    return replace(OUTGOING, **how)  # type: ignore[arg-type]


def test_the_overview_names_every_date_in_both_zones_and_leads_to_the_first() -> None:
    said = letter_for(overview(), SENDER, now=NOW)
    text = said.text.replace("\u202f", " ")
    for day in ("Monday, November 23, 2026", "Monday, December 7, 2026"):
        assert (
            f"{day}\n  12:00 PM your time (New York) · 10:00 AM clinic (Denver)\n  With Dr. Ines Reyes"
            in text
        )
    assert "(303) 555-0100" in text and "\n\n\n" not in text and said.calendar is None


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_overview_as_a_text_is_one_message(language: str) -> None:
    said = text_message_for(overview(channel="sms", to="3035550142", language=language), SENDER).text
    assert len(said) <= 160 and "2 " in said
    assert "visits.example.org/j/" in said and "New York" in said and "Denver" in said


def offered(**changes: object) -> Outgoing:
    facts = OfferFacts(
        practitioner_name="Dr. Ines Reyes",
        starts_at=VISIT.starts_at,
        until=datetime(2026, 11, 20, 16, 0, tzinfo=UTC),
        instead_of=datetime(2026, 12, 7, 17, 0, tzinfo=UTC),
    )
    how = {"kind": "offer", "visit": None, "offer": facts, "token": "t" * 22} | changes
    return replace(OUTGOING, **how)  # type: ignore[arg-type]


def test_an_offer_says_when_in_both_zones_until_when_and_what_stays() -> None:
    said = letter_for(offered(), SENDER, now=NOW)
    text = said.text.replace("\u202f", " ")
    assert "12:00 PM your time (New York) · 10:00 AM clinic (Denver)" in text
    assert "https://visits.example.org/visit/offer/" + "t" * 22 in text
    assert "until Fri, Nov 20, 11:00 AM your time" in text and "stays as it is: Mon, Dec 7, 12:00 PM" in text
    assert said.calendar is None and "\n\n\n" not in text
    assert not any(word in text.lower() for word in ("treat", "psych", "ketamine", "check-in"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_offer_as_a_text_is_one_message_with_its_link(language: str) -> None:
    said = text_message_for(offered(channel="sms", to="3035550142", language=language), SENDER).text
    assert len(said) <= 160 and "https://visits.example.org/visit/offer/" + "t" * 22 in said
    assert "New York" in said and "Denver" in said


def test_an_overview_without_dates_says_that_none_stands() -> None:
    said = letter_for(overview(visits=()), SENDER, now=NOW)
    assert "are cancelled" in said.text and "/visit/join/" not in said.text
    assert "/desk" not in said.text and "desk.example.org" not in said.text


def test_each_leads_where_it_should() -> None:
    assert (
        "https://visits.example.org/home/door/" + "t" * 43
        in word_without_a_visit("home", token="t" * 43).text
    )
    assert "https://desk.example.org/\n" in word_without_a_visit("attention").text
    assert "https://" not in word_without_a_visit("code", code="123456").text
    assert "123456" in word_without_a_visit("code", code="123456").subject


def test_a_visit_by_phone_says_who_calls() -> None:
    told = letter(mode="phone").text
    assert "By phone: we call you." in told and "camera" not in told
    late = letter(kind="late", mode="phone").text
    assert "Open this link to wait" in letter(kind="late").text and "Open this link to wait" not in late
    assert "/visit/join/" in told and "/visit/join/" in late
    assert not any("\n\n\n" in text for text in (told, late))


@pytest.mark.parametrize(
    ("kind", "method", "status"),
    [
        ("booked", "REQUEST", "CONFIRMED"),
        ("moved", "REQUEST", "CONFIRMED"),
        ("link", "REQUEST", "CONFIRMED"),
        ("cancelled", "CANCEL", "CANCELLED"),
    ],
)
def test_the_calendar_entry_says_what_it_is_for(kind: str, method: str, status: str) -> None:
    said, event = entry(letter(kind=kind, sequence=3))
    assert (said, str(event["STATUS"]), int(event["SEQUENCE"])) == (method, status, 3)  # type: ignore[index]
    assert str(event["UID"]) == "e1@harbor.example"  # type: ignore[index]


def test_the_entry_is_in_the_patients_own_time() -> None:
    calendar = letter().calendar
    assert calendar is not None
    assert b"DTSTART;TZID=America/New_York:20261123T120000" in calendar


def test_a_call_for_now_needs_no_calendar() -> None:
    assert letter(kind="now").calendar is None


def test_the_message_has_the_entry_as_part_and_as_file_and_survives_the_wire() -> None:
    sent = message_from_bytes(bytes(message_of(letter(), SETTINGS)), policy=SMTP)
    kinds = [part.get_content_type() for part in sent.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    [invitation] = [part for part in sent.walk() if part.get_content_type() == "text/calendar"]
    assert invitation.get_param("method") == "REQUEST"
    assert (sent["To"], sent["Message-ID"]) == ("nadia@example.org", "<m1@harbor.example>")
    assert sent["From"].addresses[0].display_name == 'Harbor "Psych", Clinic'  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", ["to", "subject", "number"])
@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\0"])
def test_no_text_starts_a_header_of_its_own(field: str, mark: str) -> None:
    smuggled = replace(letter(), **{field: f"a{mark}Bcc: stranger@example.org"})
    with pytest.raises(UnsafeHeader):
        message_of(smuggled, SETTINGS)


def test_a_name_with_a_line_break_stays_in_the_text() -> None:
    message = message_of(letter(name="Nadia\r\nBcc: stranger@example.org"), SETTINGS)
    assert message["Bcc"] is None


def test_mail_leaves_the_machine_over_tls_only() -> None:
    with pytest.raises(ValueError, match="TLS"):
        replace(SETTINGS, host="mail.example.org")
