"""Mira, in the middle of her course: two sessions behind her, the third in a few days."""

from datetime import time

from server.demo.story import AT_HOME, LOW, QUIET, Entry, Filled, Page, Plan, Session, Story, Visit

HOME = "41 Elm Court, Denver, CO"

INTAKE = Visit(
    days_ago=28,
    hour=10,
    visit_type="intake",
    minutes=52,
    where=HOME,
    body=LOW
    | AT_HOME
    | {
        "chief_complaint": "Low for most of a year; “everything takes three tries”.",
        "present_illness": "Second episode, began after a move. Two adequate trials, partial response to the "
        "first, stopped the second for nausea.",
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
        "plan": "Four home sessions, ten days or more apart. Check-in after each. Sister sits.",
    },
    messages=(
        ("patient", "I am a bit early, I hope that is all right."),
        ("clinic", "Of course. Dr. Reyes will let you in at ten."),
    ),
)

AFTER_THE_FIRST = Visit(
    days_ago=13,
    hour=14,
    visit_type="check-in",
    minutes=24,
    where=HOME,
    with_whom="My sister, in the kitchen",
    body=LOW
    | AT_HOME
    | {
        "interval_history": "First session went quietly. Slept well that night and the next. Dizzy for an hour "
        "afterwards, gone before bed.",
        "side_effects": "Dizziness for one hour. No bladder complaints, no craving.",
        "medicines": "None new.",
        "tablets": "3",
        "mental_state": "Warmer, more reactive than at intake; linear; no perceptual disturbance.",
        "assessment": "Early response. Tolerated.",
        "decision": "continue",
        "reasons": "Same dose; sit up slowly afterwards. Next check-in after the second session.",
    },
    messages=(("patient", "The dizziness is gone, thank you for asking."),),
)

FIRST_EVENING = Page(
    at=time(21, 40),
    body=QUIET
    | {
        "text": "The ceiling went a long way up and I did not mind. My sister read her book. I could hear "
        "the pages turn, and each one took a good while to land.",
        "emotion": "Shy at first. Then something like being let off.",
        "body": "Heavy hands. Dizzy for about an hour when I sat up; it is nearly gone now.",
        "integration": "Walk to the reservoir before work, once.",
    },
)

SECOND_EVENING = Page(
    at=time(21, 20),
    body=QUIET
    | {
        "text": "I was in the house on Larch Street, in the hall with the coats. Nobody was cross. I went from "
        "room to room and turned the lamps on.",
        "insight": "I always say that I left that house. I think I have been standing in its hall.",
        "emotion": "I cried, and it did not frighten me. Now I am tired and hungry.",
        "body": "Warm feet. I sat up slowly and was not dizzy.",
        "images": "The coats. The green lamp.",
        "intention": "I had hoped to feel nothing for an hour. What came was better.",
        "integration": "Ring Mother on Sunday and ask about the lamp.",
    },
)

KEPT = Page(
    at=time(22, 15),
    shared=False,
    body={
        "text": "Choir tonight. I missed the entry twice and laughed, and the altos laughed with me. On the "
        "way home it struck me that I had been looking forward to it. I keep this one for myself for now.",
    },
)

MIRA = Story(
    guest="mira",
    visits=(INTAKE, AFTER_THE_FIRST),
    plan=Plan(made=(28, time(11, 5)), days=(-17, -6, 4, 14)),
    sessions=(
        Session(done=time(20, 15), pages=(FIRST_EVENING,)),
        Session(done=time(19, 55), pages=(SECOND_EVENING,)),
    ),
    entries=(Entry(days_ago=2, pages=(KEPT,)),),
    measures=(
        Filled(at=(26, time(20, 40)), code="phq-9", answers="232212220", difficulty=2),
        Filled(at=(26, time(20, 46)), code="gad-7", answers="2222111", difficulty=1),
        Filled(at=(5, time(18, 30)), code="phq-9", answers="111111210", difficulty=1),
        Filled(at=(5, time(18, 35)), code="gad-7", answers="1111110", difficulty=1),
    ),
)
