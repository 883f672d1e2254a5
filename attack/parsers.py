"""Fuzzes every parser in process: it returns, or raises the error it declares, and takes no long time over it."""

import time
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

from attack.inputs import Inputs
from attack.parser import Parser
from attack.parsers_of_messages import list_message_parsers
from attack.parsers_of_texts import list_text_parsers
from attack.row import Row

GOAL = 100_000
SLOW_SECONDS = 0.5  # of processor time: how busy this machine is does not count
SLOW_SECONDS_A_MEGABYTE = 40.0  # more than that grows faster than the text


async def fuzz_parsers(dice: Random, seconds: float, parsers: Sequence[Parser] = ()) -> list[Row]:
    """A row for each parser; they share the time."""
    tried = parsers or [*list_message_parsers(), *list_text_parsers()]
    second = seconds / sum(parser.shares for parser in tried)
    return [fuzz(parser, Inputs(dice), second * parser.shares) for parser in tried]


def fuzz(parser: Parser, inputs: Inputs, seconds: float, goal: int = GOAL) -> Row:
    """Tries one parser."""
    row = Row(f"parser: {parser.name}", goal, seconds)
    while row.next_try():
        given = parser.draw(inputs)
        try:
            took = _time(parser, given)
            if _is_slow(took, given):  # the first use of a parser loads its data
                took = _time(parser, given)
        except Exception as error:
            row.fail(given, f"{type(error).__name__}: {error}"[:300])
            continue
        if _is_slow(took, given):
            row.fail(given, f"slow: {took:.2f} s for {len(repr(given))} characters")
    return row


def _time(parser: Parser, given: Any) -> float:
    """The processor time one try takes, in seconds; raises what the parser does not declare."""
    began = time.process_time()
    with suppress(*parser.errors):
        parser.parse(given)
    return time.process_time() - began


def _is_slow(took: float, given: Any) -> bool:
    return took > SLOW_SECONDS and took > SLOW_SECONDS + SLOW_SECONDS_A_MEGABYTE * len(repr(given)) / 1e6
