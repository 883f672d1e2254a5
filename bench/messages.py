"""`python -m bench.messages`: how long staff wait for what was said, among many messages; prints one JSON object.

Texts are drawn of words that differ in how often they are said. An agent sees one talk in a hundred.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from sqlalchemy import insert

from conversations.full_text import FullTextSearch
from conversations.tables import Conversation, Customer, Handoff, Message
from kit.database import Base, Database
from kit.vault import Vault
from migrations.metadata import METADATA

NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
MESSAGES_EACH, TALKS_AT_ONCE, AGENTS = 20, 250, 100
TRIES, SHOWN = 9, 20
CHARACTERS = np.array([chr(code) for code in range(0x4E00, 0x4E00 + 2000)])
# A word said in each fifth message, in one of a thousand, in one of a hundred thousand.
SAID = {"贷款": 0.2, "大棚": 0.001, "核桃": 0.00001}


def main() -> None:
    """Fills a throw-away database, indexes it, and searches."""
    parser = argparse.ArgumentParser(prog="python -m bench.messages", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--url", help="an empty database; SQLite otherwise")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        print(json.dumps(asyncio.run(measure(url, given.messages)), ensure_ascii=False))


async def measure(url: str, messages: int) -> dict[str, Any]:
    """Seconds to index them all, and milliseconds of searches, by word and by who looks."""
    database = Database(url, Vault(["secret of the bench"], "hash key of the bench"), statement_seconds=600)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    for rows in draw_rows(messages // MESSAGES_EACH):
        async with database.transaction() as session:
            for table, values in rows.items():
                await session.execute(insert(table), values)
    search = FullTextSearch(database, lambda: NOW)
    start = time.perf_counter()
    await search.catch_up()
    report: dict[str, Any] = {"messages": messages, "indexed_s": round(time.perf_counter() - start, 1)}
    for word in (*SAID, "利率贷款", "没有的话"):
        for who, seen_by in (("supervisor", None), ("agent", "agent-1")):
            report[f"{word} {who}"] = await measure_search(search, word, seen_by)
    await database.close()
    return report


async def measure_search(search: FullTextSearch, word: str, seen_by: str | None) -> dict[str, Any]:
    """Milliseconds of some searches, and how many were found."""
    taken = []
    for _ in range(TRIES):
        start = time.perf_counter()
        found = await search.find(word, SHOWN, seen_by=seen_by)
        taken.append(1000 * (time.perf_counter() - start))
    return {"p50_ms": round(statistics.median(taken), 1), "max_ms": round(max(taken), 1), "found": len(found)}


def draw_rows(talks: int) -> Iterator[dict[type[Base], list[dict[str, Any]]]]:
    """Rows of whole conversations, some at a time."""
    dice = np.random.default_rng(5)
    for first in range(0, talks, TALKS_AT_ONCE):
        rows: dict[type[Base], list[dict[str, Any]]] = {Customer: [], Conversation: [], Handoff: [], Message: []}
        for number in range(first, min(first + TALKS_AT_ONCE, talks)):
            key, at = f"{number:036}", NOW - timedelta(days=365) + timedelta(days=300) * number / talks
            rows[Customer].append({"id": key, "channel": "web", "channel_user_id": key, "created_at": at})
            rows[Conversation].append({"id": key, "customer_id": key, "holder": "bot", "created_at": at})
            rows[Handoff].append(
                {"id": key, "conversation_id": key, "reason": "requested", "state": "closed", "slots": {}}
                | {"agent_id": f"agent-{number % AGENTS}", "requested_at": at, "ended_at": at}
            )
            rows[Message] += [
                {"conversation_id": key, "direction": "inbound", "author": "customer", "at": at}
                | {"text": draw_text(dice), "answered_at": at}
                for _ in range(MESSAGES_EACH)
            ]
        yield rows


def draw_text(dice: Generator) -> str:
    """What a customer might say, of some twenty characters."""
    said = [word for word, chance in SAID.items() if dice.random() < chance]
    return "，".join(["".join(dice.choice(CHARACTERS, dice.integers(4, 24))), *said])


if __name__ == "__main__":
    main()
