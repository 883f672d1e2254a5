"""The data officer's commands, run as they are typed."""

import asyncio
from typing import Any

import pytest

from kit.database import Database
from kit.http import ServiceClient
from kit.settings import Settings
from privacy import command
from privacy.ledger import Ledger
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock
from tests.privacy.rights.world import ADDRESS, CANARY, World

pytestmark = sqlite_only


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The conversations that the bot was asked to forget."""
    asked: list[str] = []

    async def forget(rasa: ServiceClient, conversation_id: str) -> None:
        asked.append(conversation_id)

    monkeypatch.setattr(command, "forget_dialogue", forget)
    return asked


@pytest.fixture
async def world(database: Database, clock: FixedClock) -> World:
    return World(database, clock)


async def run(database_url: str, *arguments: str) -> str | None:
    """What went wrong; the command has a loop of its own."""
    return await asyncio.to_thread(command.run, arguments, Settings(database_url=database_url))


async def test_somebody_is_found_by_what_they_gave(
    world: World, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.settle()
    await world.settle("wang")
    for text in ("13800001234", "QH-zhang", "customer-zhang", f"{CANARY}-zhang"):
        assert await run(database_url, "find", text) is None
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith("customer-zhang")
    records = [record async for record in Ledger(world.database).read_from()]
    assert [(record.kind, record.customer_id) for record in records] == [("looked_up", "customer-zhang")] * 4
    assert "13800001234" not in str(records)


@pytest.mark.parametrize("form", ["html", "json"])
async def test_all_of_theirs_is_printed_and_that_recorded(
    world: World, database_url: str, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    await world.settle()
    assert await run(database_url, "export", "QH-zhang", "--format", form) is None
    assert f"{CANARY}-zhang" in capsys.readouterr().out
    assert [record.kind async for record in Ledger(world.database).read_from()] == ["exported"]


async def test_a_dry_run_erases_nothing(world: World, database_url: str, forgotten: list[str]) -> None:
    await world.settle()
    before = await world.find_canaries()
    assert await run(database_url, "erase", "QH-zhang", "--dry-run") is None
    assert (await world.find_canaries(), forgotten) == (before, [])
    assert [record.kind async for record in Ledger(world.database).read_from()] == ["looked_up"]


async def test_erasing_says_its_number(
    world: World, database_url: str, forgotten: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    conversation = await world.settle()
    assert await run(database_url, "erase", "13800001234") is None
    assert "凭证号1" in capsys.readouterr().out
    assert forgotten == [conversation]
    assert await world.find_canaries() == {ADDRESS, "data_requests.claim", "data_requests.answer"}


async def test_a_hold_is_in_the_way(world: World, database_url: str, forgotten: list[str]) -> None:
    await world.settle()
    assert await run(database_url, "hold", "add", "QH-zhang", "--reason", "诉讼") is None
    assert "法定保留" in str(await run(database_url, "erase", "QH-zhang"))
    assert forgotten == []
    assert await run(database_url, "hold", "remove", "QH-zhang") is None
    assert await run(database_url, "erase", "QH-zhang") is None


async def test_whoever_is_not_one_is_refused(world: World, database_url: str) -> None:
    await world.settle()
    await world.settle("wang", phone="13800001234")
    told: Any = await run(database_url, "erase", "13800001234")
    assert "对应2位客户" in told
    assert "13800001234" not in told
    assert "对应0位客户" in str(await run(database_url, "export", "nobody"))


async def test_the_ledger_is_checked_and_shown(
    world: World, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.settle()
    await run(database_url, "hold", "add", "QH-zhang", "--reason", "诉讼")
    capsys.readouterr()
    assert await run(database_url, "ledger", "verify") is None
    assert "1条记录完好" in capsys.readouterr().out
    assert await run(database_url, "ledger", "show", "customer-zhang") is None
    assert "法定保留" in capsys.readouterr().out


async def test_retention_and_map_are_printed(
    world: World, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.settle()
    assert await run(database_url, "retention", "--dry-run") is None
    assert "conversation" in capsys.readouterr().out
    assert await run(database_url, "map") is None
    assert "`messages`" in capsys.readouterr().out
