"""`python -m bench.early_warning`: the daily run over many open applications on SQLite; prints one JSON object.

For each eight open applications there are six customers (two of them with three), four ended applications of the last
year, two quota checks and 24 messages. The first run raises everything, the second, a day later, finds it again.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from sqlalchemy import func, insert, select

from applications.tables import Application
from conversations.tables import Conversation, Customer, Message
from early_warning import repository
from early_warning.tables import EarlyWarning
from early_warning.worker import EarlyWarningWorker
from kit.database import Base, Database
from kit.search_keys import list_search_keys
from kit.vault import Vault
from migrations.metadata import METADATA
from quota_checks.tables import QuotaCheck

NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
GROUPS_AT_ONCE = 250
OPEN, ENDED, CUSTOMERS, CHECKS, MESSAGES = 8, 4, 6, 2, 24
LOOP_SECONDS = 0.005
SHOWN = 30
OVERDUE = 0.1
Rows = dict[type[Base], list[dict[str, Any]]]


def main() -> None:
    """Fills a throw-away database, and runs twice."""
    parser = argparse.ArgumentParser(prog="python -m bench.early_warning", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="open applications")
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(measure(Path(folder) / "bench.db", parser.parse_args().cases))
    report["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(report, ensure_ascii=False))


async def measure(path: Path, cases: int) -> dict[str, Any]:
    """Seconds of both runs, how long the event loop was held at most, and the warnings of each rule."""
    database = Database(f"sqlite+aiosqlite:///{path}", Vault(["secret of the bench"], "hash key of the bench"))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    for rows in draw_rows(cases // OPEN):
        async with database.transaction() as session:
            for table, values in rows.items():
                await session.execute(insert(table), values)
    report: dict[str, Any] = {"cases": cases // OPEN * OPEN}
    report["first"] = await measure_run(database, NOW)
    report["second"] = await measure_run(database, NOW + timedelta(days=1))
    report["page_ms"] = await measure_page(database)
    async with database.reading() as session:
        counts = select(EarlyWarning.rule, func.count().label("total")).group_by(EarlyWarning.rule)
        report["warnings"] = {row.rule: row.total for row in await session.execute(counts)}
    await database.close()
    return report


async def measure_run(database: Database, now: datetime) -> dict[str, float]:
    """One day's run: seconds in all and of the processor, and for how many milliseconds it held the event loop."""
    lags: list[float] = []
    watching = asyncio.create_task(watch_loop(lags))
    start, spent = time.perf_counter(), time.process_time()
    await EarlyWarningWorker(database, lambda: now).look()
    seconds, processor = time.perf_counter() - start, time.process_time() - spent
    watching.cancel()
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "loop_held_ms": round(max(lags) * 1000),
    }


async def measure_page(database: Database) -> dict[str, int]:
    """Milliseconds until a manager's list, everybody's and the table of rules are read."""
    spent = {}
    async with database.reading() as session:
        for name, read in (
            ("manager", repository.list_warnings(session, "open", "manager-7", SHOWN)),
            ("supervisor", repository.list_warnings(session, "open", None, SHOWN)),
            ("rules", repository.count_by_rule(session, NOW - timedelta(days=365))),
        ):
            start = time.perf_counter()
            await read
            spent[name] = round((time.perf_counter() - start) * 1000)
    return spent


async def watch_loop(lags: list[float]) -> None:
    """Notes by how much each short sleep was too long."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(LOOP_SECONDS)
        lags.append(time.perf_counter() - start - LOOP_SECONDS)


def draw_rows(groups: int) -> Iterator[Rows]:
    """The rows of some groups at a time, in the order in which they refer to each other."""
    chance = np.random.default_rng(5)
    for start in range(0, groups, GROUPS_AT_ONCE):
        tables = (Customer, Conversation, Message, QuotaCheck, Application)
        rows: Rows = {table: [] for table in tables}
        for group in range(start, min(start + GROUPS_AT_ONCE, groups)):
            _add_group(rows, group, chance)
        yield rows


def _add_group(rows: Rows, group: int, chance: Generator) -> None:
    users = [f"user-{group:06}-{number}" for number in range(CUSTOMERS)]
    for user in users:
        about = {"id": user, "created_at": NOW}
        rows[Customer].append({**about, "channel": "web", "channel_user_id": user})
        rows[Conversation].append({**about, "customer_id": user, "holder": "bot", "dialogue": {}})
    for number in range(MESSAGES):
        at = NOW - timedelta(days=chance.exponential(10))
        said = {
            "direction": "inbound",
            "author": "customer",
            "kind": "text",
            "text": "什么时候能办好",
            "answered_at": at,
        }
        rows[Message].append({**said, "conversation_id": users[number % CUSTOMERS], "at": at})
    for number in range(CHECKS):
        ids = {"id": f"check-{group:06}-{number}", "idempotency_key": f"{group}-{number}"}
        product = {"product": "farmer_loan", "product_revision": "farmer_loan@1", "decision": {}}
        facts = _draw_facts(chance) | {"existing_debt": 0, "has_overdue": bool(chance.random() < OVERDUE)}
        at = NOW - timedelta(days=chance.uniform(0, 150))
        rows[QuotaCheck].append({**ids, **product, "conversation_id": users[number], "facts": facts, "decided_at": at})
    for number in range(OPEN + ENDED):
        rows[Application].append(_draw_application(group, number, users, chance))


def _draw_application(group: int, number: int, users: list[str], chance: Generator) -> dict[str, Any]:
    is_open, user = number < OPEN, number // 3 % CUSTOMERS
    at = NOW - timedelta(days=chance.uniform(0, 40) if is_open else chance.uniform(30, 360))
    key, phone = f"{group:06}-{number:02}", f"138{group:06}{user:02}"
    return {
        "id": f"application-{key}",
        "number": f"QH{key}",
        "idempotency_key": key,
        "request_hash": "",
        "conversation_id": users[user],
        "product": "farmer_loan",
        "amount": 100_000,
        "term": 12,
        "purpose": "买化肥",
        "region": "柳河镇石桥村",
        "name": "王秀英",
        "phone": phone,
        "details": _draw_facts(chance) | {"crops": "水稻", "marital_status": "已婚", "household_size": 4},
        "search_keys": list_search_keys("王秀英", phone),
        "consent_version": "2026-07",
        "stage": "checking" if is_open else "declined",
        "reason": "",
        "items": [],
        "manager_id": f"manager-{group % 50}",
        "alerts": int(chance.choice((0, 0, 0, 1, 3))),
        "changed_at": at,
        "created_at": at,
    }


def _draw_facts(chance: Generator) -> dict[str, Any]:
    return {"household_income": int(chance.integers(30, 200)) * 1000, "land_mu": int(chance.integers(5, 60))}


if __name__ == "__main__":
    main()
