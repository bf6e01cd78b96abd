"""A password and an authenticator app for one of the demo's people, who otherwise come through their own doors."""

from datetime import timedelta

import pyotp
from playwright.async_api import Page

from server.services import accounts
from server.services.passwords import HASHER
from server.store import accounts as accounts_store
from server.store import second_factors
from server.store.database import Database
from server.store.sealing import read_master_key
from server.web.clock import Clock
from tests.browser.conftest import Clinic


async def give_a_password(clinic: Clinic, email: str, password: str, *, phone: str | None = None) -> None:
    """As the machine's operator does it; ends every session. `phone` is the key of an app that is set up already."""
    key = read_master_key(clinic.data / "master.key")
    database = await Database.open(f"sqlite+aiosqlite:///{clinic.data / 'bedside.db'}", key)
    now = Clock().now()
    try:
        async with database.write() as tx:
            row = await accounts_store.by_email(tx, email)
            assert row is not None
            await accounts.set_password(
                tx, account_id=row.id, password_hash=HASHER.hash(password), by="system", now=now
            )
            if phone is not None:
                await second_factors.put(tx, row.id, secret=phone, step=0, now=now)
                await second_factors.keep_codes(tx, row.id, now)
    finally:
        await database.close()


def code_of(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or `later` seconds from now."""
    return pyotp.TOTP(secret).at(Clock().now() + timedelta(seconds=later))


async def shown_key(page: Page) -> str:
    """The key as a person would type it into an app."""
    return "".join(await page.locator(".letters span").all_inner_texts())
