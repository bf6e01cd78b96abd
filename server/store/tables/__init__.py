"""Every table and constraint, a file per area. Importing this package knows them all."""

from server.store.tables import (
    accounts,
    appointments,
    audit,
    course,
    encounters,
    guests,
    home,
    journals,
    keys,
    measures,
    messages,
    notes,
    outbox,
    patients,
    practice,
    tasks,
    transfers,
)
from server.store.tables.columns import metadata

__all__ = [
    "accounts",
    "appointments",
    "audit",
    "course",
    "encounters",
    "guests",
    "home",
    "journals",
    "keys",
    "measures",
    "messages",
    "metadata",
    "notes",
    "outbox",
    "patients",
    "practice",
    "tasks",
    "transfers",
]
