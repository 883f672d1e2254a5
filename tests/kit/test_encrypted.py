"""Encrypted columns as the raw database shows them, and what becomes of them when the key changes."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from conversations.service import Conversations
from conversations.tables import Conversation, Handoff, InternalNote
from documents.service import Documents
from kit.clock import read_clock
from kit.database import Database
from kit.encrypted import read_vault, rotate_key
from kit.search_keys import list_search_keys, read_search
from kit.vault import PREFIX, Vault, VaultError
from migrations.metadata import METADATA
from tests.documents.pictures import draw, encode

NEW = Vault(["a key that came later", "what tests encrypt personal data by"], "what tests hash personal data by")
ONLY_NEW = Vault(["a key that came later"], "what tests hash personal data by")
NOTE = "王秀英的电话是13812345678"


@pytest.fixture
async def conversation_id(database: Database) -> str:
    opened = await Conversations(database).open_conversation("web", "wang")
    async with database.transaction() as session:
        session.add(InternalNote(conversation_id=opened.id, staff_id="agent", text=NOTE, at=read_clock()))
        row = await session.get_one(Conversation, opened.id)
        row.dialogue = {"proposed": "王秀英"}
    return opened.id


async def read_raw(database: Database, query: str) -> list[Any]:
    async with database.reading() as session:
        return list((await session.execute(text(query))).scalars())


async def read_notes(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(InternalNote.text)))


async def test_the_raw_database_shows_nothing(database: Database, conversation_id: str) -> None:
    (note,) = await read_raw(database, "SELECT text FROM internal_notes")
    (dialogue,) = await read_raw(database, "SELECT dialogue FROM conversations")
    assert note.startswith(PREFIX)
    assert dialogue.startswith(PREFIX)
    assert "王" not in note + dialogue
    assert await read_notes(database) == [NOTE]


async def test_a_database_without_a_vault_has_no_key_to_read_with(database_url: str) -> None:
    blind = Database(database_url)
    with pytest.raises(VaultError, match="without a vault"):
        read_vault(blind.engine.dialect)
    await blind.close()


@pytest.mark.parametrize(
    "compare",
    [
        lambda: InternalNote.text == NOTE,
        lambda: InternalNote.text.contains("王"),
        lambda: InternalNote.text.in_([NOTE]),
        lambda: InternalNote.text != NOTE,
        lambda: Handoff.slots["name"],
        lambda: Handoff.name > "a",
    ],
)
def test_no_query_compares_what_the_database_cannot_read(compare: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="is encrypted"):
        compare()
    assert Handoff.name.is_not(None) is not None


async def test_when_the_key_changes_everything_is_encrypted_anew(
    database: Database, database_url: str, conversation_id: str
) -> None:
    later = Database(database_url, NEW)
    counts = {column: count async for column, count in rotate_key(later, METADATA)}
    assert counts["internal_notes.text"] == counts["conversations.dialogue"] == 1
    assert {count async for _, count in rotate_key(later, METADATA)} == {0}, "the second time there is nothing to do"
    await later.close()
    (note,) = await read_raw(database, "SELECT text FROM internal_notes")
    assert ONLY_NEW.decrypt(note, "internal_notes.text") == NOTE


async def test_pictures_too_are_encrypted_anew(database: Database, database_url: str, conversation_id: str) -> None:
    stored = await Documents(database).store(conversation_id, "message-1", encode(draw()))
    later = Database(database_url, NEW)
    counts = {column: count async for column, count in rotate_key(later, METADATA)}
    assert counts["documents.content"] == 1
    assert {count async for _, count in rotate_key(later, METADATA)} == {0}
    await later.close()
    (raw,) = await read_raw(database, "SELECT content FROM documents")
    assert len(ONLY_NEW.decrypt_bytes(bytes(raw), "documents.content")) == stored.size


async def test_rows_are_found_by_a_name_or_a_number_in_any_spelling(database: Database, conversation_id: str) -> None:
    keys = list_search_keys("王秀英", "13812345678")
    async with database.transaction() as session:
        session.add(
            Handoff(
                id="h",
                conversation_id=conversation_id,
                reason="complaint",
                state="queued",
                slots={},
                search_keys=keys,
                requested_at=read_clock(),
            )
        )
    (stored,) = await read_raw(database, "SELECT search_keys FROM handoffs")
    assert not any(part in stored for part in ("王", "138", "5678"))
    for words, is_found in {
        "王秀英": True,
        "秀英": True,
        " 138 1234 5678 ": True,
        "一三八一二三四五六七八": True,
        "5678": True,
        "王秀": True,
        "1234": False,
        "%": False,
        "": False,
    }.items():
        query = select(Handoff.id).where(Handoff.search_keys.contains(read_search(words)))
        async with database.reading() as session:
            assert bool((await session.scalars(query)).all()) is (is_found or not words), words
