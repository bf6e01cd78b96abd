"""How soon a visit must be looked after when its clinician cannot hold it: one number, from what the record has."""

from collections.abc import Iterable

from scheduling.visit_types import INTAKE
from server.care.safety import ABOUT_HARM, Hold

# Added up: an alarm about harm that nobody has lifted outweighs everything below it.
ALARM, ON_HOLD, FIRST_CONTACT = 4, 2, 1


def risk_of(*, visit_type: str, holds: Iterable[Hold]) -> int:
    """4 for an open hold about harm (item 9, a call for help), 2 for any other open one, 1 for a first visit."""
    kinds = {hold.kind for hold in holds if hold.open}
    alarm = ALARM if kinds & set(ABOUT_HARM) else 0
    on_hold = ON_HOLD if kinds - set(ABOUT_HARM) else 0
    return alarm + on_hold + (FIRST_CONTACT if visit_type == INTAKE else 0)
