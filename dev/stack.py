"""All processes of 小禾 on free ports of this machine, for training, tests and measuring."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from kit.settings import ROOT

PARTS = ("knowledge", "scoring", "actions", "desk", "rasa", "gateway")
START_SECONDS = 180.0


class Stack:
    """Starts the Procfile's processes with a database of their own under a temporary folder; stops them at the end."""

    def __init__(self, parts: Sequence[str] = PARTS, *, database_url: str = "", **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="xiaohe-"))
        self.urls = {part: f"http://127.0.0.1:{find_free_port()}" for part in PARTS}
        self.environment = {
            **os.environ,
            **{f"XIAOHE_{part.upper()}_URL": url for part, url in self.urls.items()},
            "XIAOHE_DATABASE_URL": database_url or f"sqlite+aiosqlite:///{self.folder}/xiaohe.db",
            "XIAOHE_TRACKER_URL": f"sqlite:///{self.folder}/rasa.db",
            "XIAOHE_RASA_TOKEN": secrets.token_urlsafe(24),
            "XIAOHE_SERVICE_TOKEN": secrets.token_urlsafe(24),
            **settings,
        }
        self._commands = read_procfile()
        self._parts = tuple(parts)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            self.run_once([str(ROOT / ".venv/bin/python"), "-m", "migrations"])
            for part in self._parts:
                self.start(part)
            for part in self._parts:
                self.wait_until_healthy(part)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run_once(self, command: Sequence[str]) -> None:
        """Runs a command in the stack's environment; raises CalledProcessError."""
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    def start(self, part: str) -> None:
        """Starts one process; its output goes to <part>.log in the stack's folder."""
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
        process = self._running[part]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sig)
        if sig not in (signal.SIGSTOP, signal.SIGCONT):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
            del self._running[part]

    def pid(self, part: str) -> int:
        """The process id of a running part."""
        return self._running[part].pid

    def log_path(self, part: str) -> Path:
        """Where a part's output goes."""
        return self.folder / f"{part}.log"

    def wait_until_healthy(self, part: str, seconds: float = START_SECONDS) -> None:
        """Returns when GET /healthz answers 200; raises RuntimeError with the log's end when it never does."""
        end = time.monotonic() + seconds
        with httpx.Client(timeout=5, trust_env=False) as client:
            while time.monotonic() < end:
                process = self._running[part]
                if process.poll() is not None:
                    break
                with contextlib.suppress(httpx.HTTPError):
                    if client.get(self.urls[part] + "/healthz").status_code == 200:
                        return
                time.sleep(0.1)
        raise RuntimeError(f"{part} is not healthy:\n{self.log_path(part).read_text()[-4000:]}")

    def close(self) -> None:
        """Stops everything and removes the folder."""
        for part in list(self._running):
            self.stop(part, signal.SIGCONT)  # a frozen process cannot end
            self.stop(part)
        shutil.rmtree(self.folder, ignore_errors=True)


def read_procfile() -> dict[str, str]:
    """The commands of the Procfile by process name."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name.strip(): command.strip() for name, _, command in (line.partition(":") for line in lines) if command}


def find_free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
