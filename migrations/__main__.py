"""`python -m migrations` brings the database to the newest version; `rotate-key` encrypts it by the newest key."""

import asyncio
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from desk.second_factor.service import SecondFactors
from kit.database import Database
from kit.encrypted import rotate_key
from kit.settings import DEMO_ENV, Settings
from kit.vault import Vault
from migrations.metadata import METADATA


def make_config(database_url: str, vault: Vault) -> Config:
    """Alembic's settings, without a file of its own; what is to be encrypted is by the vault."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes |= {"database_url": database_url, "vault": vault}
    return config


async def rotate(settings: Settings) -> None:
    """Encrypts by the first of XIAOHE_VAULT_KEYS what the others encrypted; after that they are not needed."""
    database = Database(settings.database_url, vault := settings.open_vault())
    try:
        async for column, count in rotate_key(database, METADATA):
            print(f"{column:32}{count:>8}")
        print(f"{'second_factors.secret':32}{await SecondFactors(database, vault).encrypt_anew():>8}")
    finally:
        await database.close()


if __name__ == "__main__":
    settings = Settings(_env_file=DEMO_ENV)  # of a demo on this machine
    if sys.argv[1:] == ["rotate-key"]:
        asyncio.run(rotate(settings))
        sys.exit()
    try:
        command.upgrade(make_config(settings.database_url, settings.open_vault()), "head")
    except CommandError as error:  # a revision that is not among ours
        sys.exit(f"{error}. The database was made by other code than this; begin with a new one.")
