"""`python -m desk` runs the staff site; with a command it manages accounts (`python -m desk -h`)."""

import sys

from desk import command
from desk.settings import DeskSettings
from kit.logging import configure_logging
from kit.settings import DEMO_ENV
from kit.web import serve

if __name__ == "__main__":
    # Commands act on the demo of this machine, if there is one.
    settings = DeskSettings(_env_file=DEMO_ENV) if sys.argv[1:] else DeskSettings()
    configure_logging(settings.log_level)
    if sys.argv[1:]:
        sys.exit(command.run(sys.argv[1:], settings))
    from desk.app import create_app  # imports NiceGUI, which is slow and which commands do not need

    serve(create_app(settings), settings.desk_url, settings)
