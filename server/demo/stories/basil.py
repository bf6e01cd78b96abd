"""Basil, nine weeks in: three sessions, and figures that fall from one form to the next."""

from datetime import time

from server.demo.story import AT_HOME, LOW, QUIET, Filled, Page, Plan, Session, Story, Visit

HOME = "88 Harbour Walk, Albany, NY"


def check_in(days_ago: int, hour: int, minutes: int, **body: str) -> Visit:
    told = LOW | AT_HOME | {"medicines": "None new.", "decision": "continue"} | body
    return Visit(days_ago=days_ago, hour=hour, visit_type="check-in", minutes=minutes, where=HOME, body=told)


INTAKE = Visit(
    days_ago=66,
    hour=15,
    visit_type="intake",
    minutes=61,
    where=HOME,
    body=LOW
    | AT_HOME
    | {
        "chief_complaint": "Third depression, and “I know this road”.",
        "substances": "None.",
        "medicines": "Venlafaxine 225 mg, raised from 150 mg three weeks ago.",
        "allergies": "Sulfa.",
        "medical": "Home blood pressure 124/78.",
        "mental_state": "Slow, dry humour intact; mood low; linear; no psychosis.",
        "risk_formulation": "Thoughts of death ten years ago, none since. Gun locked at his brother's.",
        "diagnosis": "F33.2",
        "plan": "Give the higher dose three more weeks, then decide. PHQ-9 before we talk.",
    },
)

DECIDED = check_in(
    44,
    11,
    32,
    interval_history="Six weeks on the higher dose: “a clearer view of the same wall”. PHQ-9 20, was 21.",
    tablets="4",
    mental_state="Slow, dry, linear; mood low; no psychosis.",
    assessment="Adequate trial without response.",
    reasons="Four sessions two weeks apart; brother sits. Venlafaxine stays as it is.",
)

AFTER_THE_FIRST = check_in(
    37,
    15,
    22,
    interval_history="First session: “nothing to report, and I would like some more of it”. Mild nausea, no "
    "vomiting. Slept six hours.",
    side_effects="Nausea for half an hour. No bladder complaints, no craving.",
    tablets="3",
    mental_state="Unchanged at first sight; a longer answer here and there.",
    assessment="Tolerated. Too early to say.",
    reasons="Same dose, light supper four hours before.",
)

AFTER_THE_SECOND = check_in(
    23,
    15,
    25,
    interval_history="Second session. His brother says he hums. Shaves again without being told.",
    side_effects="None.",
    tablets="2",
    mental_state="More movement in the face, quicker; linear.",
    assessment="Response begins. PHQ-9 11.",
    reasons="Same dose.",
)

AFTER_THE_THIRD = check_in(
    9,
    11,
    27,
    interval_history="Third session. Woke early and made breakfast, which he had not done for months.",
    side_effects="None. No craving.",
    tablets="1",
    mental_state="Brighter, spontaneous; linear.",
    assessment="Clear response.",
    reasons="Fourth session as planned, then we look at the whole.",
)

FIRST_EVENING = Page(
    at=time(21, 25),
    body=QUIET
    | {
        "text": "Grey water, no shore. I am told an hour went by. My brother did the crossword.",
        "body": "A little sick at the start.",
        "integration": "Return the library books.",
    },
)

SECOND_EVENING = Page(
    at=time(21, 5),
    body=QUIET
    | {
        "text": "The ferry from when I was nine. The rail was cold and wet and I held it with both hands, and "
        "Father said: look, you can see where we are going.",
        "insight": "I had forgotten that he was ever pleased.",
        "emotion": "Sorrow, but the kind with a window in it.",
        "integration": "Tell Ned about the ferry.",
    },
)

THIRD_EVENING = Page(
    at=time(21, 45),
    body=QUIET
    | {
        "text": "Not much to see this time. Mostly I listened to the rain and found nothing wrong with it.",
        "emotion": "Content. I write the word with some suspicion.",
        "intention": "Hoped for the ferry again. Got rain. Fair exchange.",
        "integration": "Breakfast at the table, not over the sink.",
    },
)

BASIL = Story(
    guest="basil",
    visits=(INTAKE, DECIDED, AFTER_THE_FIRST, AFTER_THE_SECOND, AFTER_THE_THIRD),
    plan=Plan(made=(44, time(11, 45)), days=(-40, -26, -12, 2)),
    sessions=(
        Session(done=time(20, 0), pages=(FIRST_EVENING,)),
        Session(done=time(19, 40), pages=(SECOND_EVENING,)),
        Session(done=time(20, 5), pages=(THIRD_EVENING,)),
    ),
    measures=(
        Filled(at=(64, time(19, 20)), code="phq-9", answers="333323220", difficulty=3),
        Filled(at=(64, time(19, 27)), code="gad-7", answers="2222121", difficulty=2),
        Filled(at=(47, time(18, 50)), code="phq-9", answers="333322220", difficulty=3),
        Filled(at=(33, time(19, 5)), code="phq-9", answers="222212220", difficulty=2),
        Filled(at=(33, time(19, 11)), code="gad-7", answers="1212111", difficulty=2),
        Filled(at=(25, time(10, 15)), code="phq-9", answers="121211210", difficulty=1),
        Filled(at=(25, time(10, 20)), code="gad-7", answers="1111111", difficulty=1),
        Filled(at=(11, time(9, 40)), code="phq-9", answers="111101110", difficulty=1),
        Filled(at=(2, time(9, 30)), code="phq-9", answers="101101100", difficulty=0),
        Filled(at=(2, time(9, 34)), code="gad-7", answers="0111000", difficulty=0),
    ),
)
