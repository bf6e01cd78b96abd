"""How patients want to be reached, short links for text messages, when a message is too late, and links asked for."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    op.add_column(
        "patients", sa.Column("reached_by", sa.String(length=10), nullable=False, server_default="email")
    )
    op.add_column("outbox", _column("expires_at", sa.DateTime(), nullable=True))
    op.add_column("outbox", _column("gateway", sa.Integer(), nullable=True))
    op.add_column("join_links", _column("short_hash", sa.LargeBinary(), nullable=True))
    op.create_index("ix_join_links_short_hash", "join_links", ["short_hash"], unique=True)
    op.create_table(
        "lost_links",
        _column("id", sa.String(length=64)),
        _column("token", sa.LargeBinary()),
        _column("asked_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_lost_links"),
    )
    op.create_table(
        "delays",
        _column("id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("encounter_id", sa.String(length=64)),
        _column("minutes", sa.Integer(), nullable=True),
        _column("words", sa.LargeBinary(), nullable=True),
        _column("said_by", sa.String(length=64)),
        _column("said_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_delays"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_delays_patient_id_patients"),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name="fk_delays_encounter_id_encounters"),
        sa.ForeignKeyConstraint(["said_by"], ["accounts.id"], name="fk_delays_said_by_accounts"),
    )
    op.create_index("ix_delays_patient_id", "delays", ["patient_id"])
    op.create_index("ix_delays_encounter_id", "delays", ["encounter_id"])


def downgrade() -> None:
    op.drop_table("delays")
    op.drop_table("lost_links")
    op.drop_index("ix_join_links_short_hash", table_name="join_links")
    op.drop_column("join_links", "short_hash")
    op.drop_column("outbox", "gateway")
    op.drop_column("outbox", "expires_at")
    op.drop_column("patients", "reached_by")
