"""The course of treatment (FHIR CarePlan): a plan, its four dated sessions, and the holds that stop it."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, UniqueConstraint, text

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

care_plans = Table(
    "care_plans",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    reference("practitioner_id", "practitioners", index=False),
    Column("status", String(20), nullable=False),
    reference("made_by", "accounts", index=False),
    instant("made_at"),
    Column("version", Integer, nullable=False),
)
# A patient has one course at a time.
Index(
    "uq_care_plans_one_active",
    care_plans.c.patient_id,
    unique=True,
    sqlite_where=text("status = 'active'"),
    postgresql_where=text("status = 'active'"),
)

dosing_sessions = Table(
    "dosing_sessions",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    reference("plan_id", "care_plans"),
    Column("number", Integer, nullable=False),
    # A day on the patient's own calendar.
    Column("planned_on", Date, nullable=False),
    instant("done_at", nullable=True),
    UniqueConstraint("plan_id", "number"),
)

holds = Table(
    "holds",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    Column("kind", String(30), nullable=False),
    # "patient" or an account's id.
    Column("opened_by", String(64), nullable=False),
    instant("opened_at"),
    # When the button was pressed, by the phone's word; earlier than `opened_at` when it was offline.
    instant("pressed_at"),
    # The page's own name for the press: the same press sent twice is one hold.
    Column("event_id", String(64), nullable=False, unique=True),
    # How much it weighs, where that is known: item 9's answer.
    sealed("level", nullable=True),
    sealed("words", nullable=True),
    instant("lifted_at", nullable=True),
    reference("lifted_by", "accounts", nullable=True, index=False),
    sealed("lift_reason", nullable=True),
)
