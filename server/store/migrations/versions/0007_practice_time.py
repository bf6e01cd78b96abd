"""Visit types with horizon, cut-off and Spanish words; languages, licences, absences and busy feeds; patients' state."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.String(length=64)


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _filled(name: str, kind: Any, value: Any) -> sa.Column[Any]:
    """A column for rows that are there already."""
    return sa.Column(name, kind, nullable=False, server_default=value)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def upgrade() -> None:
    for column in (
        _column("horizon_minutes", sa.Integer(), nullable=True),
        _filled("cut_off_minutes", sa.Integer(), "720"),
        _filled("public", sa.Boolean(), sa.false()),
        _filled("name_es", sa.String(length=100), ""),
        _filled("preparation_es", sa.Text(), ""),
        _column("retired_at", sa.DateTime(), nullable=True),
    ):
        op.add_column("visit_types", column)
    op.add_column("patients", _column("state", sa.String(length=8), nullable=True))
    op.add_column("patients", _column("interpreter_language", sa.String(length=16), nullable=True))
    op.add_column("tasks", _column("subject_id", ID, nullable=True))
    op.create_index("ix_tasks_subject_id", "tasks", ["subject_id"])
    _holders_and_languages()
    _licences()
    _absences()
    _busy()
    _speak_english()


def _holders_and_languages() -> None:
    op.create_table(
        "visit_type_holders",
        _column("id", ID),
        _column("visit_type", ID),
        _column("practitioner_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_visit_type_holders"),
        _refers("visit_type_holders", "visit_type", "visit_types"),
        _refers("visit_type_holders", "practitioner_id", "practitioners"),
        sa.UniqueConstraint(
            "visit_type", "practitioner_id", name="uq_visit_type_holders_visit_type_practitioner_id"
        ),
    )
    op.create_index("ix_visit_type_holders_visit_type", "visit_type_holders", ["visit_type"])
    op.create_table(
        "practitioner_languages",
        _column("id", ID),
        _column("practitioner_id", ID),
        _column("language", sa.String(length=16)),
        sa.PrimaryKeyConstraint("id", name="pk_practitioner_languages"),
        _refers("practitioner_languages", "practitioner_id", "practitioners"),
        sa.UniqueConstraint(
            "practitioner_id", "language", name="uq_practitioner_languages_practitioner_id_language"
        ),
    )
    op.create_index("ix_practitioner_languages_practitioner_id", "practitioner_languages", ["practitioner_id"])


def _licences() -> None:
    op.create_table(
        "licences",
        _column("id", ID),
        _column("practitioner_id", ID),
        _column("state", sa.String(length=8)),
        _column("number", sa.String(length=60)),
        _column("first_on", sa.Date()),
        _column("last_on", sa.Date(), nullable=True),
        _column("warned_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_licences"),
        _refers("licences", "practitioner_id", "practitioners"),
    )
    op.create_index("ix_licences_practitioner_id", "licences", ["practitioner_id"])


def _absences() -> None:
    op.create_table(
        "absences",
        _column("id", ID),
        _column("practitioner_id", ID, nullable=True),
        _column("starts", sa.DateTime()),
        _column("ends", sa.DateTime()),
        _column("time_zone", sa.String(length=64)),
        _column("reason", sa.String(length=200)),
        _column("created_by", ID),
        _column("created_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
        _refers("absences", "practitioner_id", "practitioners"),
        _refers("absences", "created_by", "accounts"),
    )
    op.create_index("ix_absences_practitioner_id", "absences", ["practitioner_id"])


def _busy() -> None:
    op.create_table(
        "busy_feeds",
        _column("id", ID),
        _column("practitioner_id", ID),
        _column("url", sa.LargeBinary()),
        _column("tried_at", sa.DateTime(), nullable=True),
        _column("fetched_at", sa.DateTime(), nullable=True),
        _column("problem", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_busy_feeds"),
        _refers("busy_feeds", "practitioner_id", "practitioners"),
        sa.UniqueConstraint("practitioner_id", name="uq_busy_feeds_practitioner_id"),
    )
    op.create_index("ix_busy_feeds_practitioner_id", "busy_feeds", ["practitioner_id"])
    op.create_table(
        "busy_times",
        _column("id", ID),
        _column("practitioner_id", ID),
        _column("starts_at", sa.DateTime()),
        _column("ends_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_busy_times"),
        _refers("busy_times", "practitioner_id", "practitioners"),
    )
    op.create_index("ix_busy_times_practitioner_id", "busy_times", ["practitioner_id"])


def _speak_english() -> None:
    """Everybody who is here already is taken to speak English, as they were until now."""
    known = op.get_bind().execute(sa.text("SELECT id FROM practitioners")).scalars().all()
    for practitioner_id in known:
        row = {"id": f"en-{practitioner_id}"[:64], "practitioner_id": practitioner_id, "language": "en"}
        op.bulk_insert(sa.table("practitioner_languages", *(sa.column(name) for name in row)), [row])


def downgrade() -> None:
    for table in (
        *("busy_times", "busy_feeds", "absences", "licences"),
        *("practitioner_languages", "visit_type_holders"),
    ):
        op.drop_table(table)
    op.drop_index("ix_tasks_subject_id", "tasks")
    op.drop_column("tasks", "subject_id")
    for column in ("interpreter_language", "state"):
        op.drop_column("patients", column)
    for column in ("retired_at", "preparation_es", "name_es", "public", "cut_off_minutes", "horizon_minutes"):
        op.drop_column("visit_types", column)
