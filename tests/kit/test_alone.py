"""A second process at the same SQLite file does not start."""

import subprocess
import sys
from pathlib import Path

import pytest

from kit.alone import run_alone
from kit.settings import ROOT

HOLD = """
import sys
from kit.alone import run_alone
with run_alone(sys.argv[1], "gateway"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_file_is_taken_until_its_process_is_gone_however_it_ends(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/test.db"
    command = [sys.executable, "-c", HOLD, url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(SystemExit, match="PostgreSQL"), run_alone(url, "gateway", wait_seconds=0.2):
            pass
        with run_alone(url, "desk"):
            pass
        other.kill()
    with run_alone(url, "gateway", wait_seconds=5):
        pass


@pytest.mark.parametrize("url", ["postgresql+asyncpg://root@127.0.0.1/x", "sqlite+aiosqlite://"])
def test_postgresql_takes_many(url: str) -> None:
    with run_alone(url, "gateway"), run_alone(url, "gateway", wait_seconds=0):
        pass
