"""Mira's things, with marked texts in them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from server.care.access import Staff
from server.care.asking import CLINICAL as ABOUT_CARE
from server.care.asking import PRACTICAL, AnswerTimes
from server.care.consult_note import ConsultNote
from server.care.measures import PHQ9
from server.care.people import NewPatient
from server.care.self_booking import Rules
from server.services import (
    appointments,
    asking,
    consults,
    guests,
    home,
    journals,
    measures,
    messages,
    plans,
    safety,
    self_bookings,
    tasks,
)
from server.store import guests as guest_links
from server.store import notes
from server.store import self_bookings as request_links
from server.store.database import Tx
from server.store.ids import new_id
from tests.clocks import StoppedClock
from tests.people import Cast

# Each stands in one text and nowhere else.
SIGNED_NOTE = "canary-kestrel-signed"
DRAFT_NOTE = "canary-heron-draft"
ADDENDUM = "canary-wren-addendum"
TO_THE_CLINIC = "canary-plover-message"
CLINICAL = (SIGNED_NOTE, DRAFT_NOTE, ADDENDUM)
# The patient's own: kept to herself, shared with her clinicians, told with a hold.
KEPT_JOURNAL = "canary-dunlin-kept"
SHARED_JOURNAL = "canary-avocet-shared"
HOLD_WORDS = "canary-curlew-hold"
# What she asked between visits: about an appointment, and about her treatment.
ASKED_THE_DESK = "canary-godwit-practical"
ASKED_THE_DOCTOR = "canary-sanderling-clinical"
# What her sister, who is no patient yet, typed on the public page.
ASKED_ONLINE = "canary-turnstone-online"
OWN_WORDS = (KEPT_JOURNAL, SHARED_JOURNAL, HOLD_WORDS, ASKED_THE_DESK, ASKED_THE_DOCTOR, ASKED_ONLINE)


# The parameters of addresses that lead to something of Mira's.
IDS = (
    *("encounter_id", "patient_id", "note_id", "task_id"),
    *("entry_id", "shared_entry_id", "hold_id", "session_id", "device_id", "invitation_id"),
    "self_booking_id",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Miras:
    """The ids by which Mira's things are asked for, under the names routes give them."""

    encounter_id: str
    patient_id: str
    note_id: str
    task_id: str
    token: str
    account_id: str
    entry_id: str
    shared_entry_id: str
    hold_id: str
    session_id: str
    device_id: str
    home_token: str
    invitation_id: str
    guest_token: str
    practitioner_id: str
    self_booking_id: str
    request_token: str

    def unknown(self) -> "Miras":
        """The same names for things that do not exist."""
        return replace(self, **dict.fromkeys(IDS, new_id()))


async def make_miras(tx: Tx, cast: Cast, clock: StoppedClock) -> Miras:
    """A visit to come with a draft, a signed note of before, a message and a task."""
    now = clock.now()
    encounter_id, token = await a_visit(tx, cast, clock, patient_id=cast.mira, practitioner_id=cast.dr_reyes)
    reyes = Staff(
        account_id=cast.reyes,
        name="Dr. Ines Reyes",
        roles=frozenset({"clinician"}),
        practitioner_id=cast.dr_reyes,
    )
    draft = await consults.open_for_visit(tx, encounter_id, by=reyes, now=now)
    await consults.save(
        tx,
        draft.id,
        body={"interval_history": DRAFT_NOTE},
        based_on=draft.version,
        page="page",
        sequence=1,
        by=reyes,
        now=now,
    )
    signed = ConsultNote(
        id=new_id(),
        patient_id=cast.mira,
        author_id=cast.reyes,
        visit_type="check-in",
        body={"interval_history": SIGNED_NOTE},
        status="final",
        version=1,
        created_at=now - timedelta(days=7),
        saved_at=now - timedelta(days=7),
        signed_at=now - timedelta(days=7),
        signed_by=cast.reyes,
    )
    await notes.insert(tx, signed)
    await consults.amend(tx, signed.id, reason="Completeness", text=ADDENDUM, by=reyes, now=now)
    await messages.send(tx, encounter_id=encounter_id, text=TO_THE_CLINIC, by=None, now=now)
    task_id = await tasks.open_task(
        tx,
        kind="call-me-instead",
        patient_id=cast.mira,
        encounter_id=encounter_id,
        detail=None,
        by="patient",
        now=now,
    )
    own = await _miras_own(tx, cast, reyes, clock)
    return Miras(
        **own,
        **await _miras_guest(tx, encounter_id, reyes, clock),
        **await _her_sisters_request(tx, cast, clock),
        encounter_id=encounter_id,
        patient_id=cast.mira,
        note_id=signed.id,
        task_id=task_id,
        token=token,
        account_id=cast.okafor,
        practitioner_id=cast.dr_reyes,
    )


