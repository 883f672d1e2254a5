"""`make bench`: trains and starts both, measures them in turn, prints a table and writes var/bench.json."""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil

from bench.desk import HOUSE, measure_desk
from bench.load import Gateway, Rasa, Send, count_memory, list_texts, measure, send_to_stock
from bench.project import make_project
from bench.wechat import WeChatDriver, measure_beside_web, raise_storm, run_platform
from dev.stack import Stack, find_free_port
from kit.rasa_environment import RASA, quiet
from kit.settings import ROOT
from tests.platforms.wechat import WeChatPlatform

TARGET = ROOT / "var" / "bench.json"
# Customers at once, and turns each: every number comes from some hundred turns.
LOADS = ((1, 240), (8, 84), (32, 36))
ROWS = {"whole": "the whole system", "rasa": "our Rasa alone", "stock": "stock Rasa"}


def main() -> None:
    """Measures everything in one run, so that the ratios hold on any machine."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--without-training", action="store_true", help="do not measure training of our model")
    parser.add_argument("--soak-turns", type=int, default=20_000, help="turns over which memory must stay flat")
    parser.add_argument(
        "--stock-epochs", type=int, default=100, help="of the stock models; speed does not depend on it"
    )
    parser.add_argument("--only-desk", action="store_true", help="measure the staff desk alone; other results stay")
    options = parser.parse_args()
    report: dict[str, Any]
    if options.only_desk:
        report = json.loads(TARGET.read_text()) if TARGET.exists() else {}
        with Stack(**HOUSE) as stack:
            report["desk"] = measure_desk(stack)
        write(report)
        print_desk(report["desk"])
        return
    report = {"machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    with tempfile.TemporaryDirectory(prefix="xiaohe-bench-") as folder:
        project = Path(folder)
        make_project(project, options.stock_epochs)
        tell(f"training the stock Rasa for {options.stock_epochs} epochs (minutes)")
        report["stock"] = {
            "epochs": options.stock_epochs,
            "training_s": train(project, dict(os.environ), ["--data", "data"]),
        }
        with run_stock(project) as (url, start_seconds, pid):
            report["stock"] |= {"start_s": start_seconds, **measure_loads(send_to_stock, url, {"rasa": pid})}
            report["stock"]["memory_mb"] = count_memory(pid)
    tell("starting ours")
    started = time.perf_counter()
    with run_platform() as (wechat, settings), Stack(**settings, **HOUSE) as stack:
        start_seconds = round(time.perf_counter() - started, 1)
        token = stack.environment["XIAOHE_RASA_TOKEN"]
        pids = {process: stack.pid(process) for process in stack.urls}
        report["rasa"] = measure_loads(Rasa(token).send, stack.urls["rasa"], pids)
        report["whole"] = {"start_s": start_seconds, **measure_loads(Gateway().send, stack.urls["gateway"], pids)}
        report["whole"]["memory_mb"] = sum(count_memory(pid) for pid in pids.values())
        report["rasa"]["memory_mb"] = count_memory(pids["rasa"])
        report["knowledge"] = measure_knowledge(stack.urls["knowledge"], stack.environment["XIAOHE_KNOWLEDGE_TOKEN"])
        tell("WeChat beside the web chat, then a storm of 1,000 messages, each three times")
        report["wechat"] = measure_beside_web(wechat, stack.urls["gateway"])
        report["storm"] = raise_storm(wechat, stack)
        if options.soak_turns:
            tell(f"{options.soak_turns} turns (minutes)")
            report["soak"] = soak(stack, wechat, options.soak_turns)
        if not options.without_training:
            tell("training ours")
            with tempfile.TemporaryDirectory(prefix="xiaohe-bench-") as folder:
                arguments = ["--data", "bot/data", "--out", folder]
                report["whole"]["training_s"] = train(ROOT, stack.environment, arguments)
        report["ratio"] = compare(report["whole"], report["stock"])
        # Before the desk, whose fifty talks a slow machine may not bear.
        write(report)
        print_table(report)
        tell("the staff desk with 50 talks")
        report["desk"] = measure_desk(stack)
    write(report)
    print_desk(report["desk"])


def write(report: dict[str, Any]) -> None:
    """Writes the report to var/bench.json."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(report, indent=2))


def train(folder: Path, environment: dict[str, str], arguments: list[str]) -> float:
    """Seconds a forced training takes; exits with Rasa's output when it fails."""
    started = time.perf_counter()
    command = [str(RASA), "-m", "bot.server.rasa_command", "train", "--force", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**environment, **quiet(), "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"training failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return round(time.perf_counter() - started, 1)


@contextmanager
def run_stock(project: Path) -> Iterator[tuple[str, float, int]]:
    """The stock server's address, the seconds it took to start, and its process id."""
    port = find_free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(RASA), "-m", "bot.server.rasa_command", "run", "--interface", "127.0.0.1", "--port", str(port)]
    started = time.perf_counter()
    with (project / "log").open("wb") as log:
        environment = {**os.environ, **quiet(), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log)
    try:
        while True:
            if process.poll() is not None or time.perf_counter() - started > 300:
                sys.exit(f"the stock Rasa did not start:\n{(project / 'log').read_text()[-2000:]}")
            try:
                # The root answers before the model is loaded.
                body = {"sender": "start", "message": "你好"}
                if httpx.post(url + "/webhooks/rest/webhook", json=body, timeout=60).json():
                    break
            except (httpx.HTTPError, ValueError):
                time.sleep(0.2)
        seconds = round(time.perf_counter() - started, 1)
        yield url, seconds, process.pid
    finally:
        process.terminate()
        process.wait(30)


