"""The Rasa server's log, in the format of all other processes (kit/logging.py): each line has the request id."""

import logging
from contextvars import ContextVar

from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestFormatter(logging.Formatter):
    """Adds the request id to the record."""

    def format(self, record: logging.LogRecord) -> str:
        """The formatted line."""
        record.request_id = request_id.get()
        return super().format(record)


def configure_logging(level: int) -> None:
    """Sends everything to standard output; at debug level Rasa would write down all that customers say."""
    level = max(level, logging.INFO)
    configure_logging_and_warnings(level, warn_only_once=True, filter_repeated_logs=True)
    configure_structlog(level)
    logging.getLogger("bot").setLevel(level)  # loading the model raises the root level
    for handler in logging.getLogger().handlers:
        handler.setFormatter(RequestFormatter("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"))
