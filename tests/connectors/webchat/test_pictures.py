"""Pictures of the web chat over HTTP: what is taken, once, and what is refused with which words."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select, update

from connectors.receiving import receive_body
from connectors.wording import PAPER_UNASKED, TOO_MANY_PICTURES
from conversations.tables import Conversation, WebSession
from documents.content import EMPTY, clean_picture
from documents.decoding import BROKEN, NOT_A_PICTURE
from documents.files import BROKEN as BROKEN_FILE
from documents.files import NOT_A_FILE, RUNS
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_token
from tests.connectors.conftest import open_session
from tests.connectors.papers import agree
from tests.documents.pictures import take_photograph
from tests.documents.samples import PDF
from tests.fakes import ScriptedBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PATH, DOCUMENTS = "/webchat/pictures", "/webchat/documents"
PHOTOGRAPH = take_photograph()


async def send(chat: httpx.AsyncClient, content: bytes, message_id: str = "message-1") -> httpx.Response:
    return await chat.post(PATH, params={"message_id": message_id}, content=content)


@pytest.fixture
async def conversation_id(chat: httpx.AsyncClient, database: Database) -> str:
    token_hash = hash_token(chat.headers["Authorization"].removeprefix("Bearer "))
    found = select(WebSession.conversation_id).where(WebSession.token_hash == token_hash)
    async with database.reading() as session:
        return (await session.scalars(found)).one()


@pytest.fixture
async def agreed(conversation_id: str, database: Database) -> str:
    await agree(database, conversation_id)
    return conversation_id


async def test_a_picture_is_kept_and_answered(
    chat: httpx.AsyncClient, agreed: str, database: Database, bot: ScriptedBot
) -> None:
    response = await send(chat, PHOTOGRAPH)
    assert response.status_code == 200
    answer = response.json()
    assert (answer["message"]["text"], answer["message"]["message_id"]) == ("[图片]", "message-1")
    assert [reply["text"] for reply in answer["replies"]] == ["听到：[图片]"]
    (act,), (kept,) = bot.acts, await Documents(database).list_of_conversations([agreed])
    assert (act.name, act.values["document"], act.values["is_read"]) == ("send_picture", kept.id, False)
    assert (await Documents(database).read(kept.id)).content == clean_picture(PHOTOGRAPH).content


async def test_the_same_message_again_gives_the_same_and_acts_once(
    chat: httpx.AsyncClient, agreed: str, database: Database, bot: ScriptedBot
) -> None:
    first = await send(chat, PHOTOGRAPH)
    again = await asyncio.gather(*(send(chat, PHOTOGRAPH) for _ in range(3)))
    assert {response.text for response in (first, *again)} == {first.text}
    assert len(bot.acts) == len(await Documents(database).list_of_conversations([agreed])) == 1


async def test_without_consent_it_is_not_kept_and_that_is_said(
    chat: httpx.AsyncClient, conversation_id: str, database: Database, bot: ScriptedBot
) -> None:
    answer = (await send(chat, PHOTOGRAPH)).json()
    assert [reply["text"] for reply in answer["replies"]] == [PAPER_UNASKED.text]
    assert [button["title"] for button in answer["replies"][0]["buttons"]] == ["申请贷款"]
    assert await Documents(database).list_of_conversations([conversation_id]) == []
    assert bot.acts == []


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"", 422, EMPTY),
        (b"<html>", 422, NOT_A_PICTURE),
        (PHOTOGRAPH[: len(PHOTOGRAPH) // 2], 422, BROKEN),
        (bytes(10 * 1024**2 + 1), 413, "太大了，请发10MB以内的"),
    ],
)
async def test_what_is_refused_leaves_no_message(
    chat: httpx.AsyncClient, agreed: str, database: Database, content: bytes, status: int, reason: str
) -> None:
    response = await send(chat, content)
    assert (response.status_code, response.json()["error"]["reason"]) == (status, reason)
    assert (await chat.get("/webchat/messages")).json()["messages"] == []
    assert await Documents(database).list_of_conversations([agreed]) == []


async def test_a_body_that_says_nothing_of_its_size_is_stopped_at_the_limit(
    chat: httpx.AsyncClient, agreed: str
) -> None:
    sent = 0

    async def pour() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield bytes(1024**2)

    response = await chat.post(PATH, params={"message_id": "message-1"}, content=pour())
    assert response.status_code == 413
    assert sent < 13


async def test_who_has_no_session_sends_nothing(web: httpx.AsyncClient) -> None:
    response = await send(web, PHOTOGRAPH)
    assert response.status_code == 401


@pytest.mark.parametrize("message_id", ["", "short", "x" * 65, "with spaces in it"])
async def test_a_message_needs_an_id(chat: httpx.AsyncClient, message_id: str) -> None:
    assert (await send(chat, PHOTOGRAPH, message_id)).status_code == 422


async def test_so_many_in_a_minute_and_no_more(chat: httpx.AsyncClient) -> None:
    answers = [await send(chat, b"", f"message-{number}") for number in range(11)]
    assert [response.status_code for response in answers] == [422] * 10 + [429]
    assert answers[-1].json()["error"]["reason"] == TOO_MANY_PICTURES
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_the_page_may_show_what_it_is_about_to_send(web: httpx.AsyncClient) -> None:
    policy = (await web.get("/")).headers["Content-Security-Policy"]
    assert re.search(r"img-src 'self' blob:;", policy)


class SlowRequest:
    """A body of which nothing comes."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    async def stream(self) -> AsyncIterator[bytes]:
        await asyncio.sleep(60)
        yield b""


