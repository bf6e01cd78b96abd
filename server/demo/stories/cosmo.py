"""Cosmo, whose course stood still for a while and goes on: an answer to item 9, a call, a reason, one session."""

from datetime import time, timedelta

from server.demo.story import AT_HOME, LOW, QUIET, Alarm, Filled, Page, Plan, Session, Story, Visit

HOME = "Lakeside 220, Chicago, IL"

INTAKE = Visit(
    days_ago=33,
    hour=16,
    visit_type="intake",
    minutes=44,
    where=HOME,
    body=LOW
    | AT_HOME
    | {
        "chief_complaint": "Grief that turned into something else.",
        "substances": "Two beers on Fridays.",
        "medicines": "None.",
        "allergies": "None known.",
        "medical": "Home blood pressure 118/72.",
        "mental_state": "Tearful when speaking of his father, otherwise steady; linear.",
        "risk_formulation": "No thoughts of death. No firearms. A friend, Abel, lives two floors down.",
        "diagnosis": "F32.1",
        "plan": "Talk again in two weeks before deciding.",
    },
)

DECIDED = Visit(
    days_ago=19,
    hour=16,
    visit_type="check-in",
    minutes=29,
    where=HOME,
    body=LOW
    | AT_HOME
    | {
        "interval_history": "No better. Has cleared half of his father's workshop and stopped.",
        "medicines": "None. Two beers on Fridays.",
        "tablets": "4",
        "mental_state": "Tearful once; linear; mood “stuck”.",
        "assessment": "Depression, not grief alone.",
        "decision": "continue",
        "reasons": "Four sessions two weeks apart. Abel sits.",
    },
)

BY_TELEPHONE = AT_HOME | {
    "interval_history": "Rang him after his PHQ-9 of this evening: item 9 “several days”. It would have been his "
    "father's birthday. Thoughts that it would be easier not to wake up, on three evenings; no plan, no "
    "intent, nothing prepared. Abel came up while we spoke and stays the night.",
    "medicines": "None. No alcohol this week.",
    "mental_state": "By telephone: tired, coherent, relieved to be asked.",
    "suicidality": "passive",
    "risk_level": "moderate",
    "risk_formulation": "Anniversary; passive thoughts, no plan. Friend present. Knows 988 and our number, and "
    "repeated both.",
    "assessment": "Passive thoughts around an anniversary, no plan; a friend is with him.",
    "decision": "pause",
    "reasons": "Course on hold. We see each other by video within three days.",
}

SEEN_AGAIN = Visit(
    days_ago=11,
    hour=16,
    visit_type="check-in",
    minutes=27,
    where=HOME,
    with_whom="Abel, my neighbour",
    body=LOW
    | AT_HOME
    | {
        "interval_history": "No such thoughts since the night we spoke. Slept, went back to work, lit a candle "
        "with Abel.",
        "medicines": "None. No alcohol.",
        "tablets": "4",
        "mental_state": "Steady, sad, linear; looks ahead.",
        "risk_formulation": "Passive thoughts around the birthday, gone. Safety plan written, Abel has a copy.",
        "assessment": "Safe to go on, a little later than planned.",
        "decision": "continue",
        "reasons": "Hold lifted today; every session moves back by four days.",
    },
)

FIRST_EVENING = Page(
    at=time(21, 50),
    body=QUIET
    | {
        "text": "Sawdust in the light. I was small enough to stand under the bench. He was whistling and did not "
        "know that I was there, and that was all, and it was enough.",
        "emotion": "I missed him without the stone in it.",
        "body": "Floating, then very much on the couch again.",
        "images": "The blue tin with the odd screws.",
        "integration": "Sort the tin. Only the tin.",
    },
)

COSMO = Story(
    guest="cosmo",
    visits=(INTAKE, DECIDED, SEEN_AGAIN),
    plan=Plan(
        made=(19, time(16, 45)),
        days=(-10, 4, 18, 32),
        moved=(11, time(16, 42)),
        moved_to=(-6, 8, 22, 36),
    ),
    sessions=(Session(done=time(20, 20), pages=(FIRST_EVENING,)),),
    measures=(
        Filled(at=(31, time(20, 30)), code="phq-9", answers="222211220", difficulty=2),
        Filled(at=(31, time(20, 35)), code="gad-7", answers="1112111", difficulty=1),
        Filled(at=(14, time(21, 12)), code="phq-9", answers="222212211", difficulty=2),
        Filled(at=(4, time(19, 45)), code="phq-9", answers="112111210", difficulty=1),
        Filled(at=(4, time(19, 50)), code="gad-7", answers="1011101", difficulty=1),
    ),
    alarm=Alarm(
        rang=(14, time(21, 12)),
        taken_after=timedelta(minutes=9),
        noted_after=timedelta(minutes=41),
        note=BY_TELEPHONE,
        lifted=(11, time(16, 36)),
        reason="Rang him within the half hour and saw him again by video today. Passing thoughts around his "
        "father's birthday, none since; no plan, no intent. Safety plan written, neighbour informed.",
    ),
)
