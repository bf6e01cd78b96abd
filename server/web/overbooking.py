"""Taking a clinician's time although it is not free: offered once a time was refused, and never without a reason."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from scheduling.bookings import OutsideHours, OverbookReasonMissing, SlotTaken
from scheduling.refusals import SchedulingRefusal
from server.services.appointments import Overbook
from server.web.forms import Form
from server.web.free_times import YEARS, Choice
from server.web.words import N_

STEP = "overbook"
TYPED = "typed"
NO_SUCH_TIME = N_("Choose whom it is with, and type a day and a time that there is.")
WHY = N_("Write in a few words why it cannot wait.")


def reason_of(form: Form, *, agreed_by: str | None = None) -> Overbook | None:
    """Why, when that button was pressed; with the problem noted when nothing was written.

    `agreed_by`: the account of a clinician who books their own time.
    """
    if form.typed.get("step") != STEP:
        return None
    return Overbook(reason=form.text("overbook_reason", required=WHY, longest=300), agreed_by=agreed_by)


def choice_of(form: Form) -> Choice | None:
    """The refused time, which that button takes all the same."""
    try:
        return Choice.read(form.text("refused"))
    except ValueError:
        return None


def noted(form: Form, choice: Choice, problem: SchedulingRefusal) -> None:
    """Remembers in the form which time was refused, if it is one that may be taken all the same."""
    if isinstance(problem, (SlotTaken, OutsideHours, OverbookReasonMissing)):
        form.typed = {**form.typed, "refused": choice.value}


def choose_typed(form: Form, *, practitioner_id: str, zone: str) -> None:
    """A time that is not in the list, on the clinic's clock: a button pressed like those of the list.

    Notes the problem for a time there is not, or with nobody.
    """
    if form.typed.get("step") != TYPED:
        return
    instant = form.parsed("typed_at", lambda text: _instant(form.text("typed_on"), text, zone), NO_SUCH_TIME)
    if not practitioner_id:
        form.problems["typed_at"] = NO_SUCH_TIME
    elif instant is not None:
        choice = Choice(practitioner_id=practitioner_id, starts_at=instant)
        form.typed = {**form.typed, "slot": choice.value}


def _instant(on: str, at: str, zone: str) -> datetime:
    """Raises ValueError, also for a time in the hour that is skipped in spring: it comes back as another one."""
    wall = datetime.combine(date.fromisoformat(on), time.fromisoformat(at), ZoneInfo(zone))
    instant = wall.astimezone(UTC)
    if wall.year not in YEARS or instant.astimezone(ZoneInfo(zone)).time() != wall.time():
        raise ValueError("no such time")
    return instant
