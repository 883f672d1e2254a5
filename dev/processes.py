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

PARTS = ("knowledge", "scoring", "actions", "desk", "rasa", "gateway")
STOP_SECONDS = 10.0


class Processes:
    """Runs parts of 小禾 at their URLs; the output of each goes to <part>.log in `folder`.

    `commands` are the Procfile's, by part, unless others are given.
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

    def start(self, part: str) -> None:
        """Starts one process, in a session of its own: Ctrl-C at the terminal does not reach it."""
        with self.log_path(part).open("ab") as log:
            self._running[part] = subprocess.Popen(
                ["/bin/sh", "-c", "exec " + self._commands[part]],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, part: str, sig: signal.Signals = signal.SIGTERM) -> None:
        """Stops one process; SIGKILL is the hard way, SIGSTOP only freezes it."""
        self._signal(part, sig)
        if sig not in (signal.SIGSTOP, signal.SIGCONT):
            self._wait(part, time.monotonic() + STOP_SECONDS)

    def stop_all(self) -> None:
        """Stops every process, all at the same time; those that take too long, or a second Ctrl-C, are killed."""
        for part in self._running:
            self._signal(part, signal.SIGTERM)
            self._signal(part, signal.SIGCONT)  # a frozen process cannot end
        end = time.monotonic() + STOP_SECONDS
        try:
            for part in list(self._running):
                self._wait(part, end)
        finally:
            for part in self._running:
                self._signal(part, signal.SIGKILL)
            self._client.close()

    def pid(self, part: str) -> int:
        """The process id of a running part."""
        return self._running[part].pid

    def log_path(self, part: str) -> Path:
        """Where a part's output goes."""
        return self.folder / f"{part}.log"

    def read_log_end(self, part: str, lines: int = 20) -> str:
        """The last lines that a part wrote."""
        return "\n".join(self.log_path(part).read_text(errors="replace").splitlines()[-lines:])

    def find_ended(self) -> tuple[str, int] | None:
        """A part that ended by itself, and its status; None while all run."""
        for part, process in self._running.items():
            if (status := process.poll()) is not None:
                return part, status
        return None

    def is_healthy(self, part: str) -> bool:
        """Whether GET /healthz answers 200."""
        with contextlib.suppress(httpx.HTTPError):
            return self._client.get(self.urls[part] + "/healthz").status_code == 200
        return False

    def _signal(self, part: str, sig: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running[part].pid, sig)

    def _wait(self, part: str, end: float) -> None:
        process = self._running[part]
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._signal(part, signal.SIGKILL)
            process.wait(STOP_SECONDS)
        del self._running[part]


def read_procfile() -> dict[str, str]:
    """The commands of the Procfile by process name."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name.strip(): command.strip() for name, _, command in (line.partition(":") for line in lines) if command}
