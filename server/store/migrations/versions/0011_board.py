"""The live board: no-shows, what staff did about a visit, who took a task over, and where staff are texted."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    op.add_column("accounts", _column("phone", sa.String(length=40), nullable=True))
    op.add_column("encounters", _column("no_show_at", sa.DateTime(), nullable=True))
    op.add_column("tasks", _column("taken_at", sa.DateTime(), nullable=True))
    op.add_column("tasks", _column("note", sa.LargeBinary(), nullable=True))
    op.create_table(
        "visit_actions",
        _column("id", sa.String(length=64)),
        _column("encounter_id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("kind", sa.String(length=30)),
        _column("outcome", sa.String(length=30), nullable=True),
        _column("words", sa.LargeBinary(), nullable=True),
        _column("account_id", sa.String(length=64), nullable=True),
        _column("at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_visit_actions"),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name="fk_visit_actions_encounter_id_encounters"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_visit_actions_patient_id_patients"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_visit_actions_account_id_accounts"),
    )
    op.create_index("ix_visit_actions_encounter_id", "visit_actions", ["encounter_id"])
    op.create_index("ix_visit_actions_patient_id", "visit_actions", ["patient_id"])


def downgrade() -> None:
    op.drop_table("visit_actions")
    op.drop_column("tasks", "note")
    op.drop_column("tasks", "taken_at")
    op.drop_column("encounters", "no_show_at")
    op.drop_column("accounts", "phone")
