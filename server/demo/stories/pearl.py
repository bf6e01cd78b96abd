"""Pearl, who has come through: four sessions, PHQ-9 from 17 to 4, every page of her journal shared."""

from datetime import time

from server.demo.story import AT_HOME, LOW, QUIET, Filled, Page, Plan, Session, Story, Visit

HOME = "Garden Row 5, Philadelphia, PA"


def check_in(days_ago: int, minutes: int, **body: str) -> Visit:
    told = LOW | AT_HOME | {"medicines": "None new.", "side_effects": "None. No craving."} | body
    return Visit(
        days_ago=days_ago,
        hour=10,
        visit_type="check-in",
        minutes=minutes,
        where=HOME,
        with_whom="My daughter",
        body=told,
    )


INTAKE = Visit(
    days_ago=75,
    hour=9,
    visit_type="intake",
    minutes=63,
    where=HOME,
    with_whom="My daughter",
    body=LOW
    | AT_HOME
    | {
        "chief_complaint": "“I used to paint.”",
        "substances": "None.",
        "medicines": "Levothyroxine 75 µg.",
        "allergies": "None known.",
        "medical": "Thyroid treated, values in range. Home blood pressure 126/76.",
        "mental_state": "Composed, precise; mood low; linear; memory intact on simple testing.",
        "diagnosis": "F33.1",
        "plan": "Four sessions; daughter sits.",
    },
)

AFTER_THE_FIRST = check_in(
    64,
    23,
    interval_history="First session calm. “A good nap with the curtains open.” Stood up with her daughter's arm.",
    tablets="3",
    mental_state="Composed; mood low; linear.",
    assessment="Tolerated.",
    decision="continue",
    reasons="Same dose.",
)

AFTER_THE_THIRD = check_in(
    36,
    20,
    interval_history="Third session. Has bought paper. Reads in the evening again.",
    tablets="1",
    mental_state="Lively eyes, precise; mood “on the mend”; linear.",
    assessment="Clear response.",
    decision="continue",
    reasons="Fourth session as planned.",
)

AFTER_THE_FOURTH = check_in(
    22,
    28,
    interval_history="Fourth session. Has painted on two mornings, shows one to the camera: pears.",
    tablets="0",
    mental_state="Warm, precise, humorous; linear.",
    assessment="Course completed. PHQ-9 6, was 17.",
    decision="continue",
    reasons="No further sessions planned. Measures monthly; we look back together in three weeks.",
)

FIRST_EVENING = Page(
    at=time(20, 35),
    body=QUIET
    | {
        "text": "I lay and looked at the curtain. It breathed. I have looked at that curtain for eleven years and "
        "never saw what a yellow it is.",
        "body": "Light. A little unsteady on the way to the kitchen.",
        "integration": "Look at one thing a day, properly.",
    },
)

SECOND_EVENING = Page(
    at=time(20, 50),
    body=QUIET
    | {
        "text": "The studio, with the north light, as it was before I let it go. I did not paint. I swept the "
        "floor, and was happy.",
        "emotion": "Happy, and then a little angry. I do not know yet with whom.",
        "integration": "Find the key to the trunk with the brushes.",
    },
)

SECOND_LOOKED_AT_AGAIN = Page(
    at=time(9, 30),
    days_after=3,
    body={
        **SECOND_EVENING.body,
        "insight": "With myself, as it turns out. Nobody asked me to stop. I was tired and I called it sense.",
    },
)

THIRD_EVENING = Page(
    at=time(21, 0),
    body=QUIET
    | {
        "text": "Colours without things. I could have named them all and for once I did not want to.",
        "emotion": "Quiet. Curious.",
        "images": "A violet that I have never managed to mix.",
        "integration": "Buy paper. The good one.",
    },
)

FOURTH_EVENING = Page(
    at=time(20, 40),
    body=QUIET
    | {
        "text": "My daughter held my hand for a while, or I hers. We were two women by a window. There was "
        "nothing that needed to be said, and later she said it anyway.",
        "intention": "I had hoped to say goodbye to something. It had already gone.",
        "integration": "Pears, tomorrow, in the morning light.",
    },
)

PEARL = Story(
    guest="pearl",
    visits=(INTAKE, AFTER_THE_FIRST, AFTER_THE_THIRD, AFTER_THE_FOURTH),
    plan=Plan(made=(75, time(10, 20)), days=(-68, -54, -40, -26)),
    sessions=(
        Session(done=time(19, 15), pages=(FIRST_EVENING,)),
        Session(done=time(19, 20), pages=(SECOND_EVENING, SECOND_LOOKED_AT_AGAIN)),
        Session(done=time(19, 30), pages=(THIRD_EVENING,)),
        Session(done=time(19, 10), pages=(FOURTH_EVENING,)),
    ),
    measures=(
        Filled(at=(73, time(10, 5)), code="phq-9", answers="332212220", difficulty=2),
        Filled(at=(73, time(10, 11)), code="gad-7", answers="1121112", difficulty=1),
        Filled(at=(53, time(10, 0)), code="phq-9", answers="121111210", difficulty=1),
        Filled(at=(53, time(10, 5)), code="gad-7", answers="1111011", difficulty=1),
        Filled(at=(25, time(10, 30)), code="phq-9", answers="111101100", difficulty=1),
        Filled(at=(25, time(10, 34)), code="gad-7", answers="1110010", difficulty=0),
        Filled(at=(3, time(11, 0)), code="phq-9", answers="101100100", difficulty=0),
        Filled(at=(3, time(11, 4)), code="gad-7", answers="0011000", difficulty=0),
    ),
)
