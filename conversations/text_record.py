"""The bank's own words for customer texts in the database: kept as revisions, and followed by each process."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from itertools import groupby

from conversations.customer_texts import OwnWords, get_own_words, replace_own_words
from kit.background import repeat
from kit.database import Database
from kit.errors import ServiceUnavailable
from revisions import rules
from revisions.service import Revisions

log = logging.getLogger(__name__)

text_revisions = Revisions("text")
FOLLOW_SECONDS = 3.0
ReadOwnWords = Callable[[], Awaitable[OwnWords]]


async def read_own_words(database: Database) -> OwnWords:
    """All that are approved, in the order in which they replace each other."""
    async with database.reading() as session:
        revisions = await text_revisions.list_all(session)
    grouped = {key: list(group) for key, group in groupby(revisions, key=lambda each: each.key)}
    return {
        key: [(each.effective_from, each.content) for each in rules.list_scheduled(group, date.min)]
        for key, group in grouped.items()
    }


async def follow_own_words(read: ReadOwnWords, *, seconds: float = FOLLOW_SECONDS) -> None:
    """Reads them every few seconds until cancelled; while that fails, the last ones stand."""

    async def refresh() -> None:
        with suppress(ServiceUnavailable):  # already logged
            own = await read()
            if own != get_own_words():
                replace_own_words(own)
                log.info("the bank's own words for customers have changed")

    await repeat(refresh, seconds=seconds)
