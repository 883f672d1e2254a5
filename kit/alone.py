"""One process alone at a SQLite file: what it counts in memory must be all there is."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

WAIT_SECONDS = 10.0  # for the one before, which may still be ending
POLL_SECONDS = 0.1


@contextmanager
def run_alone(database_url: str, name: str, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Keeps other processes of this name away from a SQLite file; SystemExit if one has it. PostgreSQL takes many.

    The lock is the operating system's: it ends with the process, however that ends.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        yield
        return
    with Path(f"{url.database}.{name}.lock").open("w") as file:
        end = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise SystemExit(
                        f"another {name} uses {url.database}: SQLite takes one; several need PostgreSQL "
                        "(XIAOHE_DATABASE_URL)"
                    ) from None
                time.sleep(POLL_SECONDS)
        yield
