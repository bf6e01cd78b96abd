"""Every press of its own, the patient's reply to a clinician's hold, courses that end; what is final stays."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# (table, trigger, BEFORE … WHEN …): each refuses with its own name.
GUARDS = (
    ("holds", "hold_stays", "BEFORE DELETE ON holds WHEN 1"),
    (
        "holds",
        "hold_is_not_replaced",
        """BEFORE INSERT ON holds
WHEN EXISTS (SELECT 1 FROM holds AS other WHERE (other.id = NEW.id) AND 1)""",
    ),
    (
        "holds",
        "hold_is_fixed",
        """BEFORE UPDATE ON holds
WHEN OLD.lifted_at IS NOT NULL OR NEW.patient_id <> OLD.patient_id OR NEW.kind <> OLD.kind
  OR NEW.opened_by <> OLD.opened_by OR NEW.opened_at <> OLD.opened_at OR NEW.pressed_at <> OLD.pressed_at""",
    ),
    ("hold_events", "hold_event_stays", "BEFORE DELETE ON hold_events WHEN 1"),
    (
        "hold_events",
        "hold_event_is_not_replaced",
        """BEFORE INSERT ON hold_events
WHEN EXISTS (SELECT 1 FROM hold_events AS other WHERE (other.id = NEW.id) AND 1)""",
    ),
    ("hold_events", "hold_event_is_fixed", "BEFORE UPDATE ON hold_events"),
    (
        "journal_versions",
        "journal_shared_stays",
        "BEFORE DELETE ON journal_versions WHEN OLD.shared_at IS NOT NULL",
    ),
    (
        "journal_versions",
        "journal_shared_is_not_replaced",
        """BEFORE INSERT ON journal_versions
WHEN EXISTS (SELECT 1 FROM journal_versions AS other WHERE (other.id = NEW.id
 OR (other.entry_id = NEW.entry_id AND other.version = NEW.version)) AND other.shared_at IS NOT NULL)""",
    ),
    ("notes", "notes_signed_stays", "BEFORE DELETE ON notes WHEN OLD.signed_at IS NOT NULL"),
    (
        "notes",
        "notes_signed_is_not_replaced",
        """BEFORE INSERT ON notes
WHEN EXISTS (SELECT 1 FROM notes AS other WHERE (other.id = NEW.id
 OR other.encounter_id = NEW.encounter_id) AND other.signed_at IS NOT NULL)""",
    ),
    (
        "measure_responses",
        "measure_sent_stays",
        "BEFORE DELETE ON measure_responses WHEN OLD.completed_at IS NOT NULL",
    ),
    (
        "measure_responses",
        "measure_sent_is_not_replaced",
        """BEFORE INSERT ON measure_responses
WHEN EXISTS (SELECT 1 FROM measure_responses AS other WHERE (other.id = NEW.id) AND other.completed_at IS NOT NULL)""",
    ),
    (
        "measure_responses",
        "measure_sent_is_fixed",
        "BEFORE UPDATE ON measure_responses WHEN OLD.completed_at IS NOT NULL",
    ),
)

# The same for PostgreSQL, where nothing is replaced, but all of a table can be thrown away at once.
POSTGRESQL_GUARDS = (
    ("holds", "hold_stays", "BEFORE DELETE ON holds FOR EACH ROW"),
    ("holds", "hold_is_not_emptied", "BEFORE TRUNCATE ON holds FOR EACH STATEMENT"),
    (
        "holds",
        "hold_is_fixed",
        """BEFORE UPDATE ON holds FOR EACH ROW
