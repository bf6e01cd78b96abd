"""What a consult note asks, per visit type: sections, fields, and which of them a signature needs.

After clinical.md's lists for telehealth visits, intake evaluations and check-ins. Only safety fields are required,
and each of them accepts "not obtained, because …": a form that cannot be completed gets filled in falsely.
"""

from dataclasses import dataclass
from typing import Literal

from server.care.words import N_


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """`choices` as (value, label). `required` fields block a signature until they are answered."""

    name: str
    label: str
    kind: Literal["text", "choice"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    rows: int = 2
    hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    name: str
    label: str
    fields: tuple[Field, ...]


SUICIDALITY = (
    ("no", N_("No")),
    ("passive", N_("Yes, passive")),
    ("active", N_("Yes, active")),
)
RISK_LEVEL = (("low", N_("Low")), ("moderate", N_("Moderate")), ("high", N_("High")))
YES_NO = (("yes", N_("Yes")), ("no", N_("No")))

IDENTITY = Field(
    name="identity_checked",
    label=N_("Identity checked with two identifiers"),
    kind="choice",
    choices=YES_NO,
    required=True,
)
EMERGENCY = Field(
    name="emergency_plan",
    label=N_("Emergency contact, local emergency number, and who calls whom if the call drops"),
    required=True,
)
# Asked of everybody whose words place the patient where the clinician has no licence: see consult_note.missing.
JURISDICTION = Field(
    name="jurisdiction",
    label=N_("Outside your licence: why the visit took place"),
    hint=N_(
        "Only if the patient was in a state you have no licence for: emergency care and rescheduling only"
    ),
)
TELEHEALTH = Section(
    name="telehealth",
    label=N_("This visit"),
    fields=(
        IDENTITY,
        EMERGENCY,
        Field(
            name="consent",
            label=N_("Agrees to care by video today, after risks and limits"),
            kind="choice",
            choices=YES_NO,
            required=True,
        ),
        Field(
            name="privacy",
            label=N_("Private, and not driving"),
            kind="choice",
            choices=YES_NO,
            required=True,
        ),
        JURISDICTION,
    ),
)
MENTAL_STATE = Field(
    name="mental_state",
    label=N_("Mental state"),
    rows=4,
    required=True,
    hint=N_(
        "Appearance, behaviour, speech, mood, affect, thought, perception, cognition, insight; limits of video"
    ),
)
RISK = Section(
    name="risk",
    label=N_("Risk"),
    fields=(
        Field(
            name="suicidality",
            label=N_("Since last contact: thoughts of being better off dead or hurting yourself?"),
            kind="choice",
            choices=SUICIDALITY,
            required=True,
        ),
        Field(name="risk_level", label=N_("Risk level"), kind="choice", choices=RISK_LEVEL, required=True),
        Field(
            name="risk_formulation",
            label=N_("Risk formulation"),
            rows=3,
            hint=N_("Static, dynamic and protective factors, access to means, safety plan, next contact"),
        ),
    ),
)

INTAKE = (
    Section(
        name="history",
        label=N_("History"),
        fields=(
            Field(name="chief_complaint", label=N_("Chief complaint")),
            Field(
                name="present_illness",
                label=N_("History of present illness"),
                rows=4,
                hint=N_("Onset, course, episodes; past treatments with dose, weeks and response"),
            ),
            Field(
                name="past_psychiatric",
                label=N_("Past psychiatric history"),
                rows=3,
                hint=N_(
                    "Diagnoses, hospital stays, attempts, self-harm, ECT, TMS, ketamine, mania, psychosis"
                ),
            ),
            Field(
                name="substances", label=N_("Alcohol, tobacco, cannabis, opioids, other drugs"), required=True
            ),
            Field(
                name="medical",
                label=N_("Medical history"),
                rows=3,
                hint=N_("Conditions, surgery, blood pressure, weight, pregnancy, laboratory results"),
            ),
            Field(
                name="medicines", label=N_("Medicines, over-the-counter and herbal included"), required=True
            ),
            Field(name="allergies", label=N_("Allergies"), required=True),
            Field(name="family", label=N_("Family history")),
            Field(
                name="social",
                label=N_("Home and work"),
                hint=N_("Housing, lockbox, sitter, work, driving, access to firearms"),
            ),
        ),
    ),
    Section(name="examination", label=N_("Examination"), fields=(MENTAL_STATE,)),
    RISK,
    Section(
        name="assessment",
        label=N_("Assessment and plan"),
        fields=(
            Field(name="diagnosis", label=N_("Diagnoses (ICD-10-CM)"), required=True),
            Field(
                name="informed_consent",
                label=N_("Capacity and informed consent"),
                rows=3,
                hint=N_(
                    "Off-label and compounded, FDA alert, dependence, bladder, blood pressure, alternatives"
                ),
            ),
            Field(name="plan", label=N_("Plan"), rows=3, required=True),
        ),
    ),
    TELEHEALTH,
)

CHECK_IN = (
    Section(
        name="interval",
        label=N_("Since last time"),
        fields=(
            Field(name="interval_history", label=N_("Interval history"), rows=4),
            Field(name="side_effects", label=N_("Side effects, bladder, craving")),
            Field(name="medicines", label=N_("New medicines, alcohol or other drugs"), required=True),
            Field(name="tablets", label=N_("Tablets left, counted on camera")),
        ),
    ),
    RISK,
    Section(
        name="assessment",
        label=N_("Assessment"),
        fields=(
            MENTAL_STATE,
            Field(name="assessment", label=N_("Assessment"), rows=3),
            Field(
                name="decision",
                label=N_("Decision"),
                kind="choice",
                choices=(
                    ("continue", N_("Continue")),
                    ("change-dose", N_("Change dose")),
                    ("pause", N_("Pause")),
                    ("stop", N_("Stop")),
                ),
                required=True,
            ),
            Field(name="reasons", label=N_("Reasons, and what happens next"), rows=3),
        ),
    ),
    TELEHEALTH,
)

SECTIONS: dict[str, tuple[Section, ...]] = {"intake": INTAKE, "check-in": CHECK_IN}


def sections_for(visit_type: str) -> tuple[Section, ...]:
    """The sections of `visit_type`; whatever is no intake is written like a check-in."""
    return SECTIONS.get(visit_type, CHECK_IN)


def fields_of(visit_type: str) -> dict[str, Field]:
    return {field.name: field for section in sections_for(visit_type) for field in section.fields}
