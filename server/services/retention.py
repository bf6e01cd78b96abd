"""What is kept for a while and then forgotten. Notes, events of visits and the audit trail are kept for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.store import call_samples, guests, self_bookings
from server.store.database import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionRules:
    call_samples: timedelta
    guest_sessions: timedelta


# Who asked online: without a proved address they are forgotten soon, and after an answer when nobody asks any more.
UNPROVED, ANSWERED = timedelta(days=1), timedelta(days=90)


async def forget(tx: Tx, *, rules: RetentionRules, now: datetime) -> int:
    """How many rows went."""
    samples = await call_samples.forget(tx, before=now - rules.call_samples)
    samples += await self_bookings.forget(tx, unproved_before=now - UNPROVED, answered_before=now - ANSWERED)
    return samples + await guests.forget_sessions(tx, before=now - rules.guest_sessions)
