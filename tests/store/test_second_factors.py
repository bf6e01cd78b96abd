"""The database holds nothing a code could be made from, and takes no code twice."""

import pytest
from sqlalchemy import text

from server.services import second_factor, totp
from server.store import second_factors, sessions, sign_in_steps
from server.store.database import ConstraintBroken, Database
from server.store.sealing import SealBroken
from tests.clocks import StoppedClock
from tests.databases import Databases
from tests.people import Cast

pytestmark = pytest.mark.both_databases


async def test_no_secret_cookie_or_recovery_code_is_in_the_file(
    database: Database, databases: Databases, database_url: str, cast: Cast, clock: StoppedClock
) -> None:
    confirmed, shown, cookie = totp.new_secret(), totp.new_secret(), sessions.new_cookie()
    async with database.write() as tx:
        await second_factors.put(tx, cast.ada, secret=confirmed, step=7, now=clock.now())
        codes = await second_factor.new_codes(tx, account_id=cast.ada, now=clock.now())
        await sign_in_steps.begin(
            tx,
            account_id=cast.petra,
            cookie=cookie,
            stage=sign_in_steps.SET_UP,
            secret=shown,
            ends_at=clock.now() + second_factor.SET_UP_LIVES,
            now=clock.now(),
        )
    async with database.read() as tx:
        factor = await second_factors.of_account(tx, cast.ada)
        step = await sign_in_steps.living(tx, cookie, clock.now())
    assert factor is not None and factor.secret == confirmed
    assert step is not None and step.secret == shown
    stored = databases.bytes_of(database_url)
    assert b"second_factors" in stored, "the file read is the one written"
    secrets = [confirmed, shown, cookie, *codes, *(totp.plain(code) for code in codes)]
    secrets += [secret.lower() for secret in (confirmed, shown)]
    assert [secret for secret in secrets if secret.encode() in stored] == []


async def test_a_secret_moved_to_another_account_does_not_open(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    """Whoever can write to the table still cannot make somebody's account take the codes of their own phone."""
    async with database.write() as tx:
        await second_factors.put(tx, cast.ada, secret=totp.new_secret(), step=7, now=clock.now())
        await tx.run(
            text("UPDATE second_factors SET account_id = :to WHERE account_id = :of"),
            to=cast.petra,
            of=cast.ada,
        )
    async with database.read() as tx:
        with pytest.raises(SealBroken):
            await second_factors.of_account(tx, cast.petra)


async def test_a_step_is_taken_once_and_none_before_it_afterwards(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        await second_factors.put(tx, cast.ada, secret=totp.new_secret(), step=7, now=clock.now())
        taken = [await second_factors.use_step(tx, cast.ada, step) for step in (7, 8, 8, 7, 10, 9)]
        nobodys = await second_factors.use_step(tx, cast.petra, 8)
    assert taken == [False, True, False, False, True, False]
    assert not nobodys


async def test_a_recovery_code_is_taken_once_and_from_its_owner_only(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    now = clock.now()
    async with database.write() as tx:
        for account_id in (cast.ada, cast.petra):
            await second_factors.put(tx, account_id, secret=totp.new_secret(), step=7, now=now)
            await second_factors.set_codes(tx, account_id, [f"{account_id} one", f"{account_id} two"])
        mine = f"{cast.ada} one"
        taken = [
            await second_factors.use_code(tx, account_id, mine, now)
            for account_id in (cast.petra, cast.ada, cast.ada)
        ]
        left = [await second_factors.codes_left(tx, account_id) for account_id in (cast.petra, cast.ada)]
    assert taken == [False, True, False]
    assert left == [2, 1]


async def test_an_account_has_one_phone_at_a_time(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        for secret in ("A" * 32, "B" * 32):
            await second_factors.put(tx, cast.ada, secret=secret, step=7, now=clock.now())
        factor = await second_factors.of_account(tx, cast.ada)
    assert factor is not None and factor.secret == "B" * 32
    with pytest.raises(ConstraintBroken):
        async with database.write() as tx:
            await tx.run(
                text(
                    "INSERT INTO second_factors (id, account_id, secret, confirmed_at, last_step)"
                    " SELECT 'another', account_id, secret, confirmed_at, last_step FROM second_factors"
                )
            )