def measure_loads(send: Send, url: str, pids: Mapping[str, int]) -> dict[str, Any]:
    """Metrics with 1, 8 and 32 customers, after a warm-up; `cpu_ms` is each process's time a turn."""
    asyncio.run(measure(send, 2, 24, url))
    results = {}
    for customers, turns_each in LOADS:
        tell(f"measuring {url} with {customers} customers")
        before = {process: count_cpu_seconds(pid) for process, pid in pids.items()}
        load = asyncio.run(measure(send, customers, turns_each, url))
        spent = {process: count_cpu_seconds(pid) - before[process] for process, pid in pids.items()}
        cpu_ms = {process: round(seconds * 1000 / load["turns"], 1) for process, seconds in spent.items()}
        results[str(customers)] = {**load, "cpu_ms": cpu_ms}
    return results


def measure_knowledge(url: str, token: str) -> dict[str, float]:
    """Median milliseconds over HTTP to encode one question, and to search for one already encoded."""
    texts = [text for text, _ in zip(list_texts(7), range(600), strict=False) if len(text) > 6][:150]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=10, trust_env=False) as client:

        def ask(method: str, path: str, **content: Any) -> float:
            started = time.perf_counter()
            client.request(method, path, **content).raise_for_status()
            return (time.perf_counter() - started) * 1000

        fresh = [f"{text} {number}" for number, text in enumerate(texts)]
        encode = median(ask("POST", "/v1/vectors", json={"texts": [text]}) for text in fresh)
        search = median(ask("GET", "/v1/search", params={"q": text}) for text in fresh)
    return {"encode_ms_p50": round(encode, 1), "search_ms_p50": round(search, 1)}


def soak(stack: Stack, wechat: WeChatPlatform, turns: int) -> dict[str, Any]:
    """Megabytes of every process after a tenth of the turns, the first half and all; half of them are WeChat's."""

    async def write(share: int) -> None:
        for send in (Gateway().send, WeChatDriver(wechat).send):
            await measure(send, 8, share // 16, stack.urls["gateway"])

    memory: dict[str, list[int]] = {process: [] for process in stack.urls}
    for share in (turns // 10, turns * 4 // 10, turns // 2):
        asyncio.run(write(share))
        for process in stack.urls:
            memory[process].append(count_memory(stack.pid(process)))
    return {"turns": turns, "memory_mb": memory}


def count_cpu_seconds(pid: int) -> float:
    """User and system seconds of a process so far."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def compare(whole: dict[str, Any], stock: dict[str, Any]) -> dict[str, float]:
    """Ratios of the whole system to the stock Rasa: below 1 is better for latencies, above 1 for turns a second."""
    compared = {"p50_alone": ("1", "p50_ms")} | {f"turns_per_second_{c}": (c, "turns_per_second") for c in ("8", "32")}
    return {name: round(whole[load][key] / stock[load][key], 2) for name, (load, key) in compared.items()}


def print_table(report: dict[str, Any]) -> None:
    """Prints the table of the README."""
    print(
        "\n| | p50 / p95 alone (ms) | 8 customers: turns/s, p95 (ms) | 32 customers: turns/s, p95 (ms) "
        "| trains (s) | starts (s) | memory (MB) |\n|---|---|---|---|---|---|---|"
    )
    for key, title in ROWS.items():
        row = report[key]
        loads = " | ".join(f"{row[c]['turns_per_second']}, {row[c]['p95_ms']}" for c in ("8", "32"))
        rest = " | ".join(str(row.get(name, "")) for name in ("training_s", "start_s", "memory_mb"))
        print(f"| {title} | {row['1']['p50_ms']} / {row['1']['p95_ms']} | {loads} | {rest} |")
    print_cpu({title: report[key]["8"]["cpu_ms"] for key, title in ROWS.items()})
    print(f"\nratios, ours to stock: {report['ratio']}")
    for name in ("knowledge", "wechat", "storm", "soak"):
        print(f"{name}: {report.get(name, 'not measured')}")
    print(f"written to {TARGET}", flush=True)


def print_cpu(rows: Mapping[str, Mapping[str, float]]) -> None:
    """Milliseconds of processor time a turn with 8 customers, process by process; the last row is the stock Rasa."""
    processes = list(dict.fromkeys(process for row in rows.values() for process in row))
    stock = sum(list(rows.values())[-1].values())
    print(f"\n| processor time a turn (ms) | {' | '.join(processes)} | all | to stock |")
    print("|---" * (len(processes) + 3) + "|")
    for title, row in rows.items():
        total = sum(row.values())
        cells = " | ".join(str(row.get(process, "")) for process in processes)
        print(f"| {title} | {cells} | {total:.1f} | {total / stock:.2f} |")


def print_desk(results: dict[str, Any]) -> None:
    """Milliseconds, a line for each direction; then what else was measured."""
    others = []
    print("\n| the staff desk | p50 (ms) | p95 (ms) | longest (ms) |\n|---|---|---|---|")
    for kind, measures in results.items():
        for name, directions in measures.items():
            for direction, row in directions.items():
                if isinstance(row, dict):
                    print(f"| {kind}, {name}, {direction} | {row['p50_ms']} | {row['p95_ms']} | {row['max_ms']} |")
                else:
                    others.append(f"{kind}, {name}, {direction}: {row}")
    print("\n".join(["", *others]))


def tell(what: str) -> None:
    """Prints what is being measured."""
    print(f"[{time.strftime('%H:%M:%S')}] {what} …", flush=True)


if __name__ == "__main__":
    main()
