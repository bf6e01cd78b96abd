"""The wait-list: who would come earlier, and the times they were offered."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _one(name: str, table: str, column: str, where: str) -> None:
    part = sa.text(where)
    op.create_index(name, table, [column], unique=True, sqlite_where=part, postgresql_where=part)


def upgrade() -> None:
    op.create_table(
        "wait_list",
        _column("id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("encounter_id", sa.String(length=64), nullable=True),
        _column("visit_type", sa.String(length=64)),
        _column("practitioner_id", sa.String(length=64), nullable=True),
        _column("first_on", sa.Date()),
        _column("last_on", sa.Date()),
        _column("part", sa.String(length=20)),
        _column("asked_by", sa.String(length=64)),
        _column("asked_at", sa.DateTime()),
        _column("ended_at", sa.DateTime(), nullable=True),
        _column("ended_why", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_wait_list"),
        _to("wait_list", "patient_id", "patients"),
        _to("wait_list", "encounter_id", "encounters"),
        _to("wait_list", "visit_type", "visit_types"),
        _to("wait_list", "practitioner_id", "practitioners"),
    )
    op.create_index("ix_wait_list_patient_id", "wait_list", ["patient_id"])
    op.create_index("ix_wait_list_ended_at", "wait_list", ["ended_at"])
    _one("uq_wait_list_one_place_a_visit", "wait_list", "encounter_id", "ended_at IS NULL")
    op.create_table(
        "wait_offers",
        _column("id", sa.String(length=64)),
        _column("round_id", sa.String(length=64)),
        _column("waiting_id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("practitioner_id", sa.String(length=64)),
        _column("starts_at", sa.DateTime()),
        _column("token_hash", sa.LargeBinary()),
        _column("offered_by", sa.String(length=64)),
        _column("offered_at", sa.DateTime()),
        _column("expires_at", sa.DateTime()),
        _column("taken_at", sa.DateTime(), nullable=True),
        _column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_wait_offers"),
        _to("wait_offers", "waiting_id", "wait_list"),
        _to("wait_offers", "patient_id", "patients"),
        _to("wait_offers", "practitioner_id", "practitioners"),
        sa.UniqueConstraint("token_hash", name="uq_wait_offers_token_hash"),
    )
    op.create_index("ix_wait_offers_round_id", "wait_offers", ["round_id"])
    op.create_index("ix_wait_offers_waiting_id", "wait_offers", ["waiting_id"])
    op.create_index("ix_wait_offers_expires_at", "wait_offers", ["expires_at"])
    _one("uq_wait_offers_first_yes", "wait_offers", "round_id", "taken_at IS NOT NULL")


def downgrade() -> None:
    op.drop_table("wait_offers")
    op.drop_table("wait_list")
