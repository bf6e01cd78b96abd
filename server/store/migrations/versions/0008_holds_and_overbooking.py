"""Times kept while a form is filled in, visits booked over others deliberately or given to somebody else, and series."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NEVER_OVERLAP = """
CREATE TRIGGER appointments_never_overlap_on_%s BEFORE %s ON appointments
WHEN NEW.status IN ('pending', 'booked', 'arrived')
BEGIN
  SELECT RAISE(ABORT, 'slot_taken') WHERE %sEXISTS (
    SELECT 1 FROM appointments AS other
    WHERE other.practitioner_id = NEW.practitioner_id AND other.id <> NEW.id
      AND %sother.status IN ('pending', 'booked', 'arrived')
      AND other.busy_from < NEW.busy_until AND NEW.busy_from < other.busy_until);
  SELECT RAISE(ABORT, 'patient_busy') WHERE EXISTS (
    SELECT 1 FROM appointments AS other
    WHERE other.patient_id = NEW.patient_id AND other.id <> NEW.id
      AND other.status IN ('pending', 'booked', 'arrived')
      AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at);
END
"""
DELIBERATELY = ("NEW.overbook_reason IS NULL AND ", "other.overbook_reason IS NULL AND ")
KEPT_APART = (
    """
CREATE TRIGGER slot_holds_never_overlap_on_insert BEFORE INSERT ON slot_holds
BEGIN
  SELECT RAISE(ABORT, 'slot_taken') WHERE EXISTS (
    SELECT 1 FROM slot_holds AS other
    WHERE other.practitioner_id = NEW.practitioner_id
      AND other.held_from < NEW.held_until AND NEW.held_from < other.held_until);
  SELECT RAISE(ABORT, 'slot_taken') WHERE EXISTS (
    SELECT 1 FROM appointments AS other
    WHERE other.practitioner_id = NEW.practitioner_id AND other.status IN ('pending', 'booked', 'arrived')
      AND other.busy_from < NEW.held_until AND NEW.held_from < other.busy_until);
END
""",
    """
CREATE TRIGGER slot_hold_is_fixed BEFORE UPDATE ON slot_holds
BEGIN SELECT RAISE(ABORT, 'slot_hold_is_fixed'); END
""",
    """
CREATE TRIGGER appointments_leave_held_time_on_insert BEFORE INSERT ON appointments
WHEN NEW.status IN ('pending', 'booked', 'arrived') AND NEW.overbook_reason IS NULL
BEGIN
  SELECT RAISE(ABORT, 'slot_taken') WHERE EXISTS (
    SELECT 1 FROM slot_holds AS other
    WHERE other.practitioner_id = NEW.practitioner_id
      AND other.held_from < NEW.busy_until AND NEW.busy_from < other.held_until);
END
""",
    """
CREATE TRIGGER appointments_leave_held_time_on_update BEFORE UPDATE ON appointments
WHEN NEW.status IN ('pending', 'booked', 'arrived') AND NEW.overbook_reason IS NULL
  AND (NEW.practitioner_id <> OLD.practitioner_id
    OR NEW.busy_from <> OLD.busy_from OR NEW.busy_until <> OLD.busy_until)
BEGIN
  SELECT RAISE(ABORT, 'slot_taken') WHERE EXISTS (
    SELECT 1 FROM slot_holds AS other
    WHERE other.practitioner_id = NEW.practitioner_id
      AND other.held_from < NEW.busy_until AND NEW.busy_from < other.held_until);
END
""",
)

# The same for PostgreSQL.
EXCLUDED = """
ALTER TABLE appointments ADD CONSTRAINT slot_taken
EXCLUDE USING gist (practitioner_id WITH =, tsrange(busy_from, busy_until) WITH &&)
WHERE (status IN ('pending', 'booked', 'arrived')%s)
"""
REFUSES = """
CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM %s) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'slot_taken', CONSTRAINT = 'slot_taken';
  END IF;
  RETURN NEW;
END $$
"""
BOOKED = """appointments AS other
    WHERE other.practitioner_id = NEW.practitioner_id AND other.status IN ('pending', 'booked', 'arrived')
      AND other.busy_from < NEW.held_until AND NEW.held_from < other.busy_until"""
HELD = """slot_holds AS other
    WHERE other.practitioner_id = NEW.practitioner_id
      AND other.held_from < NEW.busy_until AND NEW.busy_from < other.held_until"""
ASKS = """
CREATE TRIGGER appointments_leave_held_time_on_%s BEFORE %s ON appointments FOR EACH ROW
WHEN (NEW.status IN ('pending', 'booked', 'arrived') AND NEW.overbook_reason IS NULL%s)
EXECUTE FUNCTION bedside_leave_held_time()
"""
MOVES = (
    " AND (NEW.practitioner_id <> OLD.practitioner_id"
    " OR NEW.busy_from <> OLD.busy_from OR NEW.busy_until <> OLD.busy_until)"
)
KEPT_APART_ON_POSTGRESQL = (
    """ALTER TABLE slot_holds ADD CONSTRAINT slot_taken_by_hold
EXCLUDE USING gist (practitioner_id WITH =, tsrange(held_from, held_until) WITH &&)
""",
    REFUSES % ("bedside_leave_booked_time", BOOKED),
    REFUSES % ("bedside_leave_held_time", HELD),
    """CREATE TRIGGER slot_holds_never_overlap_on_insert BEFORE INSERT ON slot_holds FOR EACH ROW
EXECUTE FUNCTION bedside_leave_booked_time()
""",
    """CREATE TRIGGER slot_hold_is_fixed BEFORE UPDATE ON slot_holds FOR EACH ROW
