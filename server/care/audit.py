"""Who saw and did what (FHIR AuditEvent), and the chain that shows when somebody changed the trail."""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """`actor` is an account's id, "patient" (by link) or "system". Never any clinical text."""

    seq: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    patient_id: str | None


def canonical(event: AuditEvent) -> bytes:
    """The one way to write an event down, so that its hash is the same everywhere."""
    values = {**asdict(event), "at": event.at.isoformat()}
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def chain_mac(previous: bytes, event: AuditEvent, key: bytes) -> bytes:
    """HMAC-SHA-256 over the row before and this one: changing, moving or dropping a row breaks every later one."""
    return hmac.new(key, previous + canonical(event), hashlib.sha256).digest()
