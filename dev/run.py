"""Runs all processes on this machine until Ctrl-C, or until one of them ends."""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from dev import setup, train
from dev.environment import load_environment
from dev.logs import LOGS, keep_previous_logs
from dev.processes import PRIVATE, PROCESSES, START_SECONDS, Processes
from kit.rasa_environment import quiet
from kit.settings import ROOT, split_address


class ProcessFailed(Exception):
    """A process ended or did not become ready; the text shows the end of its log."""


def main() -> None:
    """The bank as it was left."""
    start(load_environment(), prepare)


def prepare(environment: Mapping[str, str]) -> None:
    """Brings the database up to date, and prints the first password once."""
    setup.run([sys.executable, "-m", "migrations"], environment)
    setup.run([sys.executable, "-m", "desk", "first-password", "--if-none"], environment)


def start(settings: Mapping[str, str], prepare: Callable[[Mapping[str, str]], None], more: str = "") -> None:
    """Trains when needed, prepares the database, starts the Procfile, and prints the addresses when all is ready.

    `settings` are the environment variables of every process; `more` is printed with the addresses.
    """
    os.umask(PRIVATE)
    environment = {**settings, **quiet(), "PYTHONUNBUFFERED": "1"}
    urls = {name: environment[f"XIAOHE_{name.upper()}_URL"] for name in PROCESSES}
    protect(ROOT / "var")
    if taken := list_taken_ports(urls):
        sys.exit("\n".join(taken))
    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.default_int_handler)
    train.main()
    prepare(environment)
    keep_previous_logs(LOGS)
    sys.exit(run(Processes(LOGS, urls, environment), more))


def protect(folder: Path) -> None:
    """Takes from others what they may do with the folder's files, and with itself."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~PRIVATE)


def run(
    processes: Processes, more: str = "", *, start_seconds: float = START_SECONDS, poll_seconds: float = 0.25
) -> int:
    """Starts every process; stops all when one fails (exit code 1) or on Ctrl-C (0)."""
    exit_code = 0
    try:
        for name in processes.urls:
            processes.start(name)
        wait_until_ready(processes, start_seconds, poll_seconds)
        announce(processes.urls, more)
        while True:
            require_all_running(processes)
            time.sleep(poll_seconds)
    except ProcessFailed as error:
        print(f"\n{error}\n\nstopping the others …", file=sys.stderr, flush=True)
        exit_code = 1
    except KeyboardInterrupt:
        print("\nstopping … (Ctrl-C again kills)", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        processes.stop_all()
    return exit_code


def wait_until_ready(processes: Processes, start_seconds: float, poll_seconds: float) -> None:
    """Prints a line for each process as it becomes ready; raises ProcessFailed."""
    began = time.monotonic()
    waiting = list(processes.urls)
    while waiting:
        require_all_running(processes)
        # The gateway is ready when all others are.
        for name in [name for name in waiting if name != "gateway" or len(waiting) == 1]:
            if processes.is_healthy(name):
                print(f"  {name:<10} ready after {time.monotonic() - began:5.1f} s", flush=True)
                waiting.remove(name)
        if waiting and time.monotonic() - began > start_seconds:
            ends = [describe_end(processes, name) for name in waiting]
            raise ProcessFailed("\n\n".join([f"not ready after {start_seconds:.0f} s: {', '.join(waiting)}", *ends]))
        time.sleep(poll_seconds)


def require_all_running(processes: Processes) -> None:
    """Raises ProcessFailed when a process has ended."""
    if ended := processes.find_ended():
        name, code = ended
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        raise ProcessFailed(f"{name} {how}.\n{describe_end(processes, name)}")


def describe_end(processes: Processes, name: str) -> str:
    """The last lines of a process's log, under the file's path."""
    return f"The end of {processes.log_path(name)}:\n{processes.read_log_end(name)}"


def list_taken_ports(urls: Mapping[str, str]) -> list[str]:
    """A sentence for each process whose port another program listens on."""
    sentences = []
    for name, url in urls.items():
        host, port = split_address(url)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                sentences.append(
                    f"{name} cannot listen on {host}:{port} ({error.strerror}). Stop the program that does "
                    f"(another `make run`?), or set XIAOHE_{name.upper()}_URL to another port."
                )
    return sentences


def announce(urls: Mapping[str, str], more: str = "") -> None:
    """The three addresses, and what else is to be said."""
    print(
        f"""
  小禾 is up.
    customer chat   {urls["gateway"]}/
    staff site      {urls["desk"]}/
    API docs        {urls["gateway"]}/docs
{more}  Logs: make logs. Ctrl-C stops everything.
""",
        flush=True,
    )


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
