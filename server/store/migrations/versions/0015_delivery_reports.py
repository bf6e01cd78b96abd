"""What a text message gateway reports of a message it took, and whose calendar is mailed its changes."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("gateway_reference", sa.String(length=100), nullable=True))
    op.add_column("outbox", sa.Column("delivered_at", sa.DateTime(), nullable=True))
    op.create_index("ix_outbox_gateway_reference", "outbox", ["gateway_reference"])
    op.add_column(
        "practitioners", sa.Column("mailed", sa.String(length=10), nullable=False, server_default="no")
    )


def downgrade() -> None:
    op.drop_column("practitioners", "mailed")
    op.drop_index("ix_outbox_gateway_reference", table_name="outbox")
    op.drop_column("outbox", "delivered_at")
    op.drop_column("outbox", "gateway_reference")
