"""`python -m migrations` brings the database to the newest version."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from kit.settings import Settings


def make_config(database_url: str) -> Config:
    """Alembic's settings, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database_url"] = database_url
    return config


if __name__ == "__main__":
    command.upgrade(make_config(Settings().database_url), "head")
