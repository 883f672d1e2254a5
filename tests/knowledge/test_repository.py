"""Entries and kept vectors in either kind of database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, select

from kit.database import Database
from knowledge import repository
from knowledge.schemas import EntryText, EntryView
from knowledge.tables import TextVector
from tests.knowledge.entries import CARD, NOW, RATE, make_entry, retire, store


async def list_entries(database: Database, now: datetime = NOW) -> list[EntryView]:
    async with database.reading() as session:
        return await repository.list_entries(session, now)


async def keep(database: Database, vectors: dict[str, bytes]) -> None:
    async with database.transaction() as session:
        await repository.keep_vectors(session, "hashing", vectors)


async def list_kept(database: Database) -> dict[str, bytes]:
    async with database.reading() as session:
        return {row.key: row.vector for row in await session.scalars(select(TextVector))}


async def test_entries_come_in_the_order_of_their_ids_with_their_similar_questions(database: Database) -> None:
    await store(database, make_entry(*RATE), make_entry(*CARD), make_entry("a-lonely-one", "你们在哪"))
    found = await list_entries(database)
    assert [entry.entry_id for entry in found] == ["a-lonely-one", "card-lost", "loan-rate"]
    assert [entry.similar_questions for entry in found] == [[], list(CARD[2]), list(RATE[2])]


async def test_every_field_of_an_entry_is_that_of_the_revision_in_force(database: Database) -> None:
    content = EntryText(
        category="service",
        question="卡没了",
        similar_questions=["卡没了怎么办"],
        answer="请打电话挂失。",
        answer_web="请点挂失。",
        answer_wechat="请点菜单里的挂失。",
        answer_telegram="请发“挂失”。",
        question_english="My card is gone",
        answer_english="Please call us.",
        source="某办法，2026-01-01",
        expires_at=NOW + timedelta(days=1),
    )
    await store(database, make_entry(*CARD), ("card-lost", content))
    assert await list_entries(database) == [EntryView(entry_id="card-lost", revision=2, **content.model_dump())]


async def test_what_is_retired_expired_or_not_yet_in_force_is_not_listed(database: Database) -> None:
    await store(database, make_entry("gone", "没有了"), make_entry("expiring", "到期", expires_at=NOW))
    await retire(database, "gone")
    await store(database, make_entry("later", "以后"), effective_from=NOW.date() + timedelta(days=1))
    assert await list_entries(database) == []
    assert [e.entry_id for e in await list_entries(database, NOW - timedelta(seconds=1))] == ["expiring"]
    assert [e.entry_id for e in await list_entries(database, NOW + timedelta(days=1))] == ["later"]


async def test_a_day_begins_at_midnight_in_china(database: Database) -> None:
    await store(database, make_entry("later", "以后"), effective_from=NOW.date() + timedelta(days=1))
    midnight = datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert await list_entries(database, midnight - timedelta(seconds=1)) == []
    assert len(await list_entries(database, midnight)) == 1


async def test_vectors_are_found_by_key_however_many(database: Database) -> None:
    vectors = {f"{n:064}": bytes([n % 256]) * 8 for n in range(3 * repository.CHUNK + 1)}
    await keep(database, vectors)
    async with database.reading() as session:
        assert await repository.find_vectors(session, "hashing", [*vectors, "unknown"]) == vectors
        assert await repository.find_vectors(session, "hashing", ["unknown"]) == {}
        assert await repository.find_vectors(session, "hashing", []) == {}
        assert await repository.find_vectors(session, "another", [*vectors]) == {}


async def test_exactly_the_given_vectors_are_kept(database: Database) -> None:
    many = {f"{n:064}": b"old" for n in range(2 * repository.CHUNK + 1)}
    await keep(database, many)
    await keep(database, many)
    assert await list_kept(database) == many
    last = f"{2 * repository.CHUNK:064}"
    await keep(database, {last: b"another", "new": b"new"})
    assert await list_kept(database) == {last: b"old", "new": b"new"}
    await keep(database, {})
    assert await list_kept(database) == {}


async def test_all_write_in_one_order_so_that_nobody_locks_another_out(database: Database) -> None:
    vectors = {f"{n * 7919 % 1009:064}": b"v" for n in range(200)}
    added: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            added.extend(row["key"] if isinstance(row, dict) else row[0] for row in parameters)

    event.listen(database.engine.sync_engine, "before_cursor_execute", listen)
    async with database.transaction() as session:
        await repository.keep_vectors(session, "hashing", vectors)
    assert added == sorted(vectors)
