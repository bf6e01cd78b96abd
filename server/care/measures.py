"""PHQ-9 and GAD-7 (FHIR Questionnaire): items, score, bands, and the item that must not wait.

The instruments were developed by Drs. Spitzer, Williams, Kroenke and colleagues with a grant from Pfizer Inc.; no
permission is required to reproduce, translate, display or distribute them. LOINC codes as in US Core 9.0.0.
Rules after clinical.md §1.2 and §1.3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NewType

from scheduling.bookings import PatientId
from server.care.refusals import CareRefusal
from server.care.words import N_

ResponseId = NewType("ResponseId", str)

# A new answer every so often at the least; a session starts the clock again.
AGAIN_AFTER = timedelta(days=30)
# After these sessions the measures are asked (clinical.md, experience.md row 107).
ASKED_AFTER = (2, 4)
# But not on the evening of the session itself.
SETTLED_AFTER = timedelta(hours=12)


class Unanswered(CareRefusal):
    """Items are missing; a form with a gap is not scored as if it had none."""

    def __init__(self, items: tuple[str, ...]) -> None:
        super().__init__()
        self.items = items


class NoSuchAnswer(CareRefusal):
    """The instrument has no such item, or the item no such answer."""


class AlreadyCompleted(CareRefusal):
    """These answers were handed in and stay as they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """`name` is the LOINC code. `scored` is false for the question about difficulty."""

    name: str
    text: str
    scored: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """From `least` up to the next band's."""

    least: int
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """`alarm` names the item that acts whatever the total."""

    code: str
    title: str
    loinc: str
    total_loinc: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    difficulty: Item
    alarm: str | None = None

    @property
    def highest(self) -> int:
        return 3 * len(self.items)

    def band_of(self, total: int) -> Band:
        return [band for band in self.bands if band.least <= total][-1]


STEM = N_("Over the last 2 weeks, how often have you been bothered by any of the following problems?")
# (value, LOINC answer, words), answer list LL358-3.
ANSWERS = (
    (0, "LA6568-5", N_("Not at all")),
    (1, "LA6569-3", N_("Several days")),
    (2, "LA6570-1", N_("More than half the days")),
    (3, "LA6571-9", N_("Nearly every day")),
)
ANSWER_WORDS = {value: words for value, _, words in ANSWERS}
DIFFICULTY_ANSWERS = (
    (0, "LA6572-7", N_("Not difficult at all")),
    (1, "LA6573-5", N_("Somewhat difficult")),
    (2, "LA6575-0", N_("Very difficult")),
    (3, "LA6574-3", N_("Extremely difficult")),
)
DIFFICULTY = Item(
    name="69722-7",
    text=N_(
        "How difficult have these problems made it for you to do your work, take care of things at home, or get "
        "along with other people?"
    ),
    scored=False,
)
SELF_HARM = "44260-8"

