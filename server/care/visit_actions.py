"""What was done about a visit whose patient waits or does not come: who saw it, who rang, who decided what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.care.encounter import Encounter

# Somebody has seen that the patient waits: the alert is silent for their side from then on.
SEEN = "seen"
RANG, TEXTED, REBOOKED, WELFARE, OTHER = "rang", "texted", "rebooked", "welfare-check", "other"
# What staff can say they did, beside a row of the board or with a no-show.
CONTACTS = (RANG, TEXTED)
OUTCOMES = (RANG, TEXTED, REBOOKED, WELFARE, OTHER)
NO_SHOW, NO_SHOW_UNDONE, CAME_AFTER_ALL = "no-show", "no-show-undone", "came-after-all"
# What a chart tells of a visit.
OF_A_NO_SHOW = (*CONTACTS, NO_SHOW, NO_SHOW_UNDONE, CAME_AFTER_ALL)
# The server's own: the clinician was written to, and then the front desk.
TOLD_CLINICIAN, TOLD_DESK = "told-clinician", "told-desk"


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitAction:
    """`account_id` and `author` None: the server by itself. `words` are staff's own."""

    encounter_id: str
    patient_id: str
    kind: str
    at: datetime
    account_id: str | None = None
    author: str | None = None
    outcome: str | None = None
    words: str | None = None


def since_arrival(encounter: Encounter, actions: Iterable[VisitAction]) -> list[VisitAction]:
    """What was done since the patient came; who left and comes again is announced again."""
    if encounter.arrived_at is None:
        return []
    return [each for each in actions if each.at >= encounter.arrived_at]


def rings_at_the_desk(encounter: Encounter, actions: Iterable[VisitAction]) -> bool:
    """Whether somebody waits whom neither the desk nor their clinician has seen yet."""
    waits = encounter.status == "arrived"
    return waits and not any(each.kind == SEEN for each in since_arrival(encounter, actions))


def rings_for(encounter: Encounter, actions: Iterable[VisitAction], *, account_id: str) -> bool:
    """Whether the clinician themself has to see it: that the desk knows lets nobody in."""
    waits = encounter.status == "arrived"
    seen = since_arrival(encounter, actions)
    return waits and not any(each.kind == SEEN and each.account_id == account_id for each in seen)
