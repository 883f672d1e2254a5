"""Serves an application beside the work of a process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

START_SECONDS = 20.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.02


@contextmanager
def serve_in_thread(app: Any) -> Iterator[str]:
    """The address on this machine of an application that runs in a thread of its own; RuntimeError if it does not."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the application does not start")
        time.sleep(POLL_SECONDS)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
