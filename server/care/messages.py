"""Text between a patient and the clinic: the waiting room's messages and the call's chat are one thing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.care.refusals import CareRefusal

# A page of text; longer things are said, not typed into a call.
LONGEST = 2000

Sender = Literal["patient", "clinic"]


class NothingWritten(CareRefusal):
    """The message is empty."""


class MessageTooLong(CareRefusal):
    """More than LONGEST characters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """`account_id` and `author` name the person at the clinic; both None when the patient wrote."""

    id: str
    patient_id: str
    encounter_id: str
    sender: Sender
    account_id: str | None
    text: str
    sent_at: datetime
    author: str | None = None


def readable(text: str) -> str:
    """The text as it is kept. Raises NothingWritten, MessageTooLong."""
    text = text.strip()
    if not text:
        raise NothingWritten
    if len(text) > LONGEST:
        raise MessageTooLong
    return text
