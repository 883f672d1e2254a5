"""The copy of a customer's data: once, soon, and only for the session that asked."""

import httpx
import pytest

from connectors.phone_codes import GivenPhones
from privacy.rights import copies
from tests.connectors.conftest import open_session
from tests.fakes import ScriptedBot

COPY = "/webchat/data-copy"


@pytest.fixture(autouse=True)
def nobody_gave_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def list_phones(self: GivenPhones, conversation_id: str) -> list[str]:
        return []

    monkeypatch.setattr(GivenPhones, "list_phones", list_phones)


async def ask(chat: httpx.AsyncClient, number: int = 1) -> None:
    body = {"message_id": f"message-{number}", "text": "看我的信息"}
    assert (await chat.post("/webchat/messages", json=body)).status_code == 200


async def test_it_is_given_once(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.slots = {"name": "王秀兰"}
    await ask(chat)
    given = await chat.post(COPY)
    assert given.status_code == 200
    assert "王秀兰" in given.text
    assert "看我的信息" in given.text
    assert given.headers["Cache-Control"] == "no-store"
    assert "attachment" in given.headers["Content-Disposition"]
    replayed = await chat.post(COPY)
    assert (replayed.status_code, "再说一次" in replayed.text, "王秀兰" in replayed.text) == (410, True, False)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_nobody_else_gets_it(chat: httpx.AsyncClient) -> None:
    await ask(chat)
    mine = chat.headers.pop("Authorization")
    assert (await chat.post(COPY)).status_code == 401
    assert (await chat.post(COPY, headers={"Authorization": await open_session(chat)})).status_code == 410
    assert (await chat.post(COPY, headers={"Authorization": mine})).status_code == 200, "it is still there for me"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_it_is_not_given_unasked_or_late(chat: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await chat.post(COPY)).status_code == 410
    monkeypatch.setattr(copies, "COPY_TIME", -copies.COPY_TIME)
    await ask(chat)
    assert (await chat.post(COPY)).status_code == 410


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_no_link_gives_it(chat: httpx.AsyncClient, method: str) -> None:
    await ask(chat)
    assert (await chat.request(method, COPY)).status_code == 405
