"""The Procfile's processes: started, watched and stopped, each with a log file of its own."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from kit.settings import ROOT

PROCESSES = ("knowledge", "scoring", "pictures", "actions", "desk", "rasa", "gateway")
START_SECONDS = 600.0  # the knowledge service learns its texts the first time, a minute on a quiet machine
STOP_SECONDS = 10.0
PRIVATE = 0o077  # what the processes write is for their owner only


class Processes:
    """Runs processes of 小禾 at their URLs; the output of each goes to <name>.log in `folder`.

    `commands` are the Procfile's, by name, unless others are given.
    """

    def __init__(
        self,
        folder: Path,
        urls: Mapping[str, str],
        environment: Mapping[str, str],
        commands: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.urls = dict(urls)
        self.environment = dict(environment)
        self._commands = commands or read_procfile()
        self._client = httpx.Client(timeout=5, trust_env=False)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Starts one process, in a session of its own: Ctrl-C at the terminal does not reach it."""
        with self.log_path(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                ["/bin/sh", "-c", "exec " + self._commands[name]],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=PRIVATE,
            )

    def stop(self, name: str, sig: signal.Signals = signal.SIGTERM) -> None:
        """Stops one process; SIGKILL is the hard way, SIGSTOP only freezes it."""
        self._signal(name, sig)
        if sig not in (signal.SIGSTOP, signal.SIGCONT):
            self._wait(name, time.monotonic() + STOP_SECONDS)

    def stop_all(self) -> None:
        """Stops every process, all at the same time; those that take too long, or a second Ctrl-C, are killed."""
        for name in self._running:
            self._signal(name, signal.SIGTERM)
            self._signal(name, signal.SIGCONT)  # a frozen process cannot end
        end = time.monotonic() + STOP_SECONDS
        try:
            for name in list(self._running):
                self._wait(name, end)
        finally:
            for name in self._running:
                self._signal(name, signal.SIGKILL)
            self._client.close()

    def pid(self, name: str) -> int:
        """The process id of a running process."""
        return self._running[name].pid

    def log_path(self, name: str) -> Path:
        """The file a process's output goes to."""
        return self.folder / f"{name}.log"

    def read_log_end(self, name: str, lines: int = 20) -> str:
        """The last lines that a process wrote."""
        return "\n".join(self.log_path(name).read_text(errors="replace").splitlines()[-lines:])

    def find_ended(self) -> tuple[str, int] | None:
        """The name of a process that ended by itself, and its exit code; None while all run."""
        for name, process in self._running.items():
            if (code := process.poll()) is not None:
                return name, code
        return None

    def is_healthy(self, name: str) -> bool:
        """Whether GET /healthz answers 200."""
        with contextlib.suppress(httpx.HTTPError):
            return self._client.get(self.urls[name] + "/healthz").status_code == 200
        return False

    def _signal(self, name: str, sig: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running[name].pid, sig)

    def _wait(self, name: str, end: float) -> None:
        process = self._running[name]
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._signal(name, signal.SIGKILL)
            process.wait(STOP_SECONDS)
        del self._running[name]


def read_procfile() -> dict[str, str]:
    """The commands of the Procfile by process name."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name.strip(): command.strip() for name, _, command in (line.partition(":") for line in lines) if command}
