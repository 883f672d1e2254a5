"""Entries and kept vectors in either kind of database."""

from datetime import timedelta

from sqlalchemy import func, select

from kit.database import Database
from knowledge import repository
from knowledge.tables import KnowledgeEntry, SimilarQuestion, TextVector
from tests.knowledge.entries import CARD, HOURS, NOW, RATE, make_entry, store


async def describe(database: Database) -> str:
    async with database.reading() as session:
        return await repository.describe_state(session)


async def keep(database: Database, vectors: dict[str, bytes]) -> None:
    async with database.transaction() as session:
        await repository.keep_vectors(session, vectors)


async def list_kept(database: Database) -> dict[str, bytes]:
    async with database.reading() as session:
        return {row.key: row.vector for row in await session.scalars(select(TextVector))}


async def test_entries_come_in_the_order_of_their_ids_with_their_similar_questions(database: Database) -> None:
    await store(database, make_entry(*RATE), make_entry(*CARD), make_entry("a-lonely-one", "你们在哪"))
    async with database.reading() as session:
        found = await repository.list_entries(session)
    assert [row.id for row in found] == ["a-lonely-one", "card-lost", "loan-rate"]
    assert [[s.text for s in row.similar_questions] for row in found] == [[], list(CARD[2]), list(RATE[2])]


async def test_similar_questions_keep_their_order(database: Database) -> None:
    entry = make_entry("card-lost", "卡丢了")
    entry.similar_questions = [SimilarQuestion(position=2 - n, text=str(2 - n)) for n in range(3)]
    await store(database, entry)
    async with database.reading() as session:
        (found,) = await repository.list_entries(session)
    assert [s.text for s in found.similar_questions] == ["0", "1", "2"]


async def test_an_entry_takes_its_similar_questions_along(database: Database) -> None:
    await store(database, make_entry(*CARD))
    async with database.transaction() as session:
        await session.delete(await session.get_one(KnowledgeEntry, "card-lost"))
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SimilarQuestion)) == 0


async def test_the_state_changes_with_every_change_and_only_then(database: Database) -> None:
    states = [await describe(database)]
    await store(database, make_entry(*CARD))
    states.append(await describe(database))
    await store(database, make_entry(*RATE))  # of the same moment
    states.append(await describe(database))
    async with database.transaction() as session:
        entry = await session.get_one(KnowledgeEntry, "card-lost")
        entry.answer, entry.updated_at = "请打电话挂失。", NOW + timedelta(microseconds=1)
    states.append(await describe(database))
    async with database.transaction() as session:
        await session.delete(await session.get_one(KnowledgeEntry, "loan-rate"))
        session.add(make_entry(*HOURS, NOW + timedelta(seconds=1)))
    states.append(await describe(database))
    assert len(set(states)) == len(states)
    assert await describe(database) == states[-1]


async def test_vectors_are_found_by_key_however_many(database: Database) -> None:
    vectors = {f"{n:064}": bytes([n % 256]) * 8 for n in range(3 * repository.CHUNK + 1)}
    await keep(database, vectors)
    async with database.reading() as session:
        assert await repository.find_vectors(session, [*vectors, "unknown"]) == vectors
        assert await repository.find_vectors(session, ["unknown"]) == {}
        assert await repository.find_vectors(session, []) == {}


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
    async with database.transaction() as session:
        await repository.keep_vectors(session, vectors)
        added = [row.key for row in session.new if isinstance(row, TextVector)]
    assert added == sorted(vectors)
