"""Clinical and identifying text is stored sealed, and a seal opens in the one place it was made for."""

import pytest
from sqlalchemy import text, update

from server.services import patients
from server.store import sealing
from server.store.database import Database
from server.store.sealing import SealBroken
from server.store.tables.patients import patients as table
from tests.people import MIRA_BORN, Cast

KEY = bytes(range(32))
HERE = sealing.place(table="patients", column="name", row_id="r1", patient_id="p1")


def test_what_was_sealed_opens_again() -> None:
    assert sealing.unseal(KEY, sealing.seal(KEY, "Mira Lindqvíst", HERE), HERE) == "Mira Lindqvíst"


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert sealing.seal(KEY, "Mira", HERE) != sealing.seal(KEY, "Mira", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        sealing.place(table="messages", column="name", row_id="r1", patient_id="p1"),
        sealing.place(table="patients", column="email", row_id="r1", patient_id="p1"),
        sealing.place(table="patients", column="name", row_id="r2", patient_id="p1"),
        sealing.place(table="patients", column="name", row_id="r1", patient_id="p2"),
    ],
    ids=["another table", "another column", "another row", "another patient"],
)
def test_a_seal_does_not_open_elsewhere(elsewhere: bytes) -> None:
    with pytest.raises(SealBroken):
        sealing.unseal(KEY, sealing.seal(KEY, "Mira", HERE), elsewhere)


def test_a_seal_does_not_open_with_another_key() -> None:
    with pytest.raises(SealBroken):
        sealing.unseal(bytes(32), sealing.seal(KEY, "Mira", HERE), HERE)


@pytest.mark.parametrize("position", [0, 1, 12, 13, -1])
def test_a_changed_byte_is_noticed(position: int) -> None:
    sealed = bytearray(sealing.seal(KEY, "Mira", HERE))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        sealing.unseal(KEY, bytes(sealed), HERE)


async def test_a_patient_comes_back_as_registered(database: Database, cast: Cast) -> None:
    async with database.read() as tx:
        mira = await patients.by_id(tx, cast.mira)
    assert (mira.name, mira.date_of_birth, mira.email) == ("Mira Lindqvist", MIRA_BORN, "mira@example.org")


async def test_a_name_moved_to_another_patients_row_does_not_open(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        row = await tx.one(text("SELECT name FROM patients WHERE id = :id"), id=cast.mira)
        assert row is not None
        await tx.run(update(table).where(table.c.id == cast.tomas).values(name=row.name))
    async with database.read() as tx:
        with pytest.raises(SealBroken):
            await patients.by_id(tx, cast.tomas)


async def test_a_patient_whose_key_is_gone_cannot_be_opened(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with database.write() as tx:
        await tx.run(text("DELETE FROM patient_keys WHERE id = :id"), id=cast.mira)
    from tests.conftest import MASTER_KEY

    reopened = await Database.open(database_url, MASTER_KEY)
    try:
        async with reopened.read() as tx:
            with pytest.raises(SealBroken):
                await patients.by_id(tx, cast.mira)
            assert (await patients.by_id(tx, cast.tomas)).name == "Tomas Brandt"
    finally:
        await reopened.close()
