"""The HTML beside every letter says the same words, fetches nothing, and no message of any kind is about care."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.care.people import SMS
from server.jobs.letters import letter_for
from server.jobs.texts import text_message_for
from server.notify import Letter
from server.services.message_facts import InvitationFacts, OfferFacts, RequestFacts
from server.web.settings import Brand
from tests.unit.test_letters_to_clinicians import OWN
from tests.unit.test_messages import NOW, OUTGOING, SENDER, VISIT, letter

MESSAGES = Path(__file__).parents[2] / "templates" / "messages"
TEMPLATES = sorted(path.stem for path in MESSAGES.glob("*.txt") if not path.stem.startswith("_"))
LETTERS = [name for name in TEMPLATES if not name.endswith("_sms")]
TEXTS = [name.removesuffix("_sms") for name in TEMPLATES if name.endswith("_sms")]
OF_VISITS = frozenset(
    {"booked", "moved", "cancelled", "link", "now", "reminder", "late", "reassigned", "awaited"}
)
# What a message must not tell whoever reads it over a shoulder, in both languages.
CLINICAL = (
    "ketamin|esketamin|spravato|psych|psiqu|psic[oó]|depress|depresi|anxi|ansied|suicid|self-harm|autoles|treat|"
    "tratam|dos(?:e|is|ing)|therap|terap|intake|diagnos|medic[iau]|m[eé]dic|prescri|receta|refill|tablet|pastilla|"
    "mental|psychedel|psicod|session|sesi[oó]n|journal|diario|phq|gad-7|symptom|s[ií]ntoma|hold|crisis"
)


def outgoing_of(kind: str, **changes: object):
    visit = replace(VISIT, delay=10) if kind in OF_VISITS else None
    invited = InvitationFacts(
        role="interpreter", practitioner_name="Dr. Ines Reyes", starts_at=VISIT.starts_at
    )
    asked = RequestFacts(practitioner_name="Dr. Ines Reyes", starts_at=VISIT.starts_at)
    offered = OfferFacts(
        practitioner_name="Dr. Ines Reyes", starts_at=VISIT.starts_at, until=NOW, instead_of=VISIT.ends_at
    )
    return replace(
        OUTGOING,
        kind=kind,
        visit=visit,
        token="t" * 43,
        code="123456" if kind == "code" else "",
        own=OWN if kind.startswith("own_") else None,
        invitation=invited if kind.startswith("guest") else None,
        request=asked if kind.startswith("self_") else None,
        offer=offered if kind == "offer" else None,
        **changes,  # type: ignore[arg-type]
    )


def letter_of(kind: str, **changes: object) -> Letter:
    return letter_for(outgoing_of(kind, **changes), SENDER, now=NOW)


def readable(page: str) -> str:
    bare = re.sub(r"<(style|title)>[\s\S]*?</\1>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_letter_of_any_kind_is_about_care(kind: str, language: str) -> None:
    said = letter_of(kind, language=language)
    everything = f"{said.subject} {said.text} {readable(said.html or '')} {(said.calendar or b'').decode()}"
    assert re.findall(CLINICAL, everything, re.IGNORECASE) == []
    assert "Nadia" not in said.subject and "Reyes" not in said.subject


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_text_message_of_any_kind_is_about_care(kind: str, language: str) -> None:
    said = text_message_for(outgoing_of(kind, language=language, channel=SMS), SENDER)
    assert re.findall(CLINICAL, said.text, re.IGNORECASE) == []
    assert "Nadia" not in said.text


def test_the_list_would_notice() -> None:
    assert re.findall(CLINICAL, "Your ketamine session, Sesión, Dosis, PHQ-9", re.IGNORECASE) != []


@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_it_says_what_the_text_says(kind: str, language: str) -> None:
    said = letter_of(kind, language=language)
    assert said.html is not None
    shown = readable(said.html)
    for line in said.text.splitlines():
        assert " ".join(line.split()) in shown, line


@pytest.mark.parametrize("kind", LETTERS)
def test_it_fetches_nothing_and_tells_nobody_that_it_was_opened(kind: str) -> None:
    page = letter_of(kind).html or ""
    assert not re.search(r"<(?:img|script|link|iframe|object|form)\b|url\(|@import|\bsrc=", page)
    assert set(re.findall(r'href="([^"]+)"', page)) <= {_link(page)}
    assert len(page) < 20_000


def _link(page: str) -> str:
    found = re.search(r'class="button" href="([^"]+)"', page)
    return found[1] if found else ""


def test_a_name_is_never_markup() -> None:
    page = letter_of("booked", name="<b>Nadia</b> & <script>x</script>").html or ""
    assert "<script>" not in page and "&lt;b&gt;Nadia&lt;/b&gt; &amp;" in page


def test_the_link_is_a_button_and_can_be_copied() -> None:
    page = letter_of("booked").html or ""
    assert page.count(f"https://visits.example.org/visit/join/{'t' * 43}") == 3


PHOENIX = {"zone": "America/Phoenix"}


def in_november(**visit: object):
    """S2: ten o'clock at a clinic in New York, which was seven in Phoenix on 29 October and is eight on 5 November."""
    clinic = replace(SENDER.clinic, time_zone="America/New_York")
    facts = replace(VISIT, starts_at=datetime(2026, 11, 5, 15, 0, tzinfo=UTC), **visit)  # type: ignore[arg-type]
    return replace(OUTGOING, kind="reminder", zone="America/Phoenix", visit=facts), replace(
        SENDER, clinic=clinic
    )


