"""An index over the few times a backup was put in."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

RESTORED = sa.text("action = 'restored'")


def upgrade() -> None:
    op.create_index(
        "ix_audit_events_restored", "audit_events", ["at"], sqlite_where=RESTORED, postgresql_where=RESTORED
    )


def downgrade() -> None:
    op.drop_index("ix_audit_events_restored", "audit_events")
