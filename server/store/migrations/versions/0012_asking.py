"""Ask the clinic: the thread between a patient and the clinic."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "thread_entries",
        _column("id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("about", sa.String(length=20)),
        _column("kind", sa.String(length=20)),
        _column("sender", sa.String(length=20)),
        _column("account_id", sa.String(length=64), nullable=True),
        _column("text", sa.LargeBinary()),
        _column("sending", sa.String(length=64)),
        _column("sent_at", sa.DateTime()),
        _column("settled_at", sa.DateTime(), nullable=True),
        _column("read_at", sa.DateTime(), nullable=True),
        _column("read_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_thread_entries"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_thread_entries_patient_id_patients"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_thread_entries_account_id_accounts"),
        sa.UniqueConstraint("patient_id", "sending", name="uq_thread_entries_patient_id_sending"),
    )
    op.create_index("ix_thread_entries_patient_id", "thread_entries", ["patient_id"])
    op.create_index("ix_thread_entries_about", "thread_entries", ["about"])
    op.create_index("ix_thread_entries_settled_at", "thread_entries", ["settled_at"])


def downgrade() -> None:
    op.drop_table("thread_entries")