async def _miras_guest(tx: Tx, encounter_id: str, reyes: Staff, clock: StoppedClock) -> dict[str, str]:
    """An interpreter who is invited into her visit."""
    invitation = await guests.invite(
        tx,
        encounter_id=encounter_id,
        role="interpreter",
        name="Ana Example",
        email=None,
        by=reyes,
        now=clock.now(),
    )
    return {"invitation_id": invitation.id, "guest_token": guest_links.token_for(tx, invitation.id)}


async def _her_sisters_request(tx: Tx, cast: Cast, clock: StoppedClock) -> dict[str, str]:
    """It waits for the desk's answer."""
    rules = Rules(
        mode="desk",
        proof=timedelta(minutes=30),
        kept=timedelta(hours=48),
        notice=timedelta(),
        answer_days=1,
        zone="America/Denver",
    )
    person = NewPatient(
        name=ASKED_ONLINE,
        date_of_birth=date(1992, 5, 1),
        email="sister@example.org",
        phone="(303) 555-0177",
        time_zone="America/Denver",
        language="en",
        reached_by="email",
    )
    key, now = new_id(), clock.now()
    at = now + timedelta(days=1)
    await self_bookings.ask(
        tx, key=key, person=person, practitioner_id=cast.dr_okafor, starts_at=at, rules=rules, now=now
    )
    await self_bookings.prove(tx, await self_bookings.by_id(tx, key), rules=rules, now=now)
    return {"self_booking_id": key, "request_token": request_links.token_for(tx, key)}


async def _miras_own(tx: Tx, cast: Cast, reyes: Staff, clock: StoppedClock) -> dict[str, str]:
    """A course, an entry she keeps and one she shared, a filled-in measure, and a hold with her words."""
    now = clock.now()
    days = [(now - timedelta(hours=7)).date() + timedelta(days=14 * n) for n in range(4)]
    plan = await plans.make(
        tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, days=days, by=reyes, now=now
    )
    # Tomas has one too: what he asks for is refused because it is hers, and not for want of a course.
    await plans.make(tx, patient_id=cast.tomas, practitioner_id=cast.dr_okafor, days=days, by=reyes, now=now)
    entries = {}
    for text in (SHARED_JOURNAL, KEPT_JOURNAL):
        entry = await journals.begin(tx, patient_id=cast.mira, now=now)
        await journals.write(tx, entry.id, patient_id=cast.mira, body={"text": text}, based_on=0, now=now)
        entries[text] = entry.id
    await journals.share(tx, entries[SHARED_JOURNAL], patient_id=cast.mira, now=now)
    await _answers(tx, cast, clock)
    hold = await safety.press(tx, patient_id=cast.mira, kind="something-wrong", event_id="press", now=now)
    await safety.add_words(tx, patient_id=cast.mira, hold_id=hold.id, words=HOLD_WORDS, now=now)
    times = AnswerTimes(practical=1, clinical=2, zone="America/Denver")
    for about, text in ((PRACTICAL, ASKED_THE_DESK), (ABOUT_CARE, ASKED_THE_DOCTOR)):
        await asking.ask(tx, patient_id=cast.mira, about=about, text=text, key="key", times=times, now=now)
    return {
        "entry_id": entries[KEPT_JOURNAL],
        "shared_entry_id": entries[SHARED_JOURNAL],
        "hold_id": hold.id,
        "session_id": plan.sessions[0].id,
        "device_id": "",
        "home_token": await home.link_token(tx, cast.mira, now=now),
    }


async def _answers(tx: Tx, cast: Cast, clock: StoppedClock) -> None:
    """Every question of the PHQ-9 with "nearly every day", item 9 too."""
    for item in PHQ9.items:
        await measures.answer(
            tx, patient_id=cast.mira, code="phq-9", item=item.name, value=3, now=clock.now()
        )
    await measures.complete(tx, patient_id=cast.mira, code="phq-9", now=clock.now())


async def a_visit(
    tx: Tx, cast: Cast, clock: StoppedClock, *, patient_id: str, practitioner_id: str
) -> tuple[str, str]:
    encounter = await appointments.book(
        tx,
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        visit_type="check-in",
        starts_at=clock.now() + timedelta(minutes=30),
        mode="video",
        booked_by=cast.ada,
        now=clock.now(),
    )
    return encounter.id, appointments.token_of(tx, encounter)
