"""How a call was, seat by seat, every ten seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FIGURES = (
    *("rtt_ms", "jitter_ms", "loss_up", "loss_down", "bitrate_up", "bitrate_down"),
    *("fps_down", "frozen_ms", "concealed"),
)


def upgrade() -> None:
    op.create_table(
        "call_samples",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("encounter_id", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("route", sa.String(length=10), nullable=True),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=True),
        *(sa.Column(name, sa.Float(), nullable=True) for name in FIGURES),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name="fk_call_samples_encounter_id_encounters"),
        sa.PrimaryKeyConstraint("id", name="pk_call_samples"),
    )
    op.create_index("ix_call_samples_encounter_id", "call_samples", ["encounter_id"])
    op.create_index("ix_call_samples_at", "call_samples", ["at"])


def downgrade() -> None:
    op.drop_table("call_samples")
