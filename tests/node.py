"""Programs of Node.js: packages that tests compare ours with, installed once under var/npm, and our page's modules."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kit.settings import ROOT
from tests.waiting import WAIT_SECONDS

INSTALL_SECONDS = 180
CALL = """
const { address, name, calls } = JSON.parse(process.argv[1]);
const called = (await import(address))[name];
console.log(JSON.stringify(calls.map((each) => called(...each))));
"""


def require_packages(*packages: str) -> Path:
    """The folder whose `node_modules` holds the packages, each given as `name@version`.

    Without Node.js, or where npm reaches no registry, the test is skipped with the reason; in CI that is an error.
    """
    folder = ROOT / "var" / "npm" / " ".join(sorted(packages)).replace("/", "+")
    if not shutil.which("node"):
        _do_without("Node.js is not installed")
    elif not folder.exists():
        _install(packages, folder)
    return folder


def run_node(folder: Path, script: Path, text: str) -> str:
    """What a script that finds its packages in the folder writes when it reads the text; both UTF-8."""
    environment = {**os.environ, "NODE_PATH": str(folder / "node_modules")}
    command = ["node", str(script)]
    done = subprocess.run(
        command, env=environment, input=text.encode(), capture_output=True, timeout=WAIT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def call_module(folder: Path, module: str, name: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
    """What a function of a module in the folder returns to each list of arguments; needs no browser."""
    if not shutil.which("node"):
        _do_without("Node.js is not installed")
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(folder, Path(scratch) / "copy")
        (copy / "package.json").write_text('{"type": "module"}')  # as a browser takes them
        request = json.dumps({"address": (copy / module).as_uri(), "name": name, "calls": calls})
        command = ["node", "--input-type=module", "--eval", CALL, request]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def _install(packages: tuple[str, ...], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / "made"
        options = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]
        command = ["npm", "install", "--prefix", str(made), *options, *packages]
        try:
            subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=True)
        except (OSError, subprocess.TimeoutExpired) as error:
            _do_without(f"npm did not install {packages}: {type(error).__name__}")
        except subprocess.CalledProcessError as error:
            _do_without(f"npm did not install {packages}: {error.stderr.strip()[-500:]}")
        # Renamed when complete: a folder that is there can be used, even after an interruption.
        with suppress(OSError):  # another test process was faster
            made.rename(folder)


def _do_without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
