"""Entries and kept vectors in either kind of database."""

from sqlalchemy import func, select

from kit.database import Database
from knowledge import repository
from knowledge.schemas import EntryView
from knowledge.tables import KnowledgeEntry, SimilarQuestion, TextVector
from tests.knowledge.entries import CARD, RATE, make_entry, store


async def list_entries(database: Database) -> list[EntryView]:
    async with database.reading() as session:
        return await repository.list_entries(session)


async def keep(database: Database, vectors: dict[str, bytes]) -> None:
    async with database.transaction() as session:
        await repository.keep_vectors(session, vectors)


async def list_kept(database: Database) -> dict[str, bytes]:
    async with database.reading() as session:
        return {row.key: row.vector for row in await session.scalars(select(TextVector))}


async def test_entries_come_in_the_order_of_their_ids_with_their_similar_questions(database: Database) -> None:
    await store(database, make_entry(*RATE), make_entry(*CARD), make_entry("a-lonely-one", "你们在哪"))
    found = await list_entries(database)
    assert [entry.entry_id for entry in found] == ["a-lonely-one", "card-lost", "loan-rate"]
    assert [entry.similar_questions for entry in found] == [[], list(CARD[2]), list(RATE[2])]


async def test_similar_questions_keep_their_order(database: Database) -> None:
    entry = make_entry("card-lost", "卡丢了")
    entry.similar_questions = [SimilarQuestion(position=2 - n, text=str(2 - n)) for n in range(3)]
    await store(database, entry)
    (found,) = await list_entries(database)
    assert found.similar_questions == ["0", "1", "2"]


async def test_an_entry_takes_its_similar_questions_along(database: Database) -> None:
    await store(database, make_entry(*CARD))
    async with database.transaction() as session:
        await session.delete(await session.get_one(KnowledgeEntry, "card-lost"))
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SimilarQuestion)) == 0


async def test_every_field_of_an_entry_is_read_as_it_is_now(database: Database) -> None:
    await store(database, make_entry(*CARD))
    async with database.transaction() as session:
        entry = await session.get_one(KnowledgeEntry, "card-lost")
        entry.category, entry.question, entry.answer = "service", "卡没了", "请打电话挂失。"
        entry.similar_questions = [SimilarQuestion(position=0, text="卡没了怎么办")]
    assert await list_entries(database) == [
        EntryView(
            entry_id="card-lost",
            category="service",
            question="卡没了",
            similar_questions=["卡没了怎么办"],
            answer="请打电话挂失。",
        )
    ]


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
