"""Two patients who may be one person."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patient_twins",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("one_id", sa.String(length=64), nullable=False),
        sa.Column("other_id", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("said_by", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patient_twins"),
        sa.ForeignKeyConstraint(["one_id"], ["patients.id"], name="fk_patient_twins_one_id_patients"),
        sa.ForeignKeyConstraint(["other_id"], ["patients.id"], name="fk_patient_twins_other_id_patients"),
        sa.ForeignKeyConstraint(["said_by"], ["accounts.id"], name="fk_patient_twins_said_by_accounts"),
        sa.UniqueConstraint("one_id", "other_id", name="uq_patient_twins_one_id_other_id"),
    )
    op.create_index("ix_patient_twins_one_id", "patient_twins", ["one_id"])
    op.create_index("ix_patient_twins_other_id", "patient_twins", ["other_id"])


def downgrade() -> None:
    op.drop_table("patient_twins")
