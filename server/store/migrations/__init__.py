"""The schema's history. `migrate(url)` brings a database to the newest revision, from nothing or from any older one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from server.store.unusable import Unusable

HERE = Path(__file__).parent


class SchemaUnknown(Unusable):
    """The database's schema is none that this version knows, so a newer version made it."""


def migrate(url: str) -> None:
    """Blocking; runs at start before anything else opens the database. `url` names an async driver.

    Raises SchemaUnknown.
    """
    config = _config()
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except CommandError as problem:
        raise SchemaUnknown(
            "this database was made by a newer version of Bedside. Install that version, or a newer one, and try again"
        ) from problem


def newest() -> str:
    """The revision `migrate` leads to."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def knows(revision: str) -> bool:
    """Whether `migrate` can bring a database of this revision to the newest one."""
    try:
        ScriptDirectory.from_config(_config()).get_revision(revision)
    except CommandError:
        return False
    return True


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config
