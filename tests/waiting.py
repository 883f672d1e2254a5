"""How long a test waits for what must come, and how."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

# Only a test that fails waits so long: how busy the machine is, is not tested.
WAIT_SECONDS = 180.0
PATIENCE_MS = 60_000  # for a page to show something
PAUSE_SECONDS = 0.01  # between two looks


async def wait_until(is_so: Callable[[], object]) -> None:
    """Returns once something is so that another task, thread or process brings about; fails when it never is."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_so():  # noqa: ASYNC110 (what is waited for knows no event of this loop)
            await asyncio.sleep(PAUSE_SECONDS)


async def wait_for(find: Callable[[], Awaitable[Found]]) -> Found:
    """As `wait_until`, for what has to be looked up: gives what is found."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not (found := await find()):  # noqa: ASYNC110 (what is waited for is in a database)
            await asyncio.sleep(PAUSE_SECONDS)
        return found
