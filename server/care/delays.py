"""Word to a patient who waits, or is about to come, that their visit begins late."""

from dataclasses import dataclass
from datetime import datetime

from server.care.refusals import CareRefusal

PRESETS = (5, 10, 20)
LONGEST = 300


class NotToBeDelayed(CareRefusal):
    """The visit has begun or is over, or nobody knows yet how late it will be."""


class NothingSaid(CareRefusal):
    """Neither minutes nor words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delay:
    """So many minutes, or in somebody's own words: one of them."""

    id: str
    patient_id: str
    encounter_id: str
    minutes: int | None
    words: str | None
    said_by: str
    said_at: datetime
