"""`make attack`: attacks everything on this machine, prints a table, and writes all failures to var/attack.jsonl."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from attack.colleagues import open_others_work
from attack.crowds import crowd
from attack.formulas import try_formulas
from attack.house import House, open_house
from attack.kills import kill_processes
from attack.leaks import find_leaks
from attack.markup import try_markup
from attack.parsers import fuzz_parsers
from attack.races import race
from attack.replay import replay
from attack.requests import fuzz_requests
from attack.routes import try_routes
from attack.row import Row, add_up, write_table
from attack.sockets import hijack_sockets
from kit.settings import ROOT
from tests.conftest import KINDS, POSTGRES
from tests.databases import make_bare_database

TARGET = ROOT / "var" / "attack.jsonl"
MINUTES = 10.0
ROUND_HOURS = 2.0  # of a long run: then all begins anew, with other dice
KILLS_ON_POSTGRES = "kills-postgresql"


@dataclass(frozen=True)
class Attack:
    """`shares` of the time are its own. Those `in_process` need nothing that runs."""

    name: str
    run: Callable[..., Awaitable[list[Row]]]
    shares: int
    in_process: bool = False


ATTACKS = (
    Attack("parsers", fuzz_parsers, 18, in_process=True),
    Attack("races", race, 9, in_process=True),
    Attack("routes", try_routes, 10),
    Attack("colleagues", open_others_work, 2),
    Attack("sockets", hijack_sockets, 4),
    Attack("replay", replay, 6),
    Attack("markup", try_markup, 10),
    Attack("formulas", try_formulas, 5),
    Attack("leaks", find_leaks, 5),
    Attack("requests", fuzz_requests, 14),
    Attack("crowds", crowd, 9),
    Attack("kills", kill_processes, 14),
)


def main() -> None:
    """The command line; exits with 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m attack", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long it may take, starting included")
    parser.add_argument("--hours", type=float, help="instead, rounds with full numbers for so long")
    parser.add_argument("--only", default="", help="some of: " + ", ".join([a.name for a in ATTACKS]))
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats a run's inputs")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else [attack.name for attack in ATTACKS]
    if unknown := set(names) - {attack.name for attack in ATTACKS}:
        parser.error(f"no such attack: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # or the processes would outlive us
    logging.disable(logging.CRITICAL)  # of this process: what it provokes is not news
    rows: list[Row] = []
    end = time.monotonic() + (options.hours * 3600 if options.hours else options.minutes * 60)
    dice = Random(options.seed)  # noqa: S311 (repeatable on purpose)
    while not rows or (options.hours and end - time.monotonic() > 60):
        round_end = min(end, time.monotonic() + ROUND_HOURS * 3600)
        asyncio.run(run_round(dice, round_end, names, rows))
    rows = add_up(rows)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("".join(json.dumps(failure) + "\n" for row in rows for failure in row.failures))
    print(f"\n{write_table(rows)}\n\nseed {options.seed}; all failures: {TARGET}")
    sys.exit(1 if any(row.failures for row in rows) else 0)


async def run_round(dice: Random, end: float, names: Sequence[str], rows: list[Row]) -> None:
    """Runs the attacks, one after another; each may use its share of the time that is left."""
    chosen = [attack for attack in ATTACKS if attack.name in names]
    has_postgres = "kills" in names and "postgresql" in KINDS
    for attack in (attack for attack in chosen if attack.in_process):
        await run(attack, chosen, dice, end, rows)
        chosen = [each for each in chosen if each is not attack]
    if not chosen:
        return
    tell("starting all processes")
    began = time.monotonic()
    async with open_house() as house:
        # Kept for the other database: to start, and as long as the first takes.
        kept = time.monotonic() - began + 10 if has_postgres else 0.0
        while chosen:
            attack = chosen.pop(0)
            is_shared = attack.name == "kills" and has_postgres
            seconds_end = (end - kept + time.monotonic()) / 2 if is_shared else end - kept
            await run(attack, [attack, *chosen], dice, seconds_end, rows, house)
    if has_postgres:
        await _kill_on_postgres(dice, end, rows)


async def run(
    attack: Attack, left: Sequence[Attack], dice: Random, end: float, rows: list[Row], house: House | None = None
) -> None:
    """Runs one attack; what it raises is a failure of its own."""
    seconds = max(5.0, (end - time.monotonic()) * attack.shares / sum(each.shares for each in left))
    tell(f"{attack.name}, at most {seconds:.0f} s")
    arguments: list[Any] = [] if house is None or attack.in_process else [house]
    try:
        rows += await attack.run(dice, seconds, *arguments)
    except Exception as error:
        broken = Row(f"{attack.name}: could not go on", 1, seconds, tries=1)
        broken.fail(repr(error), "the attack itself ended with an error")
        rows.append(broken)


async def _kill_on_postgres(dice: Random, end: float, rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tell("starting all processes on PostgreSQL")
        async with (
            make_bare_database("postgresql", POSTGRES, Path(folder)) as url,
            open_house(url) as house,
        ):
            rows += await kill_processes(dice, max(15.0, end - time.monotonic()), house, "PostgreSQL")


def tell(what: str) -> None:
    """Prints what is done next."""
    print(f"[{time.strftime('%H:%M:%S')}] {what} …", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    main()
