"""The catalogue in the database: filled once, and followed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from kit.database import Database
from products.catalogue import ProductCatalogue, find_product, read_seed, read_today, replace_catalogue
from products.following import ReadCatalogue, follow_catalogue
from products.record import product_revisions, read_from
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS

NOW = FixedClock()()


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


@asynccontextmanager
async def following(read: ReadCatalogue) -> AsyncIterator[None]:
    task = asyncio.create_task(follow_catalogue(read, seconds=0.01))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def approve(database: Database, product_id: str, **changes: object) -> None:
    today = read_today()
    known = find_product(product_id) or find_product("farmer_loan")
    assert known
    content = known.dump_content() | changes
    async with database.transaction() as session:
        draft = await product_revisions.draft(session, product_id, content, today, by="anna", now=NOW, today=today)
        await product_revisions.approve(session, product_id, draft.number, 1, by="bela", now=NOW, today=today)


async def test_an_empty_record_is_filled_once_with_the_seed(database: Database) -> None:
    read = read_from(database)
    found = await asyncio.gather(read(), read())
    assert list(found) == [read_seed()] * 2
    assert await read() == read_seed()
    async with database.reading() as session:
        assert [each.number for each in await product_revisions.list_all(session, "firm_loan")] == [1, 2]


async def test_a_process_follows_what_was_approved(database: Database) -> None:
    read, has_come = read_from(database), asyncio.Event()

    async def read_and_tell() -> ProductCatalogue:
        found = await read()
        if "orchard_loan" in found.products:
            has_come.set()
        return found

    async with following(read_and_tell):
        await read()
        await approve(database, "farmer_loan", amount_max=350_000, online_limit=320_000)
        await approve(database, "orchard_loan", name="果园贷")
        async with asyncio.timeout(WAIT_SECONDS):
            await has_come.wait()
        await asyncio.sleep(0.01)
    product = find_product("果园贷")
    assert product
    assert (product.id, product.revision) == ("orchard_loan", 1)
    changed = find_product("farmer_loan")
    assert changed
    assert (changed.online_limit, changed.revision) == (320_000, 3)


async def test_while_the_source_is_away_the_last_catalogue_stands() -> None:
    tries = 0

    async def fail() -> ProductCatalogue:
        nonlocal tries
        tries += 1
        raise OSError

    async with following(fail):
        await asyncio.sleep(0.02)
    assert tries
    assert find_product("farmer_loan") == read_seed().find("farmer_loan", read_today() + timedelta(days=1))
