"""How a patient says a visit's call was."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_ratings",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("encounter_id", sa.String(length=64), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("troubles", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_call_ratings_encounter_id", "call_ratings", ["encounter_id"])
    op.create_index("ix_call_ratings_at", "call_ratings", ["at"])


def downgrade() -> None:
    op.drop_table("call_ratings")
