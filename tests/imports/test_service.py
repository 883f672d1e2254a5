"""All rows or none, what was shown and nothing else, cancelled at any moment, and fast enough for 10,000 rows."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator

import pytest

from imports.columns import list_columns
from imports.csv_files import write_csv
from imports.service import CHANGED, ImportCancelled, Imports, Progress
from imports.writing import write_rows
from imports.xlsx_files import write_xlsx
from kit.database import Database
from kit.errors import RequestError
from tests.imports.villages import METADATA, VILLAGES, Village, VillageTarget

ROWS = 10_000
# Of processor time: how busy this machine is, is not tested.
SECONDS_MAX = 20
LAG_MAX = 0.5
TWO = "编码,村名,户数\nV1,石桥村,320\nV2,柳庄,10\n".encode()


@pytest.fixture
async def imports(database: Database) -> AsyncIterator[Imports]:
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield Imports(database)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)


async def count(database: Database) -> int:
    return len(await database.fetch(VILLAGES.select()))


async def test_a_dry_run_changes_nothing_and_its_token_imports_what_it_showed(
    database: Database, imports: Imports
) -> None:
    target = VillageTarget()
    plan = await imports.dry_run(TWO, target, Progress())
    assert (plan.counts["new"], await count(database)) == (2, 0)
    done = await imports.commit(TWO, plan.token, target, Progress())
    assert (len(done.todo), await count(database)) == (2, 2)
    again = await imports.commit(TWO, plan.token, target, Progress())
    assert (len(again.todo), again.counts["unchanged"]) == (0, 2)


async def test_data_that_changed_meanwhile_is_said(database: Database, imports: Imports) -> None:
    target = VillageTarget()
    plan = await imports.dry_run(TWO, target, Progress())
    other = "编码,村名,户数\nV1,石桥村,300\n".encode()
    await imports.commit(other, (await imports.dry_run(other, target, Progress())).token, target, Progress())
    with pytest.raises(RequestError, match=CHANGED) as refused:
        await imports.commit(TWO, plan.token, target, Progress())
    assert (refused.value.status, await count(database)) == (409, 1)


async def test_another_file_than_the_one_shown_is_not_imported(database: Database, imports: Imports) -> None:
    plan = await imports.dry_run(TWO, VillageTarget(), Progress())
    with pytest.raises(RequestError, match=CHANGED):
        await imports.commit(TWO.replace(b"320", b"321"), plan.token, VillageTarget(), Progress())
    assert await count(database) == 0


async def test_one_wrong_row_and_none_is_imported(database: Database, imports: Imports) -> None:
    content = TWO + "V3,杏花村,很多\n".encode()
    plan = await imports.dry_run(content, VillageTarget(), Progress())
    with pytest.raises(RequestError, match="第4行 户数：“很多”不是数字") as refused:
        await imports.commit(content, plan.token, VillageTarget(), Progress())
    assert (refused.value.status, await count(database)) == (422, 0)


async def test_a_fault_in_the_middle_leaves_nothing(database: Database, imports: Imports) -> None:
    target, content = VillageTarget(), build_csv(3_000)
    plan = await imports.dry_run(content, target, Progress())
    target.fails_after = 2_000
    with pytest.raises(RuntimeError):
        await imports.commit(content, plan.token, target, Progress())
    assert await count(database) == 0


async def test_two_at_once_import_once(database: Database, imports: Imports) -> None:
    target = VillageTarget()
    plan = await imports.dry_run(TWO, target, Progress())
    await asyncio.gather(
        *(imports.commit(TWO, plan.token, target, Progress()) for _ in range(2)), return_exceptions=True
    )
    assert await count(database) == 2


@pytest.mark.parametrize("at", [1, 1_500, 2_500])
async def test_it_is_cancelled_at_any_moment(database: Database, imports: Imports, at: int) -> None:
    class Stopped(Progress):
        def advance(self, done: int) -> None:
            if self.total and done >= at:
                self.cancel()
            super().advance(done)

    content = build_csv(3_000)
    plan = await imports.dry_run(content, VillageTarget(), Progress())
    with pytest.raises(ImportCancelled):
        await imports.commit(content, plan.token, VillageTarget(), Stopped())
    assert await count(database) == 0


async def test_a_page_that_goes_away_stops_the_work(imports: Imports) -> None:
    class Watched(Progress):
        def advance(self, done: int) -> None:
            super().advance(done)
            loop.call_soon_threadsafe(begun.set)

    loop, begun, progress = asyncio.get_running_loop(), asyncio.Event(), Watched()
    running = asyncio.create_task(imports.dry_run(build_csv(ROWS), VillageTarget(), progress))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ImportCancelled):
        progress.advance(1)


def build_villages(rows: int) -> list[Village]:
    return [
        Village(
            code=f"V{number:05}",
            name=f"村{number:05}",
            households=1 + number % 900,
            quota=number * 100,
            rate="4.90",
            visited="2026-01-01",
            crops=["rice"],
            managers=["张三", "李四"],
        )
        for number in range(rows)
    ]


def build_csv(rows: int) -> bytes:
    return write_csv(write_rows(list_columns(Village), build_villages(rows))).encode()


@pytest.mark.parametrize(("form", "rows"), [("xlsx", ROWS // 5), ("csv", ROWS)])
async def test_ten_thousand_rows_are_fast_and_leave_the_process_responsive(
    database: Database, imports: Imports, form: str, rows: int
) -> None:
    content = build_csv(rows) if form == "csv" else write_xlsx(list_columns(Village), build_villages(rows))
    target, progress, lags, steps = VillageTarget(), Progress(), [0.0], set()

    async def measure() -> None:
        while True:
            asked_at = time.thread_time()
            await asyncio.sleep(0.01)
            lags.append(time.thread_time() - asked_at)
            steps.add((progress.done, progress.total))

    gc.freeze()  # what hundreds of tests before have left is not gone through meanwhile
    measuring = asyncio.create_task(measure())
    started = time.process_time()
    plan = await imports.dry_run(content, target, progress)
    shown = time.process_time()
    await imports.commit(content, plan.token, target, progress)
    took = time.process_time() - started
    measuring.cancel()
    print(f"{form}: dry run {shown - started:.1f} s, both {took:.1f} s, lag {max(lags):.2f} s, {len(steps)} steps")
    assert plan.counts["new"] == rows == await count(database)
    assert took <= SECONDS_MAX
    assert sorted(lags)[int(len(lags) * 0.99)] < LAG_MAX
    assert len(steps) > 10
