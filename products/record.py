"""The product catalogue in the database: read, and filled from the seed when it is empty."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, read_clock
from kit.database import Database
from products.catalogue import Dated, ProductCatalogue, read_seed
from products.schemas import build_product
from revisions import rules
from revisions.schemas import RevisionView
from revisions.service import Revisions

TOPIC = "product"
product_revisions = Revisions(TOPIC)


async def read_catalogue(session: AsyncSession) -> ProductCatalogue:
    """All approved values; raises pydantic.ValidationError if the record holds what is no product."""
    return build_catalogue(await product_revisions.list_all(session))


async def seed(session: AsyncSession, catalogue: ProductCatalogue, now: datetime) -> None:
    """Puts a catalogue into an empty record."""
    for product_id, dated in catalogue.products.items():
        values = [(since, product.dump_content()) for since, product in dated]
        await product_revisions.seed(session, product_id, values, now)


def build_catalogue(revisions: list[RevisionView]) -> ProductCatalogue:
    """The catalogue that revisions make."""
    grouped = groupby(revisions, key=lambda revision: revision.key)
    listed = {key: list(group) for key, group in grouped}
    dated = {key: _list_dated(group) for key, group in listed.items()}
    return ProductCatalogue({key: values for key, values in sorted(dated.items(), key=_rank) if values})


def _list_dated(revisions: list[RevisionView]) -> list[Dated]:
    """In the order in which they replace each other."""
    approved = rules.list_scheduled(revisions, date.min)
    return [(each.effective_from, build_product(each.key, each.number, each.content)) for each in approved]


def _rank(item: tuple[str, list[Dated]]) -> tuple[int, int]:
    """Of farmers first, small ones before large ones, as the seed has them: customers choose among them."""
    kinds = ("farmer", "trader", "firm")
    first = item[1][0][1] if item[1] else None
    return (kinds.index(first.kind), first.amount_max) if first else (len(kinds), 0)


def read_from(database: Database, clock: Clock = read_clock) -> Callable[[], Awaitable[ProductCatalogue]]:
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
