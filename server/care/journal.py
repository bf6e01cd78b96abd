"""The journal (FHIR QuestionnaireResponse): prompts, and whose it is. It belongs to the patient until shared.

A version is private until it is shared and fixed from then on; what comes to mind later is a new version. The answers
that bear on safety are never withheld: they reach the clinic as soon as they are given, and the page says so.
Prompts after clinical.md §6.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType

from scheduling.bookings import PatientId
from server.care.plan import SessionId
from server.care.refusals import CareRefusal
from server.care.words import N_

EntryId = NewType("EntryId", str)
LONGEST = 20_000


class AlreadyShared(CareRefusal):
    """The version was shared and stays as it is; a new one can be written."""


class NotSharedYet(CareRefusal):
    """The newest version can still be changed, so there is no need for another."""


class NothingToShare(CareRefusal):
    """Nothing is written in it yet."""


class EntryChanged(CareRefusal):
    """Another page saved it in between; nothing was written over."""


class EntryTooLong(CareRefusal):
    """Longer than a journal entry can be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    name: str
    label: str
    hint: str = ""


PROMPTS = (
    Prompt(name="text", label=N_("What you felt and want to keep"), hint=N_("In your own words, or none.")),
    Prompt(name="insight", label=N_("What did you see or understand?")),
    Prompt(name="emotion", label=N_("Your strongest feelings, then and now")),
    Prompt(name="body", label=N_("How your body felt")),
    Prompt(name="images", label=N_("Images or memories"), hint=N_("Only what you want to write down.")),
    Prompt(name="intention", label=N_("What had you hoped for, and what came?")),
    Prompt(name="integration", label=N_("One small thing for this week")),
)
# Never withheld: "yes" or "no", and 0 to 10.
UNUSUAL = Prompt(name="unusual", label=N_("Was anything unusual or frightening, or is it still going on?"))
MORE = Prompt(name="more", label=N_("Do you feel like taking more, or taking it earlier?"))
SAFETY = (UNUSUAL.name, MORE.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalVersion:
    """`edit` counts the saves of this version. `shared_at` is when it was shared and became fixed."""

    id: str
    version: int
    edit: int
    saved_at: datetime
    body: Mapping[str, str] = field(default_factory=dict)
    shared_at: datetime | None = None

    @property
    def written(self) -> bool:
        """Whether there is anything in it that a person wrote."""
        return any(self.body.get(prompt.name, "").strip() for prompt in PROMPTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalEntry:
    """`versions` oldest first; there is always one. `session_id` is the session it was written after."""

    id: EntryId
    patient_id: PatientId
    begun_at: datetime
    versions: tuple[JournalVersion, ...]
    session_id: SessionId | None = None

    @property
    def newest(self) -> JournalVersion:
        return self.versions[-1]

    @property
    def shared(self) -> tuple[JournalVersion, ...]:
        return tuple(version for version in self.versions if version.shared_at)

    def last_said(self, name: str) -> str | None:
        """The newest answer that was given to a question about safety, in whichever version."""
        return next((v.body[name] for v in reversed(self.versions) if name in v.body), None)


def write(entry: JournalEntry, *, body: Mapping[str, str], based_on: int, now: datetime) -> JournalEntry:
    """The entry with its newest version rewritten; `based_on` is the edit the page had seen.

    Raises AlreadyShared, EntryChanged, EntryTooLong.
    """
    newest = entry.newest
    if newest.shared_at is not None:
        raise AlreadyShared
    if based_on != newest.edit:
        raise EntryChanged
    if sum(len(text) for text in body.values()) > LONGEST:
        raise EntryTooLong
    kept = {name: text for name, text in body.items() if text.strip()}
    return _with_newest(entry, replace(newest, body=kept, edit=newest.edit + 1, saved_at=now))


def share(entry: JournalEntry, *, now: datetime) -> JournalEntry:
    """From now on the clinicians can read it and nobody can change it. Raises AlreadyShared, NothingToShare."""
    newest = entry.newest
    if newest.shared_at is not None:
        raise AlreadyShared
    if not newest.written:
        raise NothingToShare
    return _with_newest(entry, replace(newest, shared_at=now))


def revise(entry: JournalEntry, *, version_id: str, now: datetime) -> JournalEntry:
    """A new version, private again, that begins as a copy of what was written. Raises NotSharedYet.

    The answers that bear on safety are of their moment: they are asked anew, and none is given by mending a word.
    """
    newest = entry.newest
    if newest.shared_at is None:
        raise NotSharedYet
    written = {name: text for name, text in newest.body.items() if name not in SAFETY}
    following = JournalVersion(id=version_id, version=newest.version + 1, edit=0, saved_at=now, body=written)
    return replace(entry, versions=(*entry.versions, following))


def _with_newest(entry: JournalEntry, newest: JournalVersion) -> JournalEntry:
    return replace(entry, versions=(*entry.versions[:-1], newest))


def says_unusual(body: Mapping[str, str]) -> bool:
    """ "Anything unusual?" answered with yes puts the course on hold (clinical.md §6.3)."""
    return body.get(UNUSUAL.name) == "yes"


def alarms_anew(before: JournalVersion, after: JournalVersion) -> bool:
    """Whether the newer save says "unusual" where the one before did not: saved again it is no second alarm."""
    return says_unusual(after.body) and not says_unusual(before.body)
