"""Keeps the catalogue of a process as the record has it."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy.exc import IntegrityError

from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from products.catalogue import ProductCatalogue, get_catalogue, read_seed, replace_catalogue
from products.record import read_catalogue, seed

log = logging.getLogger(__name__)

FOLLOW_SECONDS = 3.0
ReadCatalogue = Callable[[], Awaitable[ProductCatalogue]]


async def follow_catalogue(read: ReadCatalogue, *, seconds: float = FOLLOW_SECONDS) -> None:
    """Reads the catalogue every few seconds until cancelled; while that fails, the last one stands."""

    async def refresh() -> None:
        catalogue = await read()
        if catalogue != get_catalogue():
            replace_catalogue(catalogue)
            log.info("the product catalogue has changed")

    await repeat(refresh, seconds=seconds)


def read_from(database: Database, clock: Clock = read_clock) -> ReadCatalogue:
    """Reads it from the database, which is filled from the seed if it has none."""

    async def read() -> ProductCatalogue:
        async with database.reading() as session:
            found = await read_catalogue(session)
        if found.products:
            return found
        # Another process may be filling it.
        with suppress(IntegrityError):
            async with database.transaction() as session:
                await seed(session, read_seed(), clock())
        async with database.reading() as session:
            return await read_catalogue(session)

    return read
