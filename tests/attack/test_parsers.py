"""A parser that is broken on purpose is noticed; ours are sound."""

from collections.abc import Callable
from random import Random

import pytest

from attack.inputs import Inputs
from attack.parser import Parser
from attack.parsers import fuzz, fuzz_parsers
from tests.waiting import WAIT_SECONDS


class TestParsers:
    @pytest.mark.parametrize(
        ("parse", "what"),
        [
            (lambda text: text.encode(), "UnicodeEncodeError"),
            (lambda text: [text for _ in range(3_000_000)] if text else None, "slow"),
            (lambda text: int("1") if "\x00" not in text else text.index("?"), "ValueError"),
        ],
        ids=["surrogates", "slow", "a null"],
    )
    def test_a_broken_one_is_noticed(
        self, dice: Random, parse: Callable[[str], object], what: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("attack.parsers.SLOW_SECONDS", 0.01)
        parser = Parser("broken", lambda inputs: inputs.text(["你好"], 100), parse)
        row = fuzz(parser, Inputs(dice), 30.0, goal=20 if what == "slow" else 3000)
        assert any(what in failure["what"] for failure in row.failures)

    async def test_ours_return_or_raise_what_they_declare(self, dice: Random, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("attack.parsers.SLOW_SECONDS", WAIT_SECONDS)  # how fast they are, `make attack` measures
        rows = await fuzz_parsers(dice, 2.0)
        assert all(row.tries for row in rows)
        assert [failure for row in rows for failure in row.failures] == []
