"""Keeps the catalogue of a process as the record has it."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from kit.background import repeat
from kit.errors import ServiceUnavailable
from products.catalogue import ProductCatalogue, get_catalogue, replace_catalogue

log = logging.getLogger(__name__)

FOLLOW_SECONDS = 3.0
ReadCatalogue = Callable[[], Awaitable[ProductCatalogue]]


async def follow_catalogue(read: ReadCatalogue, *, seconds: float = FOLLOW_SECONDS) -> None:
    """Reads the catalogue every few seconds until cancelled; while that fails, the last one stands."""

    async def refresh() -> None:
        with suppress(ServiceUnavailable):  # already logged
            catalogue = await read()
            if catalogue != get_catalogue():
                replace_catalogue(catalogue)
                log.info("the product catalogue has changed")

    await repeat(refresh, seconds=seconds)
