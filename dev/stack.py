"""All processes of 小禾 on free ports of this machine, for training, tests and measuring."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from dev.environment import SECRETS
from dev.processes import PROCESSES, START_SECONDS, Processes
from kit.database import Database
from kit.settings import ROOT, Settings


class Stack(Processes):
    """Starts the Procfile's processes with a database of their own under a temporary folder; stops them at the end."""

    def __init__(self, names: Sequence[str] = PROCESSES, *, database_url: str = "", **settings: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="xiaohe-"))
        urls = {name: f"http://127.0.0.1:{find_free_port()}" for name in PROCESSES}
        environment = {
            **os.environ,
            **{f"XIAOHE_{name.upper()}_URL": url for name, url in urls.items()},
            "XIAOHE_DATABASE_URL": database_url or f"sqlite+aiosqlite:///{folder}/xiaohe.db",
            "XIAOHE_TRACKER_URL": f"sqlite:///{folder}/rasa.db",
            "XIAOHE_CORE_DEMO_FILE": f"{folder}/core-requests.json",
            "XIAOHE_SMS_FILE": f"{folder}/sms.jsonl",
            "XIAOHE_TUNED_ENCODERS": f"{folder}/encoders",
            **{name: os.environ.get(name) or secrets.token_urlsafe(24) for name in SECRETS},
            **settings,
        }
        super().__init__(folder, urls, environment)
        self._names = tuple(names)

    def __enter__(self) -> Self:
        try:
            self.run_once([str(ROOT / ".venv/bin/python"), "-m", "migrations"])
            for name in self._names:
                self.start(name)
            for name in self._names:
                self.wait_until_healthy(name)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def run_once(self, command: Sequence[str]) -> None:
        """Runs a command in the stack's environment; raises CalledProcessError."""
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    def wait_until_healthy(self, name: str, seconds: float = START_SECONDS) -> None:
        """Returns when GET /healthz answers 200; raises RuntimeError with the log's end when it never does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._running[name].poll() is None:
            if self.is_healthy(name):
                return
            time.sleep(0.1)
        raise RuntimeError(f"{name} is not healthy:\n{self.read_log_end(name, 60)}")

    def open_database(self) -> Database:
        """The stack's database, with the key of its personal data; the caller closes it."""
        secrets = {name: self.environment[f"XIAOHE_{name.upper()}"] for name in ("vault_keys", "vault_hash_key")}
        vault = Settings.model_validate(secrets).open_vault()
        return Database(self.environment["XIAOHE_DATABASE_URL"], vault)

    def close(self) -> None:
        """Stops everything and removes the folder."""
        self.stop_all()
        shutil.rmtree(self.folder, ignore_errors=True)


def find_free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
