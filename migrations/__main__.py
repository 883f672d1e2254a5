"""`python -m migrations` brings the database to the newest version."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from kit.settings import Settings
from kit.vault import Vault


def make_config(database_url: str, vault: Vault) -> Config:
    """Alembic's settings, without a file of its own; what is to be encrypted is by the vault."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes |= {"database_url": database_url, "vault": vault}
    return config


if __name__ == "__main__":
    settings = Settings()
    command.upgrade(make_config(settings.database_url, settings.open_vault()), "head")
