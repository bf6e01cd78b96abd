"""Juniper, whose course is planned: a sitter is found, the first session lies ahead."""

from datetime import time

from server.demo.story import AT_HOME, LOW, Filled, Plan, Story, Visit

HOME = "Student housing 3B, Tempe, AZ"

INTAKE = Visit(
    days_ago=17,
    hour=11,
    visit_type="intake",
    minutes=49,
    where=HOME,
    body=LOW
    | AT_HOME
    | {
        "chief_complaint": "Numb since the second winter of graduate school.",
        "substances": "Cannabis twice a month; agrees to stop for the course.",
        "medicines": "Sertraline 100 mg.",
        "allergies": "None known.",
        "mental_state": "Quiet, pauses before answers; linear; mood “flat”; no psychosis.",
        "diagnosis": "F32.1",
        "plan": "Sitter to be found first. Check-in in two weeks.",
    },
    messages=(
        ("patient", "My room-mate says she can sit with me."),
        ("clinic", "Good. Bring her next time."),
    ),
)

SITTER_FOUND = Visit(
    days_ago=3,
    hour=15,
    visit_type="check-in",
    minutes=21,
    where=HOME,
    with_whom="My room-mate",
    body=LOW
    | AT_HOME
    | {
        "interval_history": "No change in mood. Room-mate came to the call, has read the sitter's page and asked "
        "good questions. Lockbox stands on the wardrobe.",
        "medicines": "None new. No cannabis since the intake.",
        "tablets": "Parcel not opened yet; to be counted together at the next visit.",
        "mental_state": "A little more forthcoming; linear; mood “flat”; no psychosis.",
        "assessment": "Ready to begin.",
        "decision": "continue",
        "reasons": "Four sessions two weeks apart, the room-mate sits. Check-in after the first.",
    },
)

JUNIPER = Story(
    guest="juniper",
    visits=(INTAKE, SITTER_FOUND),
    plan=Plan(made=(3, time(15, 35)), days=(2, 16, 30, 44)),
    measures=(
        Filled(at=(15, time(23, 5)), code="phq-9", answers="222212220", difficulty=2),
        Filled(at=(15, time(23, 9)), code="gad-7", answers="1121111", difficulty=1),
    ),
)