async def test_a_body_that_never_comes_is_not_waited_for(database_kind: str) -> None:
    with pytest.raises(RequestError, match="upload_too_slow"):
        await receive_body(SlowRequest(), 100, seconds=0.05)  # type: ignore[arg-type]  # a request's stream


async def test_an_agents_picture_is_given_to_its_customer_only(
    chat: httpx.AsyncClient, conversation_id: str, database: Database, web: httpx.AsyncClient
) -> None:
    documents = Documents(database)
    sent = await documents.store(conversation_id, "desk:1", PHOTOGRAPH, sent_by="li")
    own = await documents.store(conversation_id, "message-1", PHOTOGRAPH)
    response = await chat.get(f"{DOCUMENTS}/{sent.id}")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content == clean_picture(PHOTOGRAPH).content
    assert [kept.id for kept in await documents.list_of_conversations([conversation_id])] == [own.id]
    assert (await chat.get(f"{DOCUMENTS}/{own.id}")).status_code == 200
    assert (await chat.get(f"{DOCUMENTS}/nothing")).status_code == 404
    web.headers["Authorization"] = await open_session(web)
    assert (await web.get(f"{DOCUMENTS}/{sent.id}")).status_code == 404
    web.headers["Authorization"] = "Bearer nobody"
    assert (await web.get(f"{DOCUMENTS}/{sent.id}")).status_code == 401


async def test_a_page_that_is_loaded_again_finds_what_the_customer_sent(chat: httpx.AsyncClient, agreed: str) -> None:
    sent = (await send(chat, PHOTOGRAPH)).json()["message"]
    (shown,) = [each for each in (await chat.get("/webchat/messages")).json()["messages"] if each["document"]]
    assert shown["id"] == sent["id"]
    response = await chat.get(f"{DOCUMENTS}/{shown['document']}")
    assert (response.status_code, response.content) == (200, clean_picture(PHOTOGRAPH).content)


class TestFiles:
    async def send(
        self, chat: httpx.AsyncClient, content: bytes = PDF, name: str = "流水.pdf", message_id: str = "message-1"
    ) -> httpx.Response:
        headers = {"X-File-Name": quote(name)}
        return await chat.post("/webchat/files", params={"message_id": message_id}, headers=headers, content=content)

    @pytest.fixture
    async def served(self, conversation_id: str, database: Database) -> str:
        """A human answers."""
        async with database.transaction() as session:
            await session.execute(update(Conversation).where(Conversation.id == conversation_id).values(holder="agent"))
        return conversation_id

    async def test_a_file_is_kept_for_who_serves_the_customer(
        self, chat: httpx.AsyncClient, served: str, database: Database
    ) -> None:
        answer = (await self.send(chat)).json()
        assert (answer["message"]["text"], answer["replies"]) == ("[文件] 流水.pdf", [])
        assert (await self.send(chat)).json()["message"]["id"] == answer["message"]["id"]
        (kept,) = await Documents(database).list_of_conversations([served])
        assert (kept.file_name, kept.media_type, kept.name) == ("流水.pdf", "application/pdf", "流水.pdf")
        given = await chat.get(f"{DOCUMENTS}/{answer['message']['document']}")
        assert (given.content, given.headers["Content-Type"]) == (PDF, "application/pdf")

    async def test_the_bot_takes_one_once_its_customer_agreed(
        self, chat: httpx.AsyncClient, conversation_id: str, database: Database, bot: ScriptedBot
    ) -> None:
        (reply,) = (await self.send(chat)).json()["replies"]
        assert reply["text"] == PAPER_UNASKED.text
        assert (await Documents(database).list_of_conversations([conversation_id]), bot.acts) == ([], [])
        await agree(database, conversation_id)
        assert (await self.send(chat, message_id="message-2")).status_code == 200
        (kept,) = await Documents(database).list_of_conversations([conversation_id])
        assert (kept.name, bot.acts[0].values["document"]) == ("流水.pdf", kept.id)

    @pytest.mark.parametrize(
        ("content", "reason"), [(b"MZ", NOT_A_FILE), (PDF[:-7], BROKEN_FILE), (PDF + b"/Launch", RUNS), (b"", EMPTY)]
    )
    async def test_what_is_refused_leaves_no_message(
        self, chat: httpx.AsyncClient, served: str, content: bytes, reason: str
    ) -> None:
        response = await self.send(chat, content)
        assert (response.status_code, response.json()["error"]["reason"]) == (422, reason)
        assert (await chat.get("/webchat/messages")).json()["messages"] == []
