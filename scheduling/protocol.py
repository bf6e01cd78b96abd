"""The programme's protocol: intake, sessions, check-ins, refill review, each so many days from the first day."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import CHECK_IN, INTAKE, POST_SESSION_REVIEW, REFILL_REVIEW


class ProtocolUnfit(SchedulingRefusal):
    """Every step is on a later day than the one before, and sessions are as far apart as the protocol itself says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """`day` counts from the first day (0); a free time is looked for up to `within` days before and after.

    A `session` without `visit_type` takes nobody's time and keeps its day; an observed one has a visit type. What is
    no session always has one.
    """

    key: str
    day: int
    visit_type: str | None = None
    within: int = 0
    session: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Protocol:
    """`min_between` from one session's day to the next one's, as the course counts it (care.plan.CourseRules).

    Raises ProtocolUnfit.
    """

    steps: tuple[Step, ...]
    min_between: timedelta = timedelta(hours=72)

    def __post_init__(self) -> None:
        sessions = [timedelta(days=each.day) for each in self.steps if each.session]
        if (
            not self.steps
            or len({each.key for each in self.steps}) < len(self.steps)
            or any(one.day >= other.day for one, other in pairwise(self.steps))
            or any(other - one < self.min_between for one, other in pairwise(sessions))
            or any(each.visit_type is None and not each.session for each in self.steps)
        ):
            raise ProtocolUnfit

    def too_close(self, day: date, following: date) -> bool:
        return following - day < self.min_between


def standard(*, first_after: int = 7, apart: int = 14, observed: str | None = None) -> Protocol:
    """Four sessions `apart` days from each other, each looked back at two days later. Raises ProtocolUnfit.

    `observed` is the visit type of sessions a clinician watches.
    """
    steps = [Step(key="intake", day=0, visit_type=INTAKE)]
    for number in range(1, 5):
        day = first_after + (number - 1) * apart
        back = POST_SESSION_REVIEW if number == 1 else CHECK_IN
        steps += [
            Step(key=f"session-{number}", day=day, visit_type=observed, session=True),
            Step(key=f"check-in-{number}", day=day + 2, visit_type=back, within=1),
        ]
    steps.append(Step(key="refill-review", day=steps[-1].day + 5, visit_type=REFILL_REVIEW, within=2))
    return Protocol(steps=tuple(steps))
