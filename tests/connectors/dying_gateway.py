"""A gateway process that dies, once, as in a power cut: `python -m tests.connectors.dying_gateway [step]`."""

import asyncio
import functools
import os
import signal
import sys
from typing import Any, Literal, NoReturn

from connectors.bot_client import RasaBot
from connectors.gateway import create_app
from conversations.inbox import Inbox
from conversations.outbox import Outbox
from kit.settings import load_settings
from kit.web import serve

Moment = Literal["before", "amid", "after"]
STEPS: dict[str, tuple[type[Any], str, Moment]] = {
    "before a message is recorded": (Inbox, "record", "before"),
    "after a message was recorded": (Inbox, "record", "after"),
    "while the bot answers": (RasaBot, "answer", "amid"),
    "after the bot answered": (RasaBot, "answer", "after"),
    "before the outcome is recorded": (Inbox, "record_outcome", "before"),
    "after the outcome was recorded": (Inbox, "record_outcome", "after"),
    "before an answer at once is confirmed": (Outbox, "settle_offers", "before"),
    "after an answer at once was confirmed": (Outbox, "settle_offers", "after"),
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


if __name__ == "__main__":
    if sys.argv[1:]:
        die_at(sys.argv[1])
    settings = load_settings()
    serve(create_app(settings), settings.gateway_url, settings)