WHEN (OLD.lifted_at IS NOT NULL OR NEW.patient_id <> OLD.patient_id OR NEW.kind <> OLD.kind
  OR NEW.opened_by <> OLD.opened_by OR NEW.opened_at <> OLD.opened_at OR NEW.pressed_at <> OLD.pressed_at)""",
    ),
    ("hold_events", "hold_event_stays", "BEFORE DELETE ON hold_events FOR EACH ROW"),
    ("hold_events", "hold_event_is_not_emptied", "BEFORE TRUNCATE ON hold_events FOR EACH STATEMENT"),
    ("hold_events", "hold_event_is_fixed", "BEFORE UPDATE ON hold_events FOR EACH ROW"),
    (
        "journal_versions",
        "journal_shared_stays",
        "BEFORE DELETE ON journal_versions FOR EACH ROW WHEN (OLD.shared_at IS NOT NULL)",
    ),
    (
        "journal_versions",
        "journal_shared_is_not_emptied",
        "BEFORE TRUNCATE ON journal_versions FOR EACH STATEMENT",
    ),
    ("notes", "notes_signed_stays", "BEFORE DELETE ON notes FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL)"),
    ("notes", "notes_signed_is_not_emptied", "BEFORE TRUNCATE ON notes FOR EACH STATEMENT"),
    (
        "measure_responses",
        "measure_sent_stays",
        "BEFORE DELETE ON measure_responses FOR EACH ROW WHEN (OLD.completed_at IS NOT NULL)",
    ),
    (
        "measure_responses",
        "measure_sent_is_not_emptied",
        "BEFORE TRUNCATE ON measure_responses FOR EACH STATEMENT",
    ),
    (
        "measure_responses",
        "measure_sent_is_fixed",
        "BEFORE UPDATE ON measure_responses FOR EACH ROW WHEN (OLD.completed_at IS NOT NULL)",
    ),
)


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    _events()
    with op.batch_alter_table("holds") as holds:
        holds.drop_constraint("uq_holds_event_id", type_="unique")
        holds.drop_column("event_id")
        holds.add_column(_column("reply", sa.LargeBinary(), nullable=True))
    op.add_column("care_plans", _column("ended_at", sa.DateTime(), nullable=True))
    # Written out: a table with a partial index is better not made anew only for a reference.
    op.execute(
        "ALTER TABLE care_plans ADD COLUMN ended_by VARCHAR(64)"
        " CONSTRAINT fk_care_plans_ended_by_accounts REFERENCES accounts (id)"
    )
    op.add_column("care_plans", _column("end_reason", sa.LargeBinary(), nullable=True))
    if op.get_context().dialect.name == "sqlite":
        for _, name, statement in GUARDS:
            op.execute(f"CREATE TRIGGER {name} {statement}\nBEGIN SELECT RAISE(ABORT, '{name}'); END")
    else:
        for _, name, statement in POSTGRESQL_GUARDS:
            op.execute(f"CREATE TRIGGER {name} {statement}\nEXECUTE FUNCTION bedside_refuse('{name}')")


def _events() -> None:
    """Every hold there is was opened by one press."""
    op.create_table(
        "hold_events",
        _column("id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("hold_id", sa.String(length=64)),
        _column("pressed_at", sa.DateTime()),
        _column("received_at", sa.DateTime()),
        _column("level", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hold_events"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_hold_events_patient_id_patients"),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name="fk_hold_events_hold_id_holds"),
    )
    op.create_index("ix_hold_events_patient_id", "hold_events", ["patient_id"])
    op.create_index("ix_hold_events_hold_id", "hold_events", ["hold_id"])
    op.execute(
        "INSERT INTO hold_events (id, patient_id, hold_id, pressed_at, received_at)"
        " SELECT event_id, patient_id, id, pressed_at, opened_at FROM holds"
    )


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for _, name, _ in GUARDS:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for table, name, _ in POSTGRESQL_GUARDS:
            op.execute(f"DROP TRIGGER {name} ON {table}")
    with op.batch_alter_table("holds") as holds:
        holds.add_column(_column("event_id", sa.String(length=64), nullable=True))
        holds.drop_column("reply")
    op.execute(
        "UPDATE holds SET event_id = (SELECT id FROM hold_events WHERE hold_id = holds.id ORDER BY received_at LIMIT 1)"
    )
    with op.batch_alter_table("holds") as holds:
        holds.alter_column("event_id", existing_type=sa.String(length=64), nullable=False)
        holds.create_unique_constraint("uq_holds_event_id", ["event_id"])
    op.drop_table("hold_events")
    for name in ("end_reason", "ended_by", "ended_at"):
        op.execute(f"ALTER TABLE care_plans DROP COLUMN {name}")
