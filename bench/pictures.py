"""`python -m bench.pictures`: how many hard photographs of identity cards are read right; prints one JSON object.

The numbers of unreadable ones must be refused. Reading runs in a process of its own on one core; seconds are those of
the processor, so that other work on the machine does not count, memory is that process's.
"""

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psutil

from pictures.schemas import PictureReading
from tests.pictures.made_up import Person
from tests.pictures.specimens import SPOILED, make_card, make_card_back, make_unreadable_card

CARDS_MIN = 2

_read: Callable[[bytes], PictureReading]


def main() -> None:
    """Draws, reads and compares."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description=__doc__)
    parser.add_argument(
        "--cards", type=int, default=100, help="hard, but readable ones; a quarter as many of the others"
    )
    parser.add_argument("--seed", type=int, default=1000, help="of the first specimen")
    options = parser.parse_args()
    if options.cards < CARDS_MIN:
        parser.error(f"--cards: at least {CARDS_MIN}, or there is no percentile")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=load) as reader:
        load_seconds = reader.submit(time.process_time).result()
        report = measure_readable(reader, options.seed, options.cards)
        report |= measure_unreadable(reader, options.seed, options.cards // 4)
        report |= measure_backs(reader, options.seed, options.cards // 4)
        report |= {"load_seconds": round(load_seconds, 2), **reader.submit(read_memory).result()}
    print(json.dumps(report, ensure_ascii=False))


def measure_readable(reader: ProcessPoolExecutor, seed: int, count: int) -> dict[str, Any]:
    """Of hard cards: numbers right, wrong and refused; other fields likewise; seconds a card."""
    told = {name: start_counting() for name in ("id_number", "name", "address", "birth_date", "sex")}
    seconds = []
    for number, (content, person) in enumerate(draw(make_card, seed, count)):
        reading, spent = reader.submit(read, content).result()
        seconds.append(spent)
        for name, counter in told.items():
            counter[compare(reading, name, str(getattr(person, name)))] += 1
        if reading.fields.get("id_number") != person.id_number:
            print(f"card {seed + number}: {reading.kind}, {reading.quality}", file=sys.stderr)
    return {
        "cards": count,
        **told,
        "seconds_median": round(median(seconds), 2),
        "seconds_p90": round(quantiles(seconds, n=10)[-1], 2),
        "seconds_max": round(max(seconds), 2),
    }


def measure_unreadable(reader: ProcessPoolExecutor, seed: int, count: int) -> dict[str, Any]:
    """Of cards whose number nobody can read: numbers refused and given all the same; what the customer is told."""
    outcomes = Counter(refused=0, given=0)
    reasons: dict[str, Counter[str]] = {how: Counter() for how in SPOILED}
    for number in range(count):
        how = SPOILED[number % len(SPOILED)]
        content, _ = make_unreadable_card(seed + number, how)
        reading, _ = reader.submit(read, content).result()
        outcomes["given" if "id_number" in reading.fields else "refused"] += 1
        reasons[how][reading.quality] += 1
    return {"unreadable": count, "unreadable_numbers": outcomes, "unreadable_told": reasons}


def measure_backs(reader: ProcessPoolExecutor, seed: int, count: int) -> dict[str, Any]:
    """Of hard backs: until when they are valid."""
    outcomes = start_counting()
    for content, person in draw(make_card_back, seed, count):
        reading, _ = reader.submit(read, content).result()
        outcomes[compare(reading, "valid_until", str(person.valid_until or "长期"))] += 1
    return {"backs": count, "valid_until": outcomes}


def draw(make: Callable[[int], tuple[bytes, Person]], seed: int, count: int) -> Iterator[tuple[bytes, Person]]:
    """Specimens of one kind."""
    return (make(each) for each in range(seed, seed + count))


def start_counting() -> Counter[str]:
    """Of a field; what never happened is said as well."""
    return Counter(right=0, wrong=0, refused=0)


def compare(reading: PictureReading, name: str, expected: str) -> str:
    """Whether a field is right, wrong or refused."""
    given = reading.fields.get(name)
    return "refused" if given is None else "right" if str(given) == expected else "wrong"


def load() -> None:
    """In the reader's process: one core, and the models."""
    global _read
    from pictures.reading import read_picture
    from pictures.recogniser import Recogniser

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    _read = partial(read_picture, recognise=Recogniser(1))


def read(content: bytes) -> tuple[PictureReading, float]:
    """In the reader's process: what a picture says, and the processor's seconds."""
    began = time.process_time()
    return _read(content), time.process_time() - began


def read_memory() -> dict[str, int]:
    """In the reader's process: memory between readings, and the most it ever had (Linux only), in MB."""
    memory = {"memory_mb": psutil.Process().memory_info().rss >> 20}
    if sys.platform == "linux":
        # Not getrusage: its maximum counts the process that this one was forked from.
        told = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        memory |= {"memory_peak_mb": int(told[1]) >> 10} if told else {}
    return memory


if __name__ == "__main__":
    main()
