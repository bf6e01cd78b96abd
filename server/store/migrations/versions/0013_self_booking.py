"""Self-booking: requests from the public page, and mail to people who are no patients yet."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "self_bookings",
        _column("id", sa.String(length=64)),
        _column("person", sa.LargeBinary()),
        _column("address_token", sa.LargeBinary()),
        _column("person_token", sa.LargeBinary()),
        _column("link_hash", sa.LargeBinary()),
        _column("practitioner_id", sa.String(length=64)),
        _column("visit_type", sa.String(length=64)),
        _column("starts_at", sa.DateTime()),
        _column("status", sa.String(length=20)),
        _column("asked_at", sa.DateTime()),
        _column("proved_at", sa.DateTime(), nullable=True),
        _column("answered_at", sa.DateTime(), nullable=True),
        _column("answered_by", sa.String(length=64), nullable=True),
        _column("answer", sa.LargeBinary(), nullable=True),
        _column("encounter_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_self_bookings"),
        sa.UniqueConstraint("link_hash", name="uq_self_bookings_link_hash"),
        *(
            sa.ForeignKeyConstraint([name], [f"{target}.id"], name=f"fk_self_bookings_{name}_{target}")
            for name, target in (
                ("practitioner_id", "practitioners"),
                ("visit_type", "visit_types"),
                ("answered_by", "accounts"),
                ("encounter_id", "encounters"),
            )
        ),
    )
    for name in ("address_token", "person_token", "practitioner_id", "status", "asked_at", "encounter_id"):
        op.create_index(f"ix_self_bookings_{name}", "self_bookings", [name])
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("patient_id", existing_type=sa.String(length=64), nullable=True)
        outbox.add_column(_column("self_booking_id", sa.String(length=64), nullable=True))
        outbox.create_foreign_key(
            "fk_outbox_self_booking_id_self_bookings", "self_bookings", ["self_booking_id"], ["id"]
        )
    op.create_index("ix_outbox_self_booking_id", "outbox", ["self_booking_id"])


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE patient_id IS NULL")
    op.drop_index("ix_outbox_self_booking_id", table_name="outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint("fk_outbox_self_booking_id_self_bookings", type_="foreignkey")
        outbox.drop_column("self_booking_id")
        outbox.alter_column("patient_id", existing_type=sa.String(length=64), nullable=False)
    op.drop_table("self_bookings")
