"""Times kept for somebody while the rest is asked. They overlap neither each other nor what is booked.

The database knows no time of its own: whoever writes here first takes away what has expired. What is deliberately
booked twice (`overbook_reason`) may lie over a hold, as over a booking.
"""

from sqlalchemy import DDL, Table, event

from server.store.tables.appointments import LIVE_SQL
from server.store.tables.columns import id_column, instant, metadata, reference
from server.store.tables.guards import guard

slot_holds = Table(
    "slot_holds",
    metadata,
    # The form's own key: one form keeps one time.
    id_column(),
    reference("practitioner_id", "practitioners"),
    reference("patient_id", "patients", nullable=True, index=False),
    reference("visit_type", "visit_types", index=False),
    instant("starts_at"),
    instant("ends_at"),
    # With the buffers.
    instant("held_from"),
    instant("held_until"),
    # Null: somebody on the public page.
    reference("held_by", "accounts", nullable=True, index=False),
    instant("expires_at", index=True),
)

_HOLDS = f"""
CREATE TRIGGER slot_holds_never_overlap_on_insert BEFORE INSERT ON slot_holds
BEGIN
  SELECT RAISE(ABORT, 'slot_taken') WHERE EXISTS (
    SELECT 1 FROM slot_holds AS other
    WHERE other.practitioner_id = NEW.practitioner_id
      AND other.held_from < NEW.held_until AND NEW.held_from < other.held_until);
  SELECT RAISE(ABORT, 'slot_taken') WHERE EXISTS (
    SELECT 1 FROM appointments AS other
    WHERE other.practitioner_id = NEW.practitioner_id AND other.status IN ({LIVE_SQL})
      AND other.busy_from < NEW.held_until AND NEW.held_from < other.busy_until);
END
"""  # noqa: S608 -- made of the constants above
_MOVES = " OR ".join(f"NEW.{part} <> OLD.{part}" for part in ("practitioner_id", "busy_from", "busy_until"))
_BOOKINGS = f"""
CREATE TRIGGER appointments_leave_held_time_on_%s BEFORE %s ON appointments
WHEN NEW.status IN ({LIVE_SQL}) AND NEW.overbook_reason IS NULL%s
BEGIN
  SELECT RAISE(ABORT, 'slot_taken') WHERE EXISTS (
    SELECT 1 FROM slot_holds AS other
    WHERE other.practitioner_id = NEW.practitioner_id
      AND other.held_from < NEW.busy_until AND NEW.busy_from < other.held_until);
END
"""  # noqa: S608 -- made of the constants above
KEPT_APART = (
    _HOLDS,
    _BOOKINGS % ("insert", "INSERT", ""),
    _BOOKINGS % ("update", "UPDATE", f" AND ({_MOVES})"),
)

_EXCLUDE = """
ALTER TABLE slot_holds ADD CONSTRAINT slot_taken_by_hold
EXCLUDE USING gist (practitioner_id WITH =, tsrange(held_from, held_until) WITH &&)
"""
_REFUSES = """
CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM %s) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'slot_taken', CONSTRAINT = 'slot_taken';
  END IF;
  RETURN NEW;
END $$
"""
_BOOKED = f"""appointments AS other
    WHERE other.practitioner_id = NEW.practitioner_id AND other.status IN ({LIVE_SQL})
      AND other.busy_from < NEW.held_until AND NEW.held_from < other.busy_until"""
_HELD = """slot_holds AS other
    WHERE other.practitioner_id = NEW.practitioner_id
      AND other.held_from < NEW.busy_until AND NEW.busy_from < other.held_until"""
_ASKS = f"""
CREATE TRIGGER appointments_leave_held_time_on_%s BEFORE %s ON appointments FOR EACH ROW
WHEN (NEW.status IN ({LIVE_SQL}) AND NEW.overbook_reason IS NULL%s) EXECUTE FUNCTION bedside_leave_held_time()
"""
# Each looks at the other table: sound, because one transaction writes at a time.
KEPT_APART_ON_POSTGRESQL = (
    _EXCLUDE,
    _REFUSES % ("bedside_leave_booked_time", _BOOKED),
    _REFUSES % ("bedside_leave_held_time", _HELD),
    """CREATE TRIGGER slot_holds_never_overlap_on_insert BEFORE INSERT ON slot_holds FOR EACH ROW
EXECUTE FUNCTION bedside_leave_booked_time()
""",
    _ASKS % ("insert", "INSERT", ""),
    _ASKS % ("update", "UPDATE", f" AND ({_MOVES})"),
)

guard(slot_holds, "slot_hold_is_fixed", "BEFORE UPDATE ON slot_holds")
for dialect, statements in (("sqlite", KEPT_APART), ("postgresql", KEPT_APART_ON_POSTGRESQL)):
    for statement in statements:
        # Of two tables: after both are there.
        event.listen(metadata, "after_create", DDL(statement).execute_if(dialect=dialect))
