"""Choosing a password through a link that works once.

Nothing is stored: the token is bound to the password there is now, so choosing one ends every link made before.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from server.services import accounts
from server.services.accounts import Account, NoSuchAccount
from server.store import accounts as store
from server.store import audit
from server.store.database import Tx

LIVES = timedelta(hours=48)


class PasswordLinkSpent(Exception):
    """The link was used, is too old, or was never ours."""


async def make(tx: Tx, *, account_id: str, by: str, now: datetime) -> str:
    """The token of a link for the account's owner. Raises NoSuchAccount."""
    account = await store.by_id(tx, account_id)
    if account is None:
        raise NoSuchAccount(account_id)
    ends = int((now + LIVES).timestamp())
    await audit.append(
        tx,
        actor=by,
        action="password-link-made",
        object_kind="account",
        object_id=account_id,
        patient_id=None,
        now=now,
    )
    return f"{account_id}-{ends}-{_mac(tx, account_id, ends, account.password_hash)}"


async def owner(tx: Tx, token: str, *, now: datetime) -> Account:
    """Whose password may be chosen with this token. Raises PasswordLinkSpent."""
    account_id, _, rest = token.partition("-")
    ends_text, _, mac = rest.partition("-")
    ends = int(ends_text) if ends_text.isascii() and ends_text.isdigit() and len(ends_text) < 12 else 0
    row = await store.by_id(tx, account_id)
    expected = _mac(tx, account_id, ends, row.password_hash if row is not None else None)
    if not hmac.compare_digest(mac.encode(), expected.encode()) or datetime.fromtimestamp(ends, UTC) <= now:
        raise PasswordLinkSpent
    if row is None or row.disabled_at is not None:
        raise PasswordLinkSpent
    # A restored database knows nothing of the links that were used since its backup was made.
    restored = await audit.last_restored(tx)
    if restored is not None and datetime.fromtimestamp(ends, UTC) - LIVES <= restored:
        raise PasswordLinkSpent
    return await accounts.get(tx, account_id)


def _mac(tx: Tx, account_id: str, ends: int, known_hash: str | None) -> str:
    message = f"{account_id}|{ends}|{known_hash or ''}".encode()
    return hmac.new(tx.keyring.key_for("password-link"), message, hashlib.sha256).hexdigest()
