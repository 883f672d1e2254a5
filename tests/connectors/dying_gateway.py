"""A gateway process that dies, once, as in a power cut; forked from one that has imported everything already."""

import asyncio
import functools
import multiprocessing
import os
import signal
import socket
from typing import Any, Literal, NoReturn

import uvicorn

from connectors.bot_client import RasaBot
from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.wecom_service.accounts import ServiceAccounts
from conversations.inbox import Inbox
from conversations.outbox import Outbox

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])
Moment = Literal["before", "amid", "after"]
STEPS: dict[str, tuple[type[Any], str, Moment]] = {
    "before a message is recorded": (Inbox, "record", "before"),
    "after a message was recorded": (Inbox, "record", "after"),
    "before a page is noted as fetched": (ServiceAccounts, "advance", "before"),
    "while the bot answers": (RasaBot, "do", "amid"),
    "after the bot answered": (RasaBot, "do", "after"),
    "before the outcome is recorded": (Inbox, "record_outcome", "before"),
    "after the outcome was recorded": (Inbox, "record_outcome", "after"),
    "before an answer at once is confirmed": (Outbox, "confirm", "before"),
    "after an answer at once was confirmed": (Outbox, "confirm", "after"),
    "before a push": (Outbox, "claim", "after"),
    "before a push is recorded": (Outbox, "record_part", "before"),
    "after a push was recorded": (Outbox, "record_part", "after"),
}


def die_at(step: str) -> None:
    """Replaces the step's method by one that ends the process."""
    owner, name, moment = STEPS[step]
    original = getattr(owner, name)

    @functools.wraps(original)
    async def dying(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            die()
        running = asyncio.ensure_future(original(*args, **kwargs))
        if moment == "amid":
            await asyncio.sleep(0.05)
            die()
        result = await running
        if name == "claim" and not result:  # nothing was due: no push is about to be
            return result
        die()

    setattr(owner, name, dying)


def die() -> NoReturn:
    """The end."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


class GatewayProcess:
    """A gateway on a socket that is already listening; it dies at `step`, if one is named."""

    def __init__(self, listening: socket.socket, settings: dict[str, Any], step: str = "") -> None:
        self._process = FORKS.Process(target=_run, args=(listening, settings, step), daemon=True)
        self._process.start()

    async def wait(self) -> int | None:
        """Its exit code, once it has ended; minus the signal that killed it."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        return self._process.exitcode

    def kill(self) -> None:
        """Ends it, if it has not ended yet."""
        self._process.kill()
        self._process.join()


def _run(listening: socket.socket, settings: dict[str, Any], step: str) -> None:
    if step:
        die_at(step)
    # Longer than a bank may set.
    turn = {"turn_seconds": settings.pop("turn_seconds")}
    reply = {"reply_seconds": settings["wechat"].pop("reply_seconds")}
    read = GatewaySettings(**settings)
    app = create_app(read.model_copy(update=turn | {"wechat": read.wechat.model_copy(update=reply)}))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    server.run(sockets=[listening])
