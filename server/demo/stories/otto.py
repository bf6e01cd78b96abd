"""Otto, whose course is on hold: yesterday evening, after the first session, something felt wrong."""

from datetime import time

from server.demo.story import AT_HOME, LOW, Filled, Plan, Press, Session, Story, Visit

HOME = "Mesa Road 7, Santa Fe, NM"

INTAKE = Visit(
    days_ago=21,
    hour=9,
    visit_type="intake",
    minutes=58,
    where=HOME,
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
)

PRESSURE_READ = Visit(
    days_ago=6,
    hour=13,
    visit_type="check-in",
    minutes=26,
    where=HOME,
    with_whom="My wife",
    body=LOW
    | AT_HOME
    | {
        "interval_history": "Kept his readings, morning and evening, in a school notebook: 122–132 over 76–83, "
        "none above 135. Sleep still four to five hours.",
        "medicines": "None new. Lisinopril taken every day.",
        "tablets": "4",
        "mental_state": "Tense, quick, linear; smiles when his wife corrects the figures.",
        "assessment": "Blood pressure steady on treatment. Anxiety unchanged.",
        "decision": "continue",
        "reasons": "Four sessions two weeks apart. Cuff before, at forty minutes and before getting up; above "
        "160 or 100, or a pounding heart, he presses and we talk before the next. Wife sits.",
    },
    messages=(
        ("patient", "My wife has copied the numbers out, mine cannot be read."),
        ("clinic", "Thank her from us. Hold the page up to the camera when you are in."),
    ),
)

OTTO = Story(
    guest="otto",
    visits=(INTAKE, PRESSURE_READ),
    plan=Plan(made=(6, time(13, 45)), days=(-1, 13, 27, 41)),
    sessions=(Session(done=time(18, 50)),),
    measures=(
        Filled(at=(20, time(21, 10)), code="phq-9", answers="113211110", difficulty=1),
        Filled(at=(20, time(21, 16)), code="gad-7", answers="3332222", difficulty=2),
    ),
    press=Press(
        at=(1, time(20, 20)),
        words="My heart began to pound while I was still on the couch and the cuff said 162 over 101. My wife "
        "took it again after ten minutes: 144 over 90, and 136 over 86 just now. No pain. I am steady on my "
        "feet and she is with me, but I do not want to do that again before somebody has looked at it.",
    ),
)
