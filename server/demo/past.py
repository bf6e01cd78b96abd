"""What happened in the invented clinic before today: visits, what was said in them, what was written."""

from dataclasses import dataclass, field

LOW = {"suicidality": "no", "risk_level": "low"}
AT_HOME = {
    "identity_checked": "yes",
    "consent": "yes",
    "privacy": "yes",
    "emergency_plan": "Emergency contact confirmed. If the call drops we ring the number given, then the contact.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """`minutes` is how long the call took; `messages` as (who, text)."""

    guest: str
    days_ago: int
    hour: int
    visit_type: str
    minutes: int
    where: str
    with_whom: str = "Nobody"
    body: dict[str, str] = field(default_factory=dict)
    messages: tuple[tuple[str, str], ...] = ()
    signed: bool = True


PAST = (
    Past(
        guest="mira",
        days_ago=28,
        hour=10,
        visit_type="intake",
        minutes=52,
        where="41 Elm Court, Denver, CO",
        body=LOW
        | AT_HOME
        | {
            "chief_complaint": "Low for most of a year; “everything takes three tries”.",
            "present_illness": "Second episode, began last autumn after a move. Two adequate trials, partial "
            "response to the first, stopped the second for nausea.",
            "past_psychiatric": "One earlier episode at 24. No hospital stays, no attempts, no mania, no psychosis.",
            "substances": "A glass of wine on weekends. No cannabis, no opioids, no nicotine.",
            "medicines": "Loratadine as needed.",
            "allergies": "None known.",
            "medical": "Well. Home blood pressure 116/74.",
            "social": "Lives alone, sister ten minutes away and willing to sit. Sings in a choir.",
            "mental_state": "Neat, cooperative, speech soft. Mood “grey”, affect restricted but reactive. Linear. "
            "No perceptual change. Oriented. Insight good. Seen by video only.",
            "risk_formulation": "No thoughts of death now or in the past. Sister is told and reachable.",
            "diagnosis": "F33.1",
            "informed_consent": "Off-label use, compounding, bladder, blood pressure, dependence and the other "
            "choices talked through; understands and agrees.",
            "plan": "Four home sessions two weeks apart. Check-in after each. Sister sits.",
        },
        messages=(
            ("patient", "I am a bit early, I hope that is all right."),
            ("clinic", "Of course. Dr. Reyes will let you in at ten."),
        ),
    ),
    Past(
        guest="mira",
        days_ago=13,
        hour=14,
        visit_type="check-in",
        minutes=24,
        where="41 Elm Court, Denver, CO",
        with_whom="My sister, in the kitchen",
        body=LOW
        | AT_HOME
        | {
            "interval_history": "First session went quietly. Slept well that night and the next. Dizzy for an hour "
            "afterwards, gone by evening.",
            "side_effects": "Dizziness for one hour. No bladder complaints, no craving.",
            "medicines": "None new.",
            "tablets": "3",
            "mental_state": "Warmer, more reactive than at intake; linear; no perceptual disturbance.",
            "assessment": "Early response. Tolerated.",
            "decision": "continue",
            "reasons": "Same dose; sit up slowly afterwards. Next check-in after the second session.",
        },
        messages=(("patient", "The dizziness is gone, thank you for asking."),),
    ),
    Past(
        guest="otto",
        days_ago=21,
        hour=9,
        visit_type="intake",
        minutes=58,
        where="Mesa Road 7, Santa Fe, NM",
        with_whom="My wife",
        body=LOW
        | AT_HOME
        | {
            "chief_complaint": "Worry that never stops, sleep of four hours.",
            "substances": "Stopped smoking in spring. No alcohol.",
            "medicines": "Lisinopril 10 mg.",
            "allergies": "Penicillin: rash.",
            "medical": "Treated high blood pressure; home readings 128–134 over 80–84.",
            "mental_state": "Tense, quick speech, linear. Mood “wound up”. No perceptual change.",
            "risk_formulation": "No thoughts of death. Wife present and informed.",
            "diagnosis": "F41.1",
            "plan": "Two weeks of home blood pressure before any decision.",
        },
    ),
    Past(
        guest="juniper",
        days_ago=17,
        hour=11,
        visit_type="intake",
        minutes=49,
        where="Student housing 3B, Tempe, AZ",
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
    ),
    Past(
        guest="basil",
        days_ago=24,
        hour=15,
        visit_type="intake",
        minutes=61,
        where="88 Harbour Walk, Albany, NY",
        body=LOW
        | AT_HOME
        | {
            "chief_complaint": "Third depression, and “I know this road”.",
            "substances": "None.",
            "medicines": "Venlafaxine 150 mg.",
            "allergies": "Sulfa.",
            "mental_state": "Slow, dry humour intact; mood low; linear; no psychosis.",
            "risk_formulation": "Thoughts of death ten years ago, none since. Gun locked at his brother's.",
            "diagnosis": "F33.2",
            "plan": "Four sessions; brother sits.",
        },
    ),
    Past(
        guest="basil",
        days_ago=9,
        hour=11,
        visit_type="check-in",
        minutes=27,
        where="88 Harbour Walk, Albany, NY",
        body=LOW
        | AT_HOME
        | {
            "interval_history": "Second session. Woke early and made breakfast, which he had not done since June.",
            "medicines": "None new.",
            "tablets": "2",
            "mental_state": "Brighter, spontaneous; linear.",
            "decision": "continue",
            "reasons": "Clear response.",
        },
    ),
    Past(
        guest="paloma",
        days_ago=6,
        hour=10,
        visit_type="intake",
        minutes=55,
        where="Calle Sol 14, Miami, FL",
        body=LOW | AT_HOME | {"chief_complaint": "Panic on the motorway, now avoids driving."},
        signed=False,
    ),
    Past(
        guest="cosmo",
        days_ago=12,
        hour=16,
        visit_type="intake",
        minutes=44,
        where="Lakeside 220, Chicago, IL",
        body=LOW
        | AT_HOME
        | {
            "chief_complaint": "Grief that turned into something else.",
            "substances": "Two beers on Fridays.",
            "medicines": "None.",
            "allergies": "None known.",
            "mental_state": "Tearful when speaking of his father, otherwise steady; linear.",
            "diagnosis": "F32.1",
            "plan": "Talk again in two weeks before deciding.",
        },
    ),
    Past(
        guest="pearl",
        days_ago=30,
        hour=9,
        visit_type="intake",
        minutes=63,
        where="Garden Row 5, Philadelphia, PA",
        with_whom="My daughter",
        body=LOW
        | AT_HOME
        | {
            "chief_complaint": "“I used to paint.”",
            "substances": "None.",
            "medicines": "Levothyroxine 75 µg.",
            "allergies": "None known.",
            "mental_state": "Composed, precise; mood low; linear; memory intact on simple testing.",
            "diagnosis": "F33.1",
            "plan": "Four sessions; daughter sits.",
        },
    ),
)