PHQ9 = Instrument(
    code="phq-9",
    title=N_("PHQ-9: mood"),
    loinc="44249-1",
    total_loinc="44261-6",
    items=(
        Item(name="44250-9", text=N_("Little interest or pleasure in doing things")),
        Item(name="44255-8", text=N_("Feeling down, depressed, or hopeless")),
        Item(name="44259-0", text=N_("Trouble falling or staying asleep, or sleeping too much")),
        Item(name="44254-1", text=N_("Feeling tired or having little energy")),
        Item(name="44251-7", text=N_("Poor appetite or overeating")),
        Item(
            name="44258-2",
            text=N_(
                "Feeling bad about yourself – or that you are a failure or have let yourself or your family down"
            ),
        ),
        Item(
            name="44252-5",
            text=N_("Trouble concentrating on things, such as reading the newspaper or watching television"),
        ),
        Item(
            name="44253-3",
            text=N_(
                "Moving or speaking so slowly that other people could have noticed? Or the opposite – being so "
                "fidgety or restless that you have been moving around a lot more than usual"
            ),
        ),
        Item(
            name=SELF_HARM,
            text=N_("Thoughts that you would be better off dead, or of hurting yourself in some way"),
        ),
    ),
    bands=(
        Band(least=0, label=N_("minimal")),
        Band(least=5, label=N_("mild")),
        Band(least=10, label=N_("moderate")),
        Band(least=15, label=N_("moderately severe")),
        Band(least=20, label=N_("severe")),
    ),
    difficulty=DIFFICULTY,
    alarm=SELF_HARM,
)
GAD7 = Instrument(
    code="gad-7",
    title=N_("GAD-7: worry"),
    loinc="69737-5",
    total_loinc="70274-6",
    items=(
        Item(name="69725-0", text=N_("Feeling nervous, anxious or on edge")),
        Item(name="68509-9", text=N_("Not being able to stop or control worrying")),
        Item(name="69733-4", text=N_("Worrying too much about different things")),
        Item(name="69734-2", text=N_("Trouble relaxing")),
        Item(name="69735-9", text=N_("Being so restless that it is hard to sit still")),
        Item(name="69689-8", text=N_("Becoming easily annoyed or irritable")),
        Item(name="69736-7", text=N_("Feeling afraid, as if something awful might happen")),
    ),
    bands=(
        Band(least=0, label=N_("minimal")),
        Band(least=5, label=N_("mild")),
        Band(least=10, label=N_("moderate")),
        Band(least=15, label=N_("severe")),
    ),
    difficulty=DIFFICULTY,
)
INSTRUMENTS = {each.code: each for each in (PHQ9, GAD7)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """Either a `total`, or nothing but perhaps an estimate `prorated` (shown as "≈", never used as a total)."""

    total: int | None
    prorated: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasureResponse:
    """One filled-in instrument (FHIR QuestionnaireResponse: in-progress, completed)."""

    id: ResponseId
    patient_id: PatientId
    instrument: str
    begun_at: datetime
    saved_at: datetime
    status: str = "in-progress"
    answers: Mapping[str, int] = field(default_factory=dict)
    completed_at: datetime | None = None
    version: int = 1

    @property
    def asked(self) -> Instrument:
        return INSTRUMENTS[self.instrument]

    @property
    def score(self) -> Score:
        return score(self.asked, self.answers)


def score(instrument: Instrument, answers: Mapping[str, int]) -> Score:
    """The total of a complete form. With gaps: none, and an estimate only where the rule allows one.

    PHQ-9: one or two of items 1–8 missing; GAD-7: one item missing; item 9 never (clinical.md §1.2, §1.3). The
    estimate is the sum scaled to all items, rounded half up.
    """
    scored = [item.name for item in instrument.items]
    given = [answers[name] for name in scored if name in answers]
    missing = tuple(name for name in scored if name not in answers)
    if not missing:
        return Score(total=sum(given), prorated=None, missing=())
    bearable = 2 if instrument.alarm else 1
    if len(missing) > bearable or instrument.alarm in missing:
        return Score(total=None, prorated=None, missing=missing)
    items, answered = len(scored), len(given)
    return Score(total=None, prorated=(2 * sum(given) * items + answered) // (2 * answered), missing=missing)


def check(instrument: Instrument, *, item: str, value: int) -> None:
    """Raises NoSuchAnswer for what the form does not offer."""
    known = {each.name for each in (*instrument.items, instrument.difficulty)}
    if item not in known or value not in range(4):
        raise NoSuchAnswer


def answer(response: MeasureResponse, *, item: str, value: int, now: datetime) -> MeasureResponse:
    """The response with one answer given or changed; the same answer again is no change.

    Raises NoSuchAnswer, AlreadyCompleted.
    """
    check(response.asked, item=item, value=value)
    if response.status != "in-progress":
        raise AlreadyCompleted
    if response.answers.get(item) == value:
        return response
    return replace(
        response, answers={**response.answers, item: value}, saved_at=now, version=response.version + 1
    )


def complete(response: MeasureResponse, *, now: datetime) -> MeasureResponse:
    """Handed in: every scored item answered, and then fixed. Raises Unanswered, AlreadyCompleted."""
    if response.status != "in-progress":
        raise AlreadyCompleted
    if missing := response.score.missing:
        raise Unanswered(missing)
    return replace(response, status="completed", completed_at=now, saved_at=now, version=response.version + 1)


def is_alarming(instrument: Instrument, *, item: str, value: int) -> bool:
    """Item 9 at 1 or more is positive whatever the total (clinical.md §1.2)."""
    return item == instrument.alarm and value >= 1


def alarms_anew(response: MeasureResponse, *, item: str, value: int) -> bool:
    """Whether this answer says something that `response`, the form as it stood before, did not say yet.

    The answer counts, not the request: kept, sent or opened again, the same answer is no second alarm.
    """
    return is_alarming(response.asked, item=item, value=value) and value > response.answers.get(item, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Why a measure is asked for: "baseline", "session-2", "session-4", "monthly"; `since` when, None for ever."""

    reason: str
    since: datetime | None


def due(*, sessions_done: Mapping[int, datetime], completed: Iterable[datetime], now: datetime) -> Due | None:
    """Before anything else, after sessions 2 and 4, then monthly; a session starts the month again.

    Answers from the first hours after a session do not count as those that follow it (clinical.md §2.3).
    """
    answered = max(completed, default=None)
    if answered is None:
        return Due(reason="baseline", since=None)
    for number in reversed(ASKED_AFTER):
        if number in sessions_done and answered < (since := sessions_done[number] + SETTLED_AFTER) <= now:
            return Due(reason=f"session-{number}", since=since)
    since = max([answered, *sessions_done.values()]) + AGAIN_AFTER
    return Due(reason="monthly", since=since) if since <= now else None


def worth_a_letter(found: Iterable[Due], *, last_letter: datetime | None) -> bool:
    """Whether anything became due that no letter has asked for."""
    return any(last_letter is None or (each.since is not None and each.since > last_letter) for each in found)
