"""What keeps a database from being used: at the start, in a sentence that says what to do; later, until it is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asyncpg import exceptions as refused
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from server.store.unusable import Unusable

# The oldest that is still looked after.
OLDEST = 15
CONTRIB = "the server has no btree_gist: install PostgreSQL's contrib modules (Debian has them in the server's package)"


class NotReached(Unusable):
    """The server does not answer, or not to us, or is no server for us."""


class RecordsOutOfReach(Unusable):
    """The database is away, full, or busy for longer than anybody waits. It may be over in a moment, and nothing has to
    be started anew for it; the text is the database's own and for the log."""


# What our drivers raise themselves while connecting; SQLAlchemy passes it on as it is.
FROM_CONNECTING = (refused.PostgresError, refused.InterfaceError, NoConnection, OSError)
# SQLITE_BUSY, LOCKED, IOERR, FULL, CANTOPEN and PROTOCOL.
SQLITE_AWAY = frozenset({5, 6, 10, 13, 14, 15})
POSTGRESQL_AWAY = (
    refused.PostgresConnectionError,
    refused.OperatorInterventionError,
    refused.InsufficientResourcesError,
    refused.LockNotAvailableError,
    refused.IdleInTransactionSessionTimeoutError,
)


@contextmanager
def connecting() -> Iterator[None]:
    """Around nothing but asking for a connection. Raises RecordsOutOfReach."""
    try:
        yield
    except FROM_CONNECTING as problem:
        raise RecordsOutOfReach(_reason(problem)) from problem


@contextmanager
def transacting() -> Iterator[None]:
    """Around a whole transaction. Raises RecordsOutOfReach; a statement that is wrong stays the bug it is."""
    try:
        yield
    except DBAPIError as problem:
        if not _is_away(problem):
            raise
        raise RecordsOutOfReach(_reason(_said(problem))) from problem


def _is_away(problem: DBAPIError) -> bool:
    said = _said(problem)
    code = getattr(said, "sqlite_errorcode", 0)
    # The lower byte; the upper ones say which kind of it.
    return problem.connection_invalidated or isinstance(said, POSTGRESQL_AWAY) or code & 0xFF in SQLITE_AWAY


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Around the first statements to a database. Raises NotReached; what has nothing to do with it passes as it is."""
    try:
        yield
    except (*FROM_CONNECTING, DBAPIError, RecordsOutOfReach) as problem:
        sentence = _sentence(_said(problem), make_url(url))
        if sentence is None:
            raise
        raise NotReached(f"{sentence} (database.url)") from None


def _said(problem: BaseException) -> BaseException:
    """What the driver said, from within what it was wrapped into."""
    if isinstance(problem, RecordsOutOfReach) and problem.__cause__ is not None:
        return _said(problem.__cause__)
    orig = getattr(problem, "orig", None)
    return (orig.__cause__ or orig) if orig is not None else problem


def _sentence(said: BaseException, url: URL) -> str | None:
    host = url.query.get("host") or url.host
    where = f"the database server at {host}" + (f":{url.port}" if url.port else "")
    match said:
        case refused.InvalidPasswordError() | refused.InvalidAuthorizationSpecificationError():
            return f"{where} does not let {url.username} in: is BEDSIDE_DATABASE_PASSWORD right?"
        case refused.InvalidCatalogNameError():
            make = f"createdb -O {url.username} {url.database}"
            return f"there is no database {url.database} at {host}: make it with {make}"
        case refused.InsufficientPrivilegeError():
            return f"{url.username} may not make tables in the database {url.database}: let it be the database's owner"
        case refused.FeatureNotSupportedError() | refused.UndefinedFileError() if "extension" in str(
            said.args[0]
        ):
            return CONTRIB
        case refused.TooManyConnectionsError():
            return f"{where} takes no more connections: Bedside needs six of its max_connections"
        case OSError() | refused.CannotConnectNowError() | refused.ConnectionDoesNotExistError():
            return f"{where} does not answer ({_reason(said)}): is it running?"
        case _:
            return None


def _reason(said: BaseException) -> str:
    return getattr(said, "strerror", None) or str(said) or type(said).__name__


def check_server(connection: Any) -> None:
    """Raises NotReached for one that is too old, or keeps text in another encoding than all we write."""
    version, settings = connection.get_server_version(), connection.get_settings()
    if version.major < OLDEST:
        raise NotReached(
            f"the database server is PostgreSQL {version.major} and must be {OLDEST} or newer (database.url)"
        )
    if settings.server_encoding != "UTF8":
        raise NotReached(
            f"the database keeps its text as {settings.server_encoding} and must keep UTF8: make it with "
            "createdb -E UTF8 -T template0 (database.url)"
        )
