"""Documents on both databases: kept once, encrypted, attached, limited."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from applications.tables import Application
from conversations.service import Conversations
from documents.content import clean_picture
from documents.service import Documents
from documents.settings import DocumentsSettings
from kit.database import Database
from kit.errors import RequestError
from kit.vault import PREFIX
from tests.documents.pictures import draw, encode, take_photograph
from tests.fakes import FixedClock
from tests.verification.rows import make_verification


class RefusingScanner:
    async def scan(self, content: bytes) -> None:
        raise RequestError(503, "scanner_away", "现在暂时收不了照片和文件，请过一会儿再发")


@pytest.fixture
def documents(database: Database, clock: FixedClock) -> Documents:
    return Documents(database, DocumentsSettings(per_day=3), clock=clock)


@pytest.fixture
async def conversation_id(database: Database) -> str:
    return (await Conversations(database).open_conversation("web", "wang")).id


async def file_application(database: Database, conversation_id: str, clock: FixedClock, name: str = "a") -> str:
    row = dict.fromkeys(("purpose", "region", "name", "phone", "search_keys", "consent_version", "product"), "x")
    row |= {"id": f"application-{name}", "number": name, "idempotency_key": name, "request_hash": ""}
    moments = {"changed_at": clock.now, "created_at": clock.now}
    terms = {"amount": 1, "term": 1, "details": {}, "stage": "submitted"}
    async with database.transaction() as session:
        await session.execute(insert(Application).values(conversation_id=conversation_id, **row, **moments, **terms))
    return f"application-{name}"


async def test_a_picture_is_kept_as_it_was_cleaned(documents: Documents, conversation_id: str) -> None:
    taken = take_photograph()
    stored = await documents.store(conversation_id, "message-1", taken)
    document = await documents.read(stored.id)
    assert document.content == clean_picture(taken).content
    assert (document.view, document.view.size) == (stored, len(document.content))
    assert (stored.media_type, stored.kind, stored.application_id) == ("image/jpeg", None, None)


async def test_the_raw_database_shows_no_picture(
    documents: Documents, database: Database, conversation_id: str
) -> None:
    stored = await documents.store(conversation_id, "message-1", encode(draw()))
    async with database.reading() as session:
        row = (await session.execute(text("SELECT content, content_key FROM documents"))).one()
    assert bytes(row.content).startswith(PREFIX.encode())
    assert b"JFIF" not in bytes(row.content)
    assert len(bytes(row.content)) < stored.size + 100, "encrypted as bytes, not as text"
    assert len(row.content_key) == 16


async def test_the_same_message_again_is_the_same_document(documents: Documents, conversation_id: str) -> None:
    first = await documents.store(conversation_id, "message-1", encode(draw()))
    assert await documents.store(conversation_id, "message-1", encode(draw(colour="red"))) == first
    at_once = await asyncio.gather(*(documents.store(conversation_id, "message-2", encode(draw())) for _ in range(4)))
    assert len({each.id for each in at_once}) == 1
    assert len(await documents.list_of_conversations([conversation_id])) == 2


async def test_without_the_scanners_word_nothing_is_kept(database: Database, conversation_id: str) -> None:
    documents = Documents(database, scanner=RefusingScanner())
    with pytest.raises(RequestError, match="scanner_away"):
        await documents.store(conversation_id, "message-1", encode(draw()))
    assert await documents.find(conversation_id, "message-1") is None


async def test_so_many_in_a_day_and_no_more(documents: Documents, conversation_id: str, clock: FixedClock) -> None:
    for number in range(3):
        await documents.store(conversation_id, f"message-{number}", encode(draw()))
    with pytest.raises(RequestError, match="too_many_documents"):
        await documents.store(conversation_id, "message-4", encode(draw()))
    await documents.store(conversation_id, "message-2", encode(draw()))  # a repeat costs nothing
    clock.now += timedelta(hours=25)
    await documents.store(conversation_id, "message-4", encode(draw()))


async def test_what_was_sent_goes_with_the_next_application(
    documents: Documents, database: Database, conversation_id: str, clock: FixedClock
) -> None:
    old = await documents.store(conversation_id, "message-0", encode(draw()))
    clock.now += timedelta(days=31)
    sent = await documents.store(conversation_id, "message-1", encode(draw()))
    await documents.describe(sent.id, "identity_card")
    application = await file_application(database, conversation_id, clock)
    assert await documents.attach(conversation_id, application) == 1
    (attached,) = await documents.list_of_application(application)
    assert (attached.id, attached.expires_at, attached.name) == (sent.id, None, "身份证正面")
    later = await file_application(database, conversation_id, clock, "b")
    assert await documents.attach(conversation_id, later) == 0, "it is the first one's"
    assert (await documents.read(old.id)).view.application_id is None, "its time was over"


async def test_what_was_sent_on_another_channel_is_attached_too(
    documents: Documents, database: Database, conversation_id: str, clock: FixedClock
) -> None:
    other = (await Conversations(database, clock).open_conversation("wechat", "wang")).id
    await documents.store(other, "message-1", encode(draw()))
    application = await file_application(database, conversation_id, clock)
    assert await documents.attach(conversation_id, application) == 0, "nobody knows that they are one customer"
    async with database.transaction() as session:
        session.add_all(make_verification(each, "13812345678", clock.now) for each in (conversation_id, other))
    assert await documents.attach(conversation_id, application) == 1


async def test_a_document_that_is_gone_is_not_found(documents: Documents) -> None:
    with pytest.raises(RequestError, match="no_such_document"):
        await documents.read("no such id")
