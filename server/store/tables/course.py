"""The course of treatment (FHIR CarePlan): a plan, its four dated sessions, and the holds that stop it."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, UniqueConstraint, text

from server.store.tables.columns import id_column, instant, metadata, reference, sealed
from server.store.tables.guards import guard, stays

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
    # When it was completed or ended; by whom and why, when a clinician ended it.
    instant("ended_at", nullable=True),
    reference("ended_by", "accounts", nullable=True, index=False),
    sealed("end_reason", nullable=True),
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
    # How much it weighs, where that is known: item 9's answer.
    sealed("level", nullable=True),
    # Of whoever opened it; what the patient writes about a clinician's hold stands apart.
    sealed("words", nullable=True),
    sealed("reply", nullable=True),
    instant("lifted_at", nullable=True),
    reference("lifted_by", "accounts", nullable=True, index=False),
    sealed("lift_reason", nullable=True),
)
stays(holds, "hold")
guard(
    holds,
    "hold_is_fixed",
    "BEFORE UPDATE ON holds\n"
    "WHEN OLD.lifted_at IS NOT NULL OR NEW.patient_id <> OLD.patient_id OR NEW.kind <> OLD.kind\n"
    "  OR NEW.opened_by <> OLD.opened_by OR NEW.opened_at <> OLD.opened_at OR NEW.pressed_at <> OLD.pressed_at",
)

# Every time an alarm rang, the first one of a hold and those that found it open.
hold_events = Table(
    "hold_events",
    metadata,
    # A hash of the patient and the page's own name for the press: the same press sent again is this row.
    id_column(),
    reference("patient_id", "patients"),
    reference("hold_id", "holds"),
    instant("pressed_at"),
    instant("received_at"),
    sealed("level", nullable=True),
)
stays(hold_events, "hold_event")
guard(hold_events, "hold_event_is_fixed", "BEFORE UPDATE ON hold_events")
