"""What is final stays: triggers that refuse to change, delete or replace such rows, whatever statement is sent.

SQLite's `INSERT OR REPLACE` deletes without asking the triggers on deletion, so it is stopped where it inserts.
PostgreSQL has no such thing: there a second row is refused as such, and `ON CONFLICT … DO UPDATE` is a change like any
other. What it has is TRUNCATE, which asks no row.
"""

import re

from sqlalchemy import DDL, Table, event

from server.store.tables.columns import metadata

# The trigger's argument is the reason, which is given as a constraint's name as well: so it can be read without the
# values that the database says beside it.
REFUSE = """
CREATE FUNCTION bedside_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_ARGV[0], CONSTRAINT = TG_ARGV[0];
END $$
"""


def guard(table: Table, name: str, statement: str) -> None:
    """One trigger more on `table`: `BEFORE … WHEN …`, refused with the trigger's own name.

    The condition is of OLD and NEW alone, in words both databases know.
    """
    on_sqlite(table, f"CREATE TRIGGER {name} {statement}\nBEGIN SELECT RAISE(ABORT, '{name}'); END")
    on_postgresql(table, refusing(name, statement))


def stays(table: Table, name: str, *, final: str = "1", same: str = "other.id = NEW.id") -> None:
    """Rows for which `final` holds are neither deleted nor replaced; `same` says which row an insert would replace."""
    old = final if final == "1" else f"OLD.{final}"
    guard(table, f"{name}_stays", f"BEFORE DELETE ON {table.name} WHEN {old}")
    final = final if final == "1" else f"other.{final}"
    there = f"SELECT 1 FROM {table.name} AS other WHERE ({same}) AND {final}"  # noqa: S608 -- our own names
    replaced = f"{name}_is_not_replaced"
    on_sqlite(
        table,
        f"CREATE TRIGGER {replaced} BEFORE INSERT ON {table.name}\nWHEN EXISTS ({there})\n"
        f"BEGIN SELECT RAISE(ABORT, '{replaced}'); END",
    )
    on_postgresql(table, refusing(f"{name}_is_not_emptied", f"BEFORE TRUNCATE ON {table.name}"))


def refusing(name: str, statement: str, *, reason: str = "") -> str:
    """PostgreSQL's trigger for `BEFORE … WHEN …`."""
    before, *when = re.split(r"\s+WHEN\s+", statement, maxsplit=1)
    each = "STATEMENT" if before.startswith("BEFORE TRUNCATE") else "ROW"
    condition = f" WHEN ({when[0]})" if when and when[0] != "1" else ""
    called = f"EXECUTE FUNCTION bedside_refuse('{reason or name}')"
    return f"CREATE TRIGGER {name} {before} FOR EACH {each}{condition} {called}"


def on_sqlite(owner: Table, statement: str) -> None:
    event.listen(owner, "after_create", DDL(statement).execute_if(dialect="sqlite"))


def on_postgresql(owner: Table, statement: str) -> None:
    event.listen(owner, "after_create", DDL(statement).execute_if(dialect="postgresql"))


event.listen(metadata, "before_create", DDL(REFUSE).execute_if(dialect="postgresql"))
