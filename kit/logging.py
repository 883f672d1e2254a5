"""Logging of every process: one line a record, personal data masked."""

import logging
import logging.config

from kit.security import mask_personal_data


class MaskingFormatter(logging.Formatter):
    """Masks after formatting, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_personal_data(super().format(record))


def configure_logging(level: str) -> None:
    """Sends everything to standard error. Loggers that write down what customers say stay quiet at every level."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {"()": MaskingFormatter, "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                "uvicorn": {"level": level},
                "uvicorn.access": {"level": "WARNING"},
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "aiosqlite": {"level": "WARNING"},
                "sanic.access": {"level": "WARNING"},
                # Its debug lines hold the bot's token; the limiter's errors are the outbox's to report.
                "telegram": {"level": "WARNING"},
                "telegram.ext.AIORateLimiter": {"level": "CRITICAL"},
            },
        }
    )
