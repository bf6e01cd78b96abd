"""What is final stays: triggers that refuse to delete or replace such rows, whatever statement is sent.

`INSERT OR REPLACE` deletes without asking the triggers on deletion, so it is stopped where it inserts.
"""

from sqlalchemy import DDL, Table, event


def guard(table: Table, name: str, statement: str) -> None:
    """One trigger more on `table`: `BEFORE … WHEN …`, refused with the trigger's own name."""
    trigger = f"CREATE TRIGGER {name} {statement}\nBEGIN SELECT RAISE(ABORT, '{name}'); END"
    event.listen(table, "after_create", DDL(trigger).execute_if(dialect="sqlite"))


def stays(table: Table, name: str, *, final: str = "1", same: str = "other.id = NEW.id") -> None:
    """Rows for which `final` holds are neither deleted nor replaced; `same` says which row an insert would replace."""
    old = final if final == "1" else f"OLD.{final}"
    guard(table, f"{name}_stays", f"BEFORE DELETE ON {table.name} WHEN {old}")
    final = final if final == "1" else f"other.{final}"
    there = f"SELECT 1 FROM {table.name} AS other WHERE ({same}) AND {final}"  # noqa: S608 -- our own names
    guard(table, f"{name}_is_not_replaced", f"BEFORE INSERT ON {table.name}\nWHEN EXISTS ({there})")
