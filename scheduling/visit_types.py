"""The kinds of visit a clinic offers: how long, with what around it, from when to when it may be booked or changed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduling.refusals import SchedulingRefusal

INTAKE = "intake"
CHECK_IN = "check-in"
POST_SESSION_REVIEW = "post-session-review"
REFILL_REVIEW = "refill-review"
AD_HOC = "ad-hoc"
TEST_CALL = "test-call"
MINUTE = timedelta(minutes=1)


class TooLate(SchedulingRefusal):
    """The time has passed, or the visit type's notice has."""


class TooFarAhead(SchedulingRefusal):
    """The visit type is not booked that far ahead yet."""


class TooLateToChange(SchedulingRefusal):
    """The patient's link changes nothing any more so shortly before the visit; the clinic does, by telephone."""


class NotTheirKind(SchedulingRefusal):
    """This practitioner does not hold visits of this type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitType:
    """A kind of visit the clinic offers; `code` is its id. Every length is in whole minutes.

    `minimum_notice` and `horizon` count from now to the visit's start; `horizon` None: as far ahead as one likes.
    `cut_off` counts back from the start: until then the patient changes or cancels by link.
    `held_by` are practitioners' ids; empty: everybody holds it. `public`: offered on the public page.
    """

    code: str
    name: str
    length: timedelta
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    minimum_notice: timedelta = timedelta()
    horizon: timedelta | None = None
    cut_off: timedelta = timedelta()
    preparation: str = ""
    held_by: frozenset[str] = frozenset()
    public: bool = False

    def may_be_held_by(self, practitioner_id: str) -> bool:
        return not self.held_by or practitioner_id in self.held_by

    def with_interpreter(self) -> "VisitType":
        """The same kind at one and a half times its length (clinical.md, S11), up to the next whole minute."""
        return replace(self, length=-(-self.length * 3 // (2 * MINUTE)) * MINUTE)

    def opens_at(self, now: datetime) -> datetime:
        """The first moment a visit may start when it is booked now."""
        return now + self.minimum_notice

    def closes_at(self, now: datetime) -> datetime | None:
        """The last moment a visit may start when it is booked now; None: there is none."""
        return None if self.horizon is None else now + self.horizon


def check_notice(kind: VisitType, *, starts_at: datetime, now: datetime) -> None:
    """Raises TooLate, TooFarAhead."""
    if starts_at < kind.opens_at(now):
        raise TooLate
    last = kind.closes_at(now)
    if last is not None and starts_at > last:
        raise TooFarAhead


def check_cut_off(kind: VisitType, *, starts_at: datetime, now: datetime) -> None:
    """Whether the patient may still change or cancel by link a visit that starts then. Raises TooLateToChange."""
    if now > starts_at - kind.cut_off:
        raise TooLateToChange
