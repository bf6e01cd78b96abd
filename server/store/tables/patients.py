"""Patients (FHIR Patient). Everything that names a person is sealed; finding goes through keyed hashes."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

patients = Table(
    "patients",
    metadata,
    id_column(),
    sealed("name"),
    sealed("date_of_birth"),
    sealed("email", nullable=True),
    sealed("phone", nullable=True),
    Column("time_zone", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    # Where they live, as licences write it ("AZ"); None: not known, so no licence is asked for.
    Column("state", String(8), nullable=True),
    # The language an interpreter is needed for; None: none is.
    Column("interpreter_language", String(16), nullable=True),
    # How they want our messages: "email", "sms" or "both".
    Column("reached_by", String(10), nullable=False, server_default="email"),
    instant("created_at"),
    Column("version", Integer, nullable=False),
)

patient_search = Table(
    "patient_search",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    # Keyed hash of a name token's prefix, an e-mail address or a phone number.
    Column("token", LargeBinary, nullable=False, index=True),
    UniqueConstraint("patient_id", "token"),
)