EXECUTE FUNCTION bedside_refuse('slot_hold_is_fixed')
""",
    ASKS % ("insert", "INSERT", ""),
    ASKS % ("update", "UPDATE", MOVES),
)


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    op.add_column("appointments", _column("overbook_reason", sa.LargeBinary(), nullable=True))
    # Written out: neither database's ALTER knows a named reference through Alembic on both.
    op.execute(
        "ALTER TABLE appointments ADD COLUMN overbook_agreed_by VARCHAR(64)"
        " CONSTRAINT fk_appointments_overbook_agreed_by_accounts REFERENCES accounts (id)"
    )
    _slot_holds()
    _reassignments()
    _series()
    if op.get_context().dialect.name == "sqlite":
        _never_overlap(*DELIBERATELY)
        for trigger in KEPT_APART:
            op.execute(trigger)
    else:
        _excluded(" AND overbook_reason IS NULL")
        for statement in KEPT_APART_ON_POSTGRESQL:
            op.execute(statement)


def _excluded(unless: str) -> None:
    op.execute("ALTER TABLE appointments DROP CONSTRAINT slot_taken")
    op.execute(EXCLUDED % unless)


def _never_overlap(unless_new: str, unless_other: str) -> None:
    for name, verb in (("insert", "INSERT"), ("update", "UPDATE")):
        op.execute(f"DROP TRIGGER IF EXISTS appointments_never_overlap_on_{name}")
        op.execute(NEVER_OVERLAP % (name, verb, unless_new, unless_other))


def _slot_holds() -> None:
    op.create_table(
        "slot_holds",
        _column("id", sa.String(length=64)),
        _column("practitioner_id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64), nullable=True),
        _column("visit_type", sa.String(length=64)),
        _column("starts_at", sa.DateTime()),
        _column("ends_at", sa.DateTime()),
        _column("held_from", sa.DateTime()),
        _column("held_until", sa.DateTime()),
        _column("held_by", sa.String(length=64), nullable=True),
        _column("expires_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_slot_holds"),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name="fk_slot_holds_practitioner_id_practitioners"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_slot_holds_patient_id_patients"),
        sa.ForeignKeyConstraint(
            ["visit_type"], ["visit_types.id"], name="fk_slot_holds_visit_type_visit_types"
        ),
        sa.ForeignKeyConstraint(["held_by"], ["accounts.id"], name="fk_slot_holds_held_by_accounts"),
    )
    op.create_index("ix_slot_holds_practitioner_id", "slot_holds", ["practitioner_id"])
    op.create_index("ix_slot_holds_expires_at", "slot_holds", ["expires_at"])


def _reassignments() -> None:
    op.create_table(
        "reassignments",
        _column("id", sa.String(length=64)),
        _column("encounter_id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("from_practitioner_id", sa.String(length=64)),
        _column("to_practitioner_id", sa.String(length=64)),
        _column("reason", sa.LargeBinary()),
        _column("by", sa.String(length=64)),
        _column("at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_reassignments"),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=f"fk_reassignments_{column}_{target}"
            )
            for column, target in (
                ("encounter_id", "encounters"),
                ("patient_id", "patients"),
                ("from_practitioner_id", "practitioners"),
                ("to_practitioner_id", "practitioners"),
                ("by", "accounts"),
            )
        ),
    )
    op.create_index("ix_reassignments_encounter_id", "reassignments", ["encounter_id"])
    op.create_index("ix_reassignments_patient_id", "reassignments", ["patient_id"])


def _series() -> None:
    op.create_table(
        "series",
        _column("id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("at", sa.Time()),
        _column("zone", sa.String(length=64)),
        _column("made_by", sa.String(length=64)),
        _column("made_at", sa.DateTime()),
        _column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_series_patient_id_patients"),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name="fk_series_made_by_accounts"),
    )
    op.create_index("ix_series_patient_id", "series", ["patient_id"])
    op.create_table(
        "series_steps",
        _column("id", sa.String(length=64)),
        _column("series_id", sa.String(length=64)),
        _column("position", sa.Integer()),
        _column("key", sa.String(length=40)),
        _column("day", sa.Integer()),
        _column("within", sa.Integer()),
        _column("session", sa.Boolean()),
        _column("visit_type", sa.String(length=64), nullable=True),
        _column("on_date", sa.Date()),
        _column("encounter_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_series_steps"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_series_steps_series_id_series"),
        sa.ForeignKeyConstraint(
            ["visit_type"], ["visit_types.id"], name="fk_series_steps_visit_type_visit_types"
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name="fk_series_steps_encounter_id_encounters"
        ),
        sa.UniqueConstraint("series_id", "key", name="uq_series_steps_series_id_key"),
    )
    op.create_index("ix_series_steps_series_id", "series_steps", ["series_id"])
    op.create_index("ix_series_steps_encounter_id", "series_steps", ["encounter_id"])


def downgrade() -> None:
    op.drop_table("series_steps")
    op.drop_table("series")
    op.drop_table("reassignments")
    if op.get_context().dialect.name == "sqlite":
        for when in ("insert", "update"):
            op.execute(f"DROP TRIGGER appointments_leave_held_time_on_{when}")
        _never_overlap("", "")
    else:
        for when in ("insert", "update"):
            op.execute(f"DROP TRIGGER appointments_leave_held_time_on_{when} ON appointments")
        _excluded("")
    op.drop_table("slot_holds")
    if op.get_context().dialect.name != "sqlite":
        for function in ("bedside_leave_booked_time", "bedside_leave_held_time"):
            op.execute(f"DROP FUNCTION {function}()")
    with op.batch_alter_table("appointments") as appointments:
        appointments.drop_column("overbook_agreed_by")
        appointments.drop_column("overbook_reason")
    if op.get_context().dialect.name == "sqlite":
        # The table was made anew, without its triggers.
        _never_overlap("", "")
