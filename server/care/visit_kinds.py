"""A kind of visit as the clinic offers it: the rules' visit type, with the clinic's own words in both languages."""

from dataclasses import dataclass, replace

from scheduling.visit_types import VisitType
from server.care.people import Patient


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind(VisitType):
    """`name_es` and `preparation_es` empty: the others are shown. `retired`: not booked any more."""

    name_es: str = ""
    preparation_es: str = ""
    retired: bool = False


def for_patient(kind: Kind, patient: Patient) -> Kind:
    """The kind, as long as it is for this patient: with an interpreter half as long again."""
    return replace(kind, length=kind.with_interpreter().length) if patient.interpreter_language else kind
