"""`python -m bot.server` (Python 3.10) runs the Rasa server with the newest model, on loopback."""

import logging
import os
from urllib.parse import urlsplit

import rasa
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog

from bot.server.forms import ask_again
from bot.server.shortcuts import take_shortcuts

if __name__ == "__main__":
    # At debug level Rasa writes down all that customers say.
    level = max(logging.getLevelName(os.environ.get("XIAOHE_LOG_LEVEL", "INFO")), logging.INFO)
    configure_logging_and_warnings(level, warn_only_once=True, filter_repeated_logs=True)
    configure_structlog(level)
    take_shortcuts()
    ask_again()
    address = urlsplit(os.environ["XIAOHE_RASA_URL"])
    rasa.run(
        model=os.environ.get("XIAOHE_RASA_MODEL", "models/rasa"),
        endpoints="endpoints.yml",
        credentials="credentials.yml",
        enable_api=True,
        auth_token=os.environ["XIAOHE_RASA_TOKEN"],  # not on a command line, where everybody could read it
        interface=address.hostname,
        port=address.port,
    )
