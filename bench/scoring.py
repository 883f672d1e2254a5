"""`python -m bench.scoring`: stored decisions a second of one scoring process on one core, over HTTP."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psutil

from dev.stack import find_free_port
from kit.settings import ROOT

NAME = "measured-scoring-on-one-core"  # its token
REQUEST = {
    "product": "farmer_loan",
    "facts": {
        "land_mu": 15,
        "machinery_value": 20_000,
        "household_income": 60_000,
        "existing_debt": 10_000,
        "has_overdue": False,
        "age": 45,
    },
}
START_SECONDS = 30


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench.scoring", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long to measure")
    parser.add_argument("--callers", type=int, default=8, help="requests at the same time")
    parser.add_argument("--shadow", default="", help="folder of a shadow policy")
    options = parser.parse_args()
    with run_service(options.shadow) as (url, process):
        asyncio.run(load(url, 1, options.callers))  # what is slow once only
        before = sum(process.cpu_times()[:2])
        stored, seconds = asyncio.run(load(url, options.seconds, options.callers))
        used = sum(process.cpu_times()[:2]) - before
    told = {
        "decisions_per_second": round(stored / seconds, 1),
        "cpu_ms_per_decision": round(used * 1000 / stored, 2),
        "per_cpu_second": round(stored / used, 1),
        "decisions": stored,
        "callers": options.callers,
    }
    print(json.dumps(told))


@contextmanager
def run_service(shadow: str) -> Iterator[tuple[str, psutil.Process]]:
    """The service on a database of its own, on the first core."""
    url = f"http://127.0.0.1:{find_free_port()}"
    with tempfile.TemporaryDirectory(prefix="xiaohe-bench-") as folder:
        environment = {
            **os.environ,
            "XIAOHE_DATABASE_URL": f"sqlite+aiosqlite:///{Path(folder)}/scoring.db",
            "XIAOHE_SCORING_URL": url,
            "XIAOHE_SCORING_TOKEN": NAME,
            "XIAOHE_VAULT_KEYS": "key-of-the-measured-vault",
            "XIAOHE_VAULT_HASH_KEY": "hash-key-of-the-measured-vault",
            "XIAOHE_SHADOW_POLICY_FOLDER": shadow,
            "XIAOHE_LOG_LEVEL": "WARNING",
        }
        subprocess.run([sys.executable, "-m", "migrations"], cwd=ROOT, env=environment, check=True)
        service = subprocess.Popen([sys.executable, "-m", "scoring", "serve"], cwd=ROOT, env=environment)
        try:
            os.sched_setaffinity(service.pid, {0})
            wait_until_ready(url)
            yield url, psutil.Process(service.pid)
        finally:
            service.terminate()
            service.wait()


def wait_until_ready(url: str) -> None:
    """Raises TimeoutError when it does not come up."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/healthz", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError("the scoring service did not start")


async def load(url: str, seconds: float, callers: int) -> tuple[int, float]:
    """Decisions that were stored, and the seconds that they took."""
    started = time.perf_counter()
    numbers = count()

    async def call(client: httpx.AsyncClient) -> int:
        stored = 0
        while time.perf_counter() - started < seconds:
            key = f"bench-{started}-{next(numbers)}"
            answer = await client.post("/v1/decisions", json=REQUEST, headers={"Idempotency-Key": key})
            stored += is_stored(answer.raise_for_status().json())
        return stored

    headers = {"Authorization": f"Bearer {NAME}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
        done = await asyncio.gather(*(call(client) for _ in range(callers)))
    return sum(done), time.perf_counter() - started


def is_stored(decision: dict[str, Any]) -> bool:
    """Whether the answer names the stored decision."""
    return bool(decision["decision_id"])


if __name__ == "__main__":
    main()
