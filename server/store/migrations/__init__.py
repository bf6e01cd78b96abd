"""The schema's history. `migrate(url)` brings a database to the newest revision, from nothing or from any older one."""

from pathlib import Path

from alembic import command
from alembic.config import Config

HERE = Path(__file__).parent


def migrate(url: str) -> None:
    """Blocking; runs at start before anything else opens the database. `url` names an async driver."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url
    command.upgrade(config, "head")
