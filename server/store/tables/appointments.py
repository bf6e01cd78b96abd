"""Appointments (FHIR Appointment). The database itself refuses two live ones that overlap.

`busy_from` and `busy_until` include the buffers and are what must not overlap for a practitioner; for the
patient it is the appointment's own time, end excluded. Of two that overlap for a practitioner one at least was booked
over the other deliberately and says why; for a patient no reason will do.
"""

from sqlalchemy import DDL, Column, Integer, String, Table, event

from server.store.tables.columns import id_column, instant, metadata, reference, sealed
from server.store.tables.guards import on_postgresql, on_sqlite

LIVE = ("pending", "booked", "arrived")

appointments = Table(
    "appointments",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    reference("practitioner_id", "practitioners"),
    reference("visit_type", "visit_types", index=False),
    instant("starts_at", index=True),
    instant("ends_at"),
    instant("busy_from"),
    instant("busy_until"),
    Column("status", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("mode", String(10), nullable=False),
    reference("booked_by", "accounts", index=False),
    instant("created_at"),
    sealed("cancellation_reason", nullable=True),
    # Why the practitioner's time was taken although it was not free, and which account of a clinician agreed.
    sealed("overbook_reason", nullable=True),
    reference("overbook_agreed_by", "accounts", nullable=True, index=False),
)

LIVE_SQL = ", ".join(f"'{status}'" for status in LIVE)
_TRIGGER = f"""
CREATE TRIGGER appointments_never_overlap_on_%s BEFORE %s ON appointments
WHEN NEW.status IN ({LIVE_SQL})
BEGIN
  SELECT RAISE(ABORT, 'slot_taken') WHERE NEW.overbook_reason IS NULL AND EXISTS (
    SELECT 1 FROM appointments AS other
    WHERE other.practitioner_id = NEW.practitioner_id AND other.id <> NEW.id
      AND other.overbook_reason IS NULL AND other.status IN ({LIVE_SQL})
      AND other.busy_from < NEW.busy_until AND NEW.busy_from < other.busy_until);
  SELECT RAISE(ABORT, 'patient_busy') WHERE EXISTS (
    SELECT 1 FROM appointments AS other
    WHERE other.patient_id = NEW.patient_id AND other.id <> NEW.id
      AND other.status IN ({LIVE_SQL})
      AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at);
END
"""  # noqa: S608 -- made of the constants above
NEVER_OVERLAP = (_TRIGGER % ("insert", "INSERT"), _TRIGGER % ("update", "UPDATE"))

_EXCLUDE = f"""
ALTER TABLE appointments ADD CONSTRAINT %s EXCLUDE USING gist (%s WITH =, tsrange(%s, %s) WITH &&)
WHERE (status IN ({LIVE_SQL})%s)
"""
# Both triggers' names again, so that a refusal reads the same. What comes first is what is said when both are broken.
NEVER_OVERLAP_EXCLUDED = (
    _EXCLUDE % ("slot_taken", "practitioner_id", "busy_from", "busy_until", " AND overbook_reason IS NULL"),
    _EXCLUDE % ("patient_busy", "patient_id", "starts_at", "ends_at", ""),
)

for statement in NEVER_OVERLAP:
    on_sqlite(appointments, statement)
# Equality beside ranges in one index. The owner of a database may make this extension without being a superuser.
event.listen(
    metadata,
    "before_create",
    DDL("CREATE EXTENSION IF NOT EXISTS btree_gist").execute_if(dialect="postgresql"),
)
for statement in NEVER_OVERLAP_EXCLUDED:
    on_postgresql(appointments, statement)
