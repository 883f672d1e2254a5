"""Serves a platform's application beside tests and benchmarks."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

from dev.stack import find_free_port


@contextmanager
def run_in_thread(app: Any) -> Iterator[str]:
    """The address of an application that runs in a thread of its own."""
    port = find_free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, ws="none"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
