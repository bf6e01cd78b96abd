"""The patient's own pages, the course with its holds, journal and measures; messages that belong to no visit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SHARED_IS_FIXED = {
    "sqlite": """CREATE TRIGGER journal_shared_is_fixed BEFORE UPDATE ON journal_versions
WHEN OLD.shared_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'journal_already_shared'); END
    """,
    "postgresql": """CREATE TRIGGER journal_shared_is_fixed BEFORE UPDATE ON journal_versions FOR EACH ROW
WHEN (OLD.shared_at IS NOT NULL)
EXECUTE FUNCTION bedside_refuse('journal_already_shared')
    """,
}


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.String(length=64), nullable=False)


def _reference(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=64), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(), nullable=nullable)


def _sealed(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _keys(table: str, *foreign: tuple[str, str]) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")
            for column, target in foreign
        ),
    ]


def upgrade() -> None:
    _home()
    _course()
    _words()
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("encounter_id", existing_type=sa.String(length=64), nullable=True)
        outbox.alter_column("link_version", existing_type=sa.Integer(), nullable=True)
        outbox.add_column(_reference("account_id", nullable=True))
        outbox.create_foreign_key("fk_outbox_account_id_accounts", "accounts", ["account_id"], ["id"])


def _home() -> None:
    op.create_table(
        "home_links",
        _id(),
        _reference("patient_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("wrong_dates", sa.Integer(), nullable=False),
        _instant("created_at"),
        _instant("revoked_at", nullable=True),
        *_keys("home_links", ("patient_id", "patients")),
        sa.UniqueConstraint("token_hash", name="uq_home_links_token_hash"),
        sa.UniqueConstraint("patient_id", "version", name="uq_home_links_patient_id_version"),
    )
    op.create_index("ix_home_links_patient_id", "home_links", ["patient_id"])
    op.create_table(
        "home_devices",
        _id(),
        _reference("patient_id"),
        _reference("home_link_id"),
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=False),
        _sealed("name"),
        _instant("created_at"),
        _instant("seen_at"),
        _instant("ends_at"),
        _instant("born_at", nullable=True),
        _instant("remembered_at", nullable=True),
        _instant("revoked_at", nullable=True),
        *_keys("home_devices", ("patient_id", "patients"), ("home_link_id", "home_links")),
        sa.UniqueConstraint("cookie_hash", name="uq_home_devices_cookie_hash"),
    )
    op.create_index("ix_home_devices_patient_id", "home_devices", ["patient_id"])
    op.create_table(
        "home_codes",
        _id(),
        _reference("patient_id"),
        _reference("device_id"),
        sa.Column("channel", sa.String(length=10), nullable=False),
        _sealed("code"),
        sa.Column("wrong", sa.Integer(), nullable=False),
        _instant("created_at"),
        _instant("ends_at"),
        _instant("used_at", nullable=True),
        *_keys("home_codes", ("patient_id", "patients"), ("device_id", "home_devices")),
    )
    op.create_index("ix_home_codes_device_id", "home_codes", ["device_id"])


def _course() -> None:
    op.create_table(
        "care_plans",
        _id(),
        _reference("patient_id"),
        _reference("practitioner_id"),
        sa.Column("status", sa.String(length=20), nullable=False),
        _reference("made_by"),
        _instant("made_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_keys(
            "care_plans",
            ("patient_id", "patients"),
            ("practitioner_id", "practitioners"),
            ("made_by", "accounts"),
        ),
    )
    op.create_index("ix_care_plans_patient_id", "care_plans", ["patient_id"])
    op.create_index(
        "uq_care_plans_one_active",
        "care_plans",
        ["patient_id"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "dosing_sessions",
        _id(),
        _reference("patient_id"),
        _reference("plan_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        _instant("done_at", nullable=True),
        *_keys("dosing_sessions", ("patient_id", "patients"), ("plan_id", "care_plans")),
        sa.UniqueConstraint("plan_id", "number", name="uq_dosing_sessions_plan_id_number"),
    )
    op.create_index("ix_dosing_sessions_patient_id", "dosing_sessions", ["patient_id"])
    op.create_index("ix_dosing_sessions_plan_id", "dosing_sessions", ["plan_id"])
    op.create_table(
        "holds",
        _id(),
        _reference("patient_id"),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        _instant("opened_at"),
        _instant("pressed_at"),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        _sealed("level", nullable=True),
        _sealed("words", nullable=True),
        _instant("lifted_at", nullable=True),
        _reference("lifted_by", nullable=True),
        _sealed("lift_reason", nullable=True),
        *_keys("holds", ("patient_id", "patients"), ("lifted_by", "accounts")),
        sa.UniqueConstraint("event_id", name="uq_holds_event_id"),
    )
    op.create_index("ix_holds_patient_id", "holds", ["patient_id"])


def _words() -> None:
    op.create_table(
        "journal_entries",
        _id(),
        _reference("patient_id"),
        _reference("session_id", nullable=True),
        _instant("begun_at"),
        *_keys("journal_entries", ("patient_id", "patients"), ("session_id", "dosing_sessions")),
    )
    op.create_index("ix_journal_entries_patient_id", "journal_entries", ["patient_id"])
    op.create_index("ix_journal_entries_session_id", "journal_entries", ["session_id"])
    op.create_table(
        "journal_versions",
        _id(),
        _reference("entry_id"),
        _reference("patient_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edit", sa.Integer(), nullable=False),
        _sealed("body"),
        _instant("saved_at"),
        _instant("shared_at", nullable=True),
        *_keys("journal_versions", ("entry_id", "journal_entries"), ("patient_id", "patients")),
        sa.UniqueConstraint("entry_id", "version", name="uq_journal_versions_entry_id_version"),
    )
    op.create_index("ix_journal_versions_entry_id", "journal_versions", ["entry_id"])
    op.execute(SHARED_IS_FIXED[op.get_context().dialect.name])
    op.create_table(
        "measure_responses",
        _id(),
        _reference("patient_id"),
        sa.Column("instrument", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        _sealed("answers"),
        sa.Column("version", sa.Integer(), nullable=False),
        _instant("begun_at"),
        _instant("saved_at"),
        _instant("completed_at", nullable=True),
        *_keys("measure_responses", ("patient_id", "patients")),
    )
    op.create_index("ix_measure_responses_patient_id", "measure_responses", ["patient_id"])


def downgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("account_id")
        outbox.alter_column("link_version", existing_type=sa.Integer(), nullable=False)
        outbox.alter_column("encounter_id", existing_type=sa.String(length=64), nullable=False)
    for table in (
        "measure_responses",
        "journal_versions",
        "journal_entries",
        "holds",
        "dosing_sessions",
        "care_plans",
        "home_codes",
        "home_devices",
        "home_links",
    ):
        op.drop_table(table)
