"""Prints the logs of `make run` by time: `python -m dev.logs [PROCESS…]`, all processes when none is named."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from kit.settings import ROOT

LOGS = ROOT / "var" / "log"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ")


def keep_previous_logs(folder: Path) -> None:
    """Renames the logs of the previous start to <name>.log.1."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.log"):
        path.replace(path.with_suffix(".log.1"))


def merge(paths: Iterable[Path]) -> list[str]:
    """The lines of all files by time, each under its file's name; one without a time belongs to the line before it."""
    return [f"{name:<10} {line}" for _, name, line in sorted(_read_all(paths), key=lambda found: found[0])]


def _read_all(paths: Iterable[Path]) -> Iterator[tuple[str, str, str]]:
    for path in paths:
        at = ""
        for line in path.read_text(errors="replace").splitlines():
            found = _TIME.match(line)
            at = found[0] if found else at
            yield at, path.stem, line


def main(names: list[str]) -> None:
    """Leaves with a message when there is no such log."""
    paths = [path for path in sorted(LOGS.glob("*.log")) if not names or path.stem in names]
    if not paths:
        sys.exit(f"no logs of {' '.join(names) or '`make run`'} in {LOGS}")
    try:
        print("\n".join(merge(paths)), flush=True)
    except BrokenPipeError:  # `make logs | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main(sys.argv[1:])