def test_s2_who_comes_every_week_is_told_that_their_own_time_changed() -> None:
    outgoing, sender = in_november(before=datetime(2026, 10, 29, 14, 0, tzinfo=UTC))
    said = letter_for(outgoing, sender, now=datetime(2026, 11, 4, 12, 0, tzinfo=UTC))
    text = said.text.replace("\u202f", " ")
    assert "8:00 AM your time (Phoenix) · 10:00 AM clinic (New York)" in text
    assert "the clocks have changed since your last visit: for you it is 8:00 AM now, not 7:00 AM." in text
    assert "not 7:00 AM" in readable(said.html or "").replace("\u202f", " ")


def test_s2_before_the_change_it_is_said_that_it_comes() -> None:
    outgoing, sender = in_november()
    before = letter_for(outgoing, sender, now=datetime(2026, 10, 29, 12, 0, tzinfo=UTC))
    after = letter_for(outgoing, sender, now=datetime(2026, 11, 2, 12, 0, tzinfo=UTC))
    assert "the clocks change before this visit" in before.text
    assert "the clocks" not in after.text


def test_who_lives_on_the_clinics_clock_reads_nothing_of_clocks() -> None:
    outgoing, sender = in_november(before=datetime(2026, 10, 29, 14, 0, tzinfo=UTC))
    said = letter_for(
        replace(outgoing, zone="America/New_York"), sender, now=datetime(2026, 10, 29, tzinfo=UTC)
    )
    assert "the clocks" not in said.text


def test_a_delay_is_told_in_minutes_or_not_at_all() -> None:
    assert "is running about 10 minutes late" in letter_of("late").text
    assert "There is word about the start of your visit." in letter(kind="late").text


def test_a_letter_has_the_clinics_colours_where_it_chose_some() -> None:
    brand = Brand(colour="#4b2a86", colour_dark="#d3c2ff", wash="#f4f2f8", wash_dark="#292c2e")
    chosen = replace(SENDER, clinic=replace(SENDER.clinic, brand=brand))
    page = letter_for(outgoing_of("booked"), chosen, now=NOW).html or ""
    for colour in ("#4b2a86", "#d3c2ff", "#f4f2f8", "#292c2e"):
        assert f"background: {colour}" in page
    ours = letter_of("booked").html or ""
    assert "background: #00565c" in ours and "#4b2a86" not in ours
