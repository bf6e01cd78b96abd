"""Ask the clinic: what a patient and the clinic write to each other between visits."""

from sqlalchemy import Column, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

thread_entries = Table(
    "thread_entries",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    # "practical" or "clinical": which side answers it, and who may read it.
    Column("about", String(20), nullable=False, index=True),
    # "words", or what was done with a question: "to-clinician", "to-desk", "closed".
    Column("kind", String(20), nullable=False),
    # "patient" or "clinic"; the account only when staff wrote it.
    Column("sender", String(20), nullable=False),
    reference("account_id", "accounts", nullable=True, index=False),
    sealed("text"),
    # Of the form it was sent with and its words: sent twice it is kept once.
    Column("sending", String(64), nullable=False),
    instant("sent_at"),
    # Of a patient's message: when it was answered, or closed without an answer.
    instant("settled_at", nullable=True, index=True),
    # When the other side first had it before them, and who.
    instant("read_at", nullable=True),
    Column("read_by", String(64), nullable=True),
    UniqueConstraint("patient_id", "sending"),
)
