"""`python -m bot.server` (Python 3.10) runs the Rasa server with the newest model, on loopback."""

import logging
import os
from urllib.parse import urlsplit

import rasa
from threadpoolctl import threadpool_limits

from bot.server.app import replace_app
from bot.server.forms import ask_again
from bot.server.logs import configure_logging
from bot.server.request_length import refuse_negative_lengths
from bot.server.shortcuts import take_shortcuts

if __name__ == "__main__":
    configure_logging(logging.getLevelName(os.environ.get("XIAOHE_LOG_LEVEL", "INFO")))
    # A message is one row times a small matrix: a second thread would only spin while it waits.
    threadpool_limits(1)
    take_shortcuts()
    ask_again()
    replace_app()
    refuse_negative_lengths()
    address = urlsplit(os.environ["XIAOHE_RASA_URL"])
    rasa.run(
        model=os.environ.get("XIAOHE_RASA_MODEL", "models/rasa"),
        endpoints="endpoints.yml",
        credentials="credentials.yml",
        enable_api=False,
        interface=address.hostname,
        port=address.port,
    )
