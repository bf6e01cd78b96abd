"""Patients: sealed rows, found through keyed hashes of name prefixes, e-mail address and phone number."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, func, select, update

from server.store import rows
from server.store.database import Tx
from server.store.ids import new_id
from server.store.sealing import keyed_hash
from server.store.tables.patients import patient_search, patients

SHORTEST_PREFIX = 2
LONGEST_PREFIX = 12


def words_of(text: str) -> list[str]:
    """Lower-case words without accents, so that "Lindqvíst" is found by "lindqvist"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))


def search_terms(*, name: str, email: str | None, phone: str | None) -> set[str]:
    """Every prefix of every word of the name, the address, and the number's digits."""
    terms = {
        word[:length]
        for word in words_of(name)
        for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1)
    }
    if email:
        terms.add(email.casefold())
    end = end_of_number(phone or "")
    return terms | ({end} if end else set())


def end_of_number(phone: str) -> str:
    """What numbers are found by: the last seven digits, "" of a shorter one."""
    digits = re.sub(r"\D", "", phone)
    return digits[-7:] if len(digits) >= 7 else ""


async def insert(tx: Tx, values: dict[str, Any]) -> None:
    """`values` in the clear; makes the patient's key first."""
    await tx.keyring.create_patient_key(tx, values["id"])
    await tx.run(patients.insert().values(**await rows.seal_row(tx, patients, values)))
    await _index(tx, values)


async def change(tx: Tx, values: dict[str, Any]) -> None:
    sealed = await rows.seal_row(tx, patients, values)
    await tx.run(update(patients).where(patients.c.id == values["id"]).values(**sealed))
    await tx.run(delete(patient_search).where(patient_search.c.patient_id == values["id"]))
    await _index(tx, values)


async def _index(tx: Tx, values: dict[str, Any]) -> None:
    key = tx.keyring.key_for("search")
    terms = search_terms(name=values["name"], email=values["email"], phone=values["phone"])
    tokens = [{"id": new_id(), "patient_id": values["id"], "token": keyed_hash(key, term)} for term in terms]
    await tx.run_each(patient_search.insert(), tokens)


async def by_id(tx: Tx, patient_id: str) -> dict[str, Any] | None:
    row = await tx.one(select(patients).where(patients.c.id == patient_id))
    return None if row is None else await rows.open_row(tx, patients, row)


async def by_ids(tx: Tx, patient_ids: Collection[str]) -> list[dict[str, Any]]:
    """In no order; those there are."""
    found = await tx.all(select(patients).where(patients.c.id.in_(patient_ids)))
    return [await rows.open_row(tx, patients, row) for row in found]


async def search(tx: Tx, text: str, *, limit: int | None = 8) -> list[dict[str, Any]]:
    """Patients who match every word typed (names by prefix; an e-mail address or phone number whole)."""
    key = tx.keyring.key_for("search")
    wanted = [keyed_hash(key, term) for term in _asked(text)]
    if not wanted:
        return []
    matching = (
        select(patient_search.c.patient_id)
        .where(patient_search.c.token.in_(wanted))
        .group_by(patient_search.c.patient_id)
        .having(func.count() == len(set(wanted)))
    )
    found = await tx.all(select(patients).where(patients.c.id.in_(matching)).limit(limit))
    return sorted(
        [await rows.open_row(tx, patients, row) for row in found], key=lambda p: p["name"].casefold()
    )


def _asked(text: str) -> Iterable[str]:
    if "@" in text:
        return {text.strip().casefold()}
    if end := end_of_number(text):
        return {end}
    return {word[:LONGEST_PREFIX] for word in words_of(text) if len(word) >= SHORTEST_PREFIX}
