"""Invitations to a seat in one visit, the browsers that came through their links, and visits that were handed over."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    _invitations()
    _guest_sessions()
    _transfers()


def _invitations() -> None:
    op.create_table(
        "invitations",
        _column("id", sa.String(length=64)),
        _column("encounter_id", sa.String(length=64)),
        _column("patient_id", sa.String(length=64)),
        _column("seat", sa.String(length=20)),
        _column("role", sa.String(length=20)),
        _column("name", sa.LargeBinary()),
        _column("email", sa.LargeBinary(), nullable=True),
        _column("said_name", sa.LargeBinary(), nullable=True),
        _column("token_hash", sa.LargeBinary()),
        _column("invited_by", sa.String(length=64)),
        _column("created_at", sa.DateTime()),
        _column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name="fk_invitations_encounter_id_encounters"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_invitations_patient_id_patients"),
        sa.ForeignKeyConstraint(["invited_by"], ["accounts.id"], name="fk_invitations_invited_by_accounts"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
        sa.UniqueConstraint("encounter_id", "seat", name="uq_invitations_encounter_id_seat"),
    )
    op.create_index("ix_invitations_encounter_id", "invitations", ["encounter_id"])
    op.create_index("ix_invitations_patient_id", "invitations", ["patient_id"])


def _guest_sessions() -> None:
    op.create_table(
        "guest_sessions",
        _column("id", sa.String(length=64)),
        _column("cookie_hash", sa.LargeBinary()),
        _column("invitation_id", sa.String(length=64)),
        _column("created_at", sa.DateTime()),
        _column("ends_at", sa.DateTime()),
        _column("introduced_at", sa.DateTime(), nullable=True),
        _column("admitted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_guest_sessions"),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_guest_sessions_invitation_id_invitations"
        ),
        sa.UniqueConstraint("cookie_hash", "invitation_id", name="uq_guest_sessions_cookie_hash_invitation_id"),
    )
    op.create_index("ix_guest_sessions_cookie_hash", "guest_sessions", ["cookie_hash"])
    op.create_index("ix_guest_sessions_invitation_id", "guest_sessions", ["invitation_id"])


def _transfers() -> None:
    op.create_table(
        "transfers",
        _column("id", sa.String(length=64)),
        _column("encounter_id", sa.String(length=64)),
        _column("from_practitioner_id", sa.String(length=64)),
        _column("to_practitioner_id", sa.String(length=64)),
        _column("handed_by", sa.String(length=64)),
        _column("at", sa.DateTime()),
        _column("joined_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name="fk_transfers_encounter_id_encounters"),
        sa.ForeignKeyConstraint(
            ["from_practitioner_id"], ["practitioners.id"], name="fk_transfers_from_practitioner_id_practitioners"
        ),
        sa.ForeignKeyConstraint(
            ["to_practitioner_id"], ["practitioners.id"], name="fk_transfers_to_practitioner_id_practitioners"
        ),
        sa.ForeignKeyConstraint(["handed_by"], ["accounts.id"], name="fk_transfers_handed_by_accounts"),
    )
    op.create_index("ix_transfers_encounter_id", "transfers", ["encounter_id"])


def downgrade() -> None:
    op.drop_table("transfers")
    op.drop_table("guest_sessions")
    op.drop_table("invitations")
