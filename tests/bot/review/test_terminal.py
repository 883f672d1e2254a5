"""Keys and lines from a real terminal."""

import io
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest

from bot.review.terminal import StandardTerminal, is_terminal


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """What is written to it is typed."""
    typed, terminal = pty.openpty()
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield typed
    os.close(typed)


def test_single_keys_need_no_return(keyboard: int) -> None:
    os.write(keyboard, b"oq")
    assert [StandardTerminal().read_key() for _ in range(2)] == ["o", "q"]


def test_a_terminal_is_one_at_both_ends(keyboard: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_terminal()  # the output of tests is captured
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert not is_terminal()


@pytest.mark.parametrize(("typed", "line"), [("card-lost\n", "card-lost"), ("\n", "guess"), ("", "")])
def test_an_empty_line_is_the_guess_and_the_end_nothing(
    typed: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin: TextIO = io.StringIO(typed)
    monkeypatch.setattr("sys.stdin", stdin)
    assert StandardTerminal().ask("entry", "guess") == line
    assert capsys.readouterr().out == "entry [guess]: "
