"""Where a story takes place: whose it is, what today is, and the moments it is told in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.care.access import Staff
from server.demo.people import PATIENTS, STAFF, Guest
from server.demo.story import Moment, Story
from server.services import accounts
from server.store.database import Tx

if TYPE_CHECKING:
    from server.demo.clinic import Known


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    tx: Tx
    known: "Known"
    story: Story
    now: datetime

    @property
    def guest(self) -> Guest:
        return next(guest for guest in PATIENTS if guest.key == self.story.guest)

    @property
    def patient_id(self) -> str:
        return self.known.patients[self.guest.key]

    @property
    def practitioner_id(self) -> str:
        return self.known.practitioners[self.guest.sees]

    async def clinician(self) -> Staff:
        return await accounts.staff_of(self.tx, self.known.accounts[self.guest.sees])

    def day(self, ahead: int) -> date:
        """So many days from the patient's today; a day of the past is negative."""
        return self.now.astimezone(ZoneInfo(self.guest.zone)).date() + timedelta(days=ahead)

    def at_home(self, moment: Moment) -> datetime:
        """On the patient's wall, whatever day of the week it was."""
        days_ago, at = moment
        return _instant(self.day(-days_ago), at, self.guest.zone)

    def at_work(self, moment: Moment) -> datetime:
        """On the clinician's wall; what would fall on a weekend happened on the Friday before."""
        days_ago, at = moment
        zone = next(str(person.zone) for person in STAFF if person.key == self.guest.sees)
        day = self.now.astimezone(ZoneInfo(zone)).date() - timedelta(days=days_ago)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return _instant(day, at, zone)


def _instant(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
