"""A text message is one line of the alphabet every phone has, fits into one message, and starts with the clinic."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server.jobs.texts import LONGEST, gsm7, room_of, text_message_for
from server.notify import TextMessage
from tests.unit.test_messages import OUTGOING, SENDER, VISIT

OF_VISITS = ("booked", "moved", "cancelled", "link", "now", "reminder", "late", "awaited")


def text_of(
    kind: str, *, name: str = "Harbor Clinic", delay: int | None = 10, **changes: object
) -> TextMessage:
    """To Los Angeles from Denver, where everything is longest."""
    sender = replace(SENDER, clinic=replace(SENDER.clinic, name=name))
    visit = replace(VISIT, delay=delay)
    told = {"zone": "America/Los_Angeles", "to": "(303) 555-0142", **changes}
    return text_message_for(replace(OUTGOING, kind=kind, channel="sms", visit=visit, **told), sender)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", OF_VISITS)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "name", ["Harbor Clinic", "Clínica San Ramón del Puerto Ñandú y Asociados de Colorado"]
)
@pytest.mark.parametrize("delay", [20, None])
def test_every_one_fits(kind: str, language: str, name: str, delay: int | None) -> None:
    text = text_of(kind, language=language, name=name, delay=delay).text
    assert room_of(text) <= LONGEST, text
    assert gsm7(text) == text and "\n" not in text
    assert text.startswith(gsm7(name)[:7])
    assert text.count("https://") == (kind != "cancelled")


@pytest.mark.parametrize("kind", [kind for kind in OF_VISITS if kind not in ("now", "awaited")])
def test_both_clocks_are_named(kind: str) -> None:
    text = text_of(kind).text
    assert "9:00 AM (Los Angeles), 10:00 AM (Denver)" in text


@pytest.mark.parametrize("kind", ["home", "questions", "look", "missed_visit"])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "name", ["Harbor Clinic", "Clínica San Ramón del Puerto Ñandú y Asociados de Colorado"]
)
def test_those_of_a_patients_own_pages_fit_with_their_whole_link(kind: str, language: str, name: str) -> None:
    """The link there is the long one: forty-three characters that nobody may guess."""
    sender = replace(
        SENDER,
        clinic=replace(SENDER.clinic, name=name),
        patients_url="https://visits.harborclinic.example.org",
    )
    told = replace(OUTGOING, kind=kind, channel="sms", visit=None, token="t" * 43, language=language)
    text = text_message_for(told, sender).text
    assert room_of(text) <= LONGEST and gsm7(text) == text and "\n" not in text
    assert text.endswith(f"https://visits.harborclinic.example.org/home/door/{'t' * 43}")
    assert text.startswith(gsm7(name)[:7])


def test_somebody_who_is_late_is_written_word_for_word() -> None:
    link = "https://visits.example.org/j/tttttttttttttttttttttt"
    assert (
        text_of("awaited").text == f"Harbor Clinic: your visit begins now and we are waiting for you: {link}"
    )
    with_words = replace(VISIT, with_words=True)
    told = text_message_for(replace(OUTGOING, kind="awaited", channel="sms", visit=with_words), SENDER)
    assert told.text == f"Harbor Clinic: your visit begins now, and there is a message for you: {link}"
    by_phone = replace(VISIT, mode="phone")
    told = text_message_for(replace(OUTGOING, kind="awaited", channel="sms", visit=by_phone), SENDER)
    assert told.text.endswith("we could not reach you for your visit. Please call us: (303) 555-0100")


def test_one_clock_is_named_once() -> None:
    assert "Mon, Nov 23 10:00 AM (Denver). https" in text_of("reminder", zone="America/Denver").text


def test_the_reminder_word_for_word() -> None:
    assert text_of("reminder").text == (
        "Harbor Clinic: a reminder of your visit, Mon, Nov 23 9:00 AM (Los Angeles), 10:00 AM (Denver). "
        "https://visits.example.org/j/tttttttttttttttttttttt"
    )


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("mañana a las ocho, ¿está?", "mañana a las ocho, ¿esta?"),
        ("È ù ò é Ñ Ü", "È ù ò é Ñ Ü".replace("È", "E")),
        ("“Łódź” – …", '"dz" - ...'),
        ("10:00\u202fAM · ok", "10:00 AM - ok"),
        ("✓ 日本", " "),
    ],
)
def test_the_alphabet(said: str, sent: str) -> None:
    assert gsm7(said).replace("od", "d") == sent


def test_what_the_alphabet_has_only_as_two_counts_as_two() -> None:
    assert room_of("a€[") == 5


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("(303) 555-0142", "+13035550142"),
        ("1-303-555-0142", "+13035550142"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("0049 30 901820", "+4930901820"),
        ("(303) 555-0142 ext. 12", ""),
        ("12345", ""),
    ],
)
def test_the_number_is_written_as_gateways_want_it(typed: str, sent: str) -> None:
    assert text_of("booked", to=typed).to == sent


def test_the_year_does_not_matter_to_the_length() -> None:
    visit = replace(VISIT, starts_at=datetime(2026, 9, 30, 22, 45, tzinfo=UTC))
    sent = text_message_for(
        replace(OUTGOING, kind="late", channel="sms", zone="America/Los_Angeles", language="es", visit=visit),
        SENDER,
    )
    assert room_of(sent.text) <= LONGEST
