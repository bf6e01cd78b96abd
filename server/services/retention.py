"""What is kept for a while and then forgotten. Notes, events of visits and the audit trail are kept for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.store import call_samples, guests
from server.store.database import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionRules:
    call_samples: timedelta
    guest_sessions: timedelta


async def forget(tx: Tx, *, rules: RetentionRules, now: datetime) -> int:
    """How many rows went."""
    samples = await call_samples.forget(tx, before=now - rules.call_samples)
    return samples + await guests.forget_sessions(tx, before=now - rules.guest_sessions)
