"""`python -m privacy …`: what the data officer does: find, export, erase, hold, check the ledger, run the retention."""

import sys

from kit.logging import configure_logging
from kit.settings import DEMO_ENV, Settings
from privacy import command

if __name__ == "__main__":
    settings = Settings(_env_file=DEMO_ENV)  # of a demo on this machine
    configure_logging(settings.log_level)
    sys.exit(command.run(sys.argv[1:], settings))
