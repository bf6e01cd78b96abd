"""Whether calls work, as the server's calls to itself tell. Kept in memory only: a new check comes soon."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# Just after the start there is enough else to do.
FIRST_AFTER = timedelta(seconds=30)
# Somebody is waiting for calls to work again.
WHILE_FAILING = timedelta(minutes=1)
# One failure may be a hiccup; after so many in a row an administrator is asked to look.
ALARM_AFTER = 2
# Calls work, but not by way of the TURN servers beside the relay.
BESIDE = "turn"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallHealth:
    """`checked_at` is None until the first check. `failures` in a row since `failing_since`; `failed` is the step of
    the last one: relay, connect, media, or BESIDE."""

    began_at: datetime
    checked_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    failed: str | None = None

    @property
    def works(self) -> bool:
        return self.checked_at is not None and self.failures == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRules:
    """A check every so many minutes; 0: none. Above `up_to_calls` calls no more is placed: those are proof enough."""

    minutes: int = 5
    up_to_calls: int = 5


def due(health: CallHealth, rules: CheckRules, now: datetime) -> bool:
    """Whether it is time for another check. A single failure is checked again at once."""
    if rules.minutes == 0:
        return False
    if health.checked_at is None:
        return now - health.began_at >= FIRST_AFTER
    if 0 < health.failures < ALARM_AFTER:
        return True
    pause = timedelta(minutes=rules.minutes)
    return now - health.checked_at >= (min(pause, WHILE_FAILING) if health.failures else pause)


def after(health: CallHealth, *, failed: str | None, now: datetime) -> CallHealth:
    """The health after one more check."""
    if failed is None:
        return replace(health, checked_at=now, failures=0, failing_since=None, failed=None)
    other = BESIDE in (health.failed, failed) and health.failed != failed
    # Whoever knows of a way beside the calls, and has let its task go, still has to hear that calls stopped.
    worse = other and health.failed == BESIDE
    return replace(
        health,
        checked_at=now,
        failures=1 if worse else health.failures + 1,
        failing_since=now if other else health.failing_since or now,
        failed=failed,
    )
