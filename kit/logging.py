"""Logging of every process: one line a record, personal data masked, and the request it was written for."""

import logging
import logging.config
import re
from contextvars import ContextVar

from kit.masking import mask_personal_data

REQUEST_ID_HEADER = "X-Request-ID"
# Telegram's debug lines contain the bot's token.
QUIET = ("uvicorn.access", "httpx", "httpcore", "aiosqlite", "sanic.access", "telegram")
_PLACE = "[request]"
# What a request asks for beside its path may open a page or name a customer.
_QUERY = re.compile(r"(?<=[\w/.-])\?[^\s\"'<>]*=[^\s\"'<>]*")
_REQUEST_ID = re.compile(r"[0-9A-Za-z._/-]{1,100}")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def set_request_id(conversation_id: str, message_id: int | str) -> None:
    """Sets the ids that the task's log lines and its calls to other processes carry from now on."""
    request_id.set(f"{conversation_id}/{message_id}")


def read_request_id(header: str | None) -> str:
    """The caller's request id; empty if there is none, or one that is unsafe in a log line."""
    return header if header and _REQUEST_ID.fullmatch(header) else ""


class MaskingFormatter(logging.Formatter):
    """Masks after formatting, so that arguments and tracebacks are covered too; the request id is put in afterwards.

    Personal data, secrets and the query strings of addresses are hidden.
    """

    def format(self, record: logging.LogRecord) -> str:
        # Some of our ids hold as many digits in a row as a phone number: masked, they could not be searched for.
        line = _QUERY.sub("?…", super().format(record))
        return mask_personal_data(line).replace(_PLACE, f"[{request_id.get() or '-'}]", 1)


def configure_logging(level: str) -> None:
    """Logs to standard error. Loggers that would log what customers write stay off at every level."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {"()": MaskingFormatter, "format": f"%(asctime)s %(levelname)s %(name)s {_PLACE} %(message)s"}
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                "uvicorn": {"level": level},
                **{name: {"level": "WARNING"} for name in QUIET},
                # Its errors are reported by the outbox.
                "telegram.ext.AIORateLimiter": {"level": "CRITICAL"},
            },
        }
    )
