"""Whom processes connect to, counted below Python: connections.c is preloaded into them."""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from ipaddress import ip_address
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


class Connections:
    """What processes with this `environment` connect to; empty where nothing can be preloaded (macOS, no compiler)."""

    def __init__(self, folder: Path) -> None:
        self._file, library = folder / "connections", folder / "connections.so"
        self.environment: dict[str, str] = {}
        if sys.platform == "linux" and (shutil.which("cc") or os.environ.get("CI")):
            options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
            subprocess.run(["cc", *options, "-o", library, SOURCE, "-ldl"], check=True)
            self.environment = {"LD_PRELOAD": str(library), "CONNECTIONS_FILE": str(self._file)}

    def read(self) -> dict[int, set[str]]:
        """The addresses and names that each process asked for so far, by process id."""
        found: dict[int, set[str]] = defaultdict(set)
        for line in self._file.read_text().splitlines():
            pid, _, address = line.partition(" ")
            found[int(pid)].add(address)
        return found


def is_this_machine(address: str) -> bool:
    """Whether an address or a name that was looked up is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
