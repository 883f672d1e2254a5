"""What reaches the log: everything but personal data."""

import io
import logging
from collections.abc import Iterator

import pytest

from kit.logging import MaskingFormatter, configure_logging, read_request_id, request_id, set_request_id


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskingFormatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("tests.masked")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)
    logger.propagate = True


def test_a_phone_among_the_arguments_is_masked(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    logger.warning("customer %s wrote %r", "13812345678", {"id": "11010519491231002X"})
    assert stream.getvalue() == "WARNING customer 138****5678 wrote {'id': '110****002X'}\n"


def test_a_phone_in_a_traceback_is_masked(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    try:
        raise ValueError("no customer 13812345678")
    except ValueError:
        logger.exception("failed")
    assert "ValueError: no customer 138****5678" in stream.getvalue()
    assert "13812345678" not in stream.getvalue()


@pytest.fixture
def logging_of_old() -> Iterator[None]:
    """Puts the loggers back as pytest wants them."""
    names = (None, "uvicorn", "uvicorn.access", "httpx", "httpcore", "aiosqlite", "sanic.access")
    before = [(logging.getLogger(n), logging.getLogger(n).level, logging.getLogger(n).handlers[:]) for n in names]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.mark.usefixtures("logging_of_old")
@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_a_process_logs_masked_lines_to_standard_error(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level)
    logging.getLogger("bot").info("call %s", "13812345678")
    # httpx writes whole URLs, with all that customers asked.
    logging.getLogger("httpx").info("HTTP Request: GET /v1/search?q=secret")
    shown = capsys.readouterr().err
    assert "INFO bot [-] call 138****5678\n" in shown
    assert "q=secret" not in shown


@pytest.mark.usefixtures("logging_of_old")
async def test_the_request_id_stands_whole_in_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO")
    conversation_id = "6fd0f9a2-1111-4111-8111-138000012345"  # its end looks like a number to mask
    set_request_id(conversation_id, 7)
    logging.getLogger("bot").info("call %s", "13812345678")
    assert f"INFO bot [{conversation_id}/7] call 138****5678\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "read"),
    [("a-1/7", "a-1/7"), (None, ""), ("", ""), ("a\n2026 ERROR", ""), ("a b", ""), ("张", ""), ("a" * 101, "")],
)
def test_only_an_id_is_taken_from_a_header(header: str | None, read: str) -> None:
    assert request_id.get() == ""
    assert read_request_id(header) == read


def test_what_an_address_asks_for_is_left_out(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    logger.warning('%s - "WebSocket %s" [accepted]', "127.0.0.1", "/_nicegui_ws/socket.io/?client_id=a1b2&tab_id=c3")
    logger.warning("GET http://desk/talks?next=%2Fstaff 404; really? yes")
    assert stream.getvalue().splitlines() == [
        'WARNING 127.0.0.1 - "WebSocket /_nicegui_ws/socket.io/?…" [accepted]',
        "WARNING GET http://desk/talks?… 404; really? yes",
    ]
