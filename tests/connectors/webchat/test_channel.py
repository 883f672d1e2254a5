"""The web chat over HTTP: what comes in wrong, what is answered once, what the page may load."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.webchat.channel import STATIC, require_text
from conversations.schemas import HandoffRequest, Reply, ReplyButton, TurnOutcome
from kit.errors import RequestError
from tests.fakes import ScriptedBot

PATH = "/webchat/messages"
RunServer = Callable[[FastAPI], AbstractAsyncContextManager[str]]
JSON = {"Content-Type": "application/json"}
TRADER = '/inform{"product": "商户贷"}'
ASK_TRADE = TurnOutcome(
    replies=[Reply(text="您主要是做什么的？", buttons=[ReplyButton(title="开店摆摊", payload=TRADER)])],
    dialogue={"form": "quota_form", "asked": "product"},
)
HANDED_OVER = TurnOutcome(
    replies=[Reply(text="已为您转人工客服")],
    handoff=HandoffRequest(reason="customer_request"),
    dialogue={},  # the form is left
)
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def say(chat: httpx.AsyncClient, text: str, message_id: str = "message-1") -> httpx.Response:
    return await chat.post(PATH, json={"message_id": message_id, "text": text})


async def read_history(chat: httpx.AsyncClient) -> list[str]:
    return [message["text"] for message in (await chat.get(PATH)).json()["messages"]]


async def test_a_message_is_answered(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    response = await say(chat, "  你好\r\n")
    answer = response.json()
    assert response.status_code == 200
    assert sorted(answer) == ["holder", "message", "replies"]
    assert (answer["message"]["text"], answer["message"]["message_id"]) == ("你好", "message-1")
    assert [(r["text"], r["author"], r["buttons"]) for r in answer["replies"]] == [("听到：你好", "bot", [])]
    assert answer["holder"] == "bot"
    assert bot.asked == [("你好", None)]


async def test_the_same_message_again_gives_the_same_and_asks_once(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.script = [ASK_TRADE]
    first = await say(chat, "我想贷款")
    again = await say(chat, "我想贷款")
    assert (again.status_code, again.json()) == (200, first.json())
    at_once = await asyncio.gather(*(say(chat, "你好", "message-2") for _ in range(5)))
    assert len({response.text for response in at_once}) == 1
    assert bot.asked == [("我想贷款", None), ("你好", None)]
    assert len(await read_history(chat)) == 4


async def test_a_button_is_pressed_by_its_token(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.script = [ASK_TRADE]
    (reply,) = (await say(chat, "我想贷款")).json()["replies"]
    (button,) = reply["buttons"]
    assert sorted(button) == ["lasting", "title", "token"]
    response = await chat.post(PATH, json={"message_id": "message-2", "button": button["token"]})
    assert response.status_code == 200
    assert response.json()["message"]["text"] == "开店摆摊"
    assert bot.asked[-1] == ("开店摆摊", TRADER)


@sqlite_only
async def test_a_typed_payload_is_only_text(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    await say(chat, "/restart")
    assert bot.asked == [("/restart", None)]


@sqlite_only
async def test_a_button_of_somebody_else_is_refused(
    chat: httpx.AsyncClient, web: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    bot.script = [ASK_TRADE]
    token = (await say(chat, "我想贷款")).json()["replies"][0]["buttons"][0]["token"]
    stranger = {"Authorization": f"Bearer {(await web.post('/webchat/sessions')).json()['token']}"}
    response = await web.post(PATH, json={"message_id": "message-2", "button": token}, headers=stranger)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_button")
    assert len(bot.asked) == 1


@sqlite_only
async def test_sessions_are_apart(chat: httpx.AsyncClient) -> None:
    await say(chat, "我姓张")
    stranger = {"Authorization": f"Bearer {(await chat.post('/webchat/sessions')).json()['token']}"}
    assert (await chat.get(PATH, headers=stranger)).json() == {"messages": [], "holder": "bot"}
    response = await chat.post(PATH, json={"message_id": "message-1", "text": "我姓李"}, headers=stranger)
    assert response.json()["message"]["text"] == "我姓李"


async def test_history_is_there_after_a_reload(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.script = [ASK_TRADE, HANDED_OVER]
    answers = [(await say(chat, text, f"message-{text}")).json() for text in ("1", "2", "3")]
    history = (await chat.get(PATH)).json()
    assert history["holder"] == "queue"
    assert history["messages"] == [m for answer in answers for m in (answer["message"], *answer["replies"])]
    said = [m["text"] for m in history["messages"]]
    wait = "请稍等，同事看到马上接。"
    noted = f"您说的已记下，同事会看到。{wait}"
    assert said == ["1", "您主要是做什么的？", "2", "已为您转人工客服", wait, "3", noted]


@sqlite_only
async def test_history_is_the_newest_200(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.script = [TurnOutcome(replies=[Reply(text=str(n)) for n in range(150)]) for _ in range(2)]
    await say(chat, "一", "message-1")
    await say(chat, "二", "message-2")
    expected = ["一", *map(str, range(150)), "二", *map(str, range(150))]
    assert await read_history(chat) == expected[-200:]


BAD_BODIES: dict[str, Any] = {
    "empty": {"text": ""},
    "spaces": {"text": " \n\t\u3000\u00a0"},
    "control characters": {"text": "\x00\x01\x1b\x7f\x80\x9f"},
    "invisible characters": {"text": "\u200b\u200d\u202e\u2060\u2066\ufeff"},
    "half a surrogate pair": {"text": "\ud800"},
    "too long": {"text": "字" * 21},
    "text and button": {"text": "你好", "button": "token"},
    "neither": {},
    "both null": {"text": None, "button": None},
    "extra field": {"text": "你好", "payload": "/request_human"},
    "text a number": {"text": 1},
    "text a list": {"text": ["你好"]},
    "button a number": {"button": 1},
    "button empty": {"button": ""},
    "button too long": {"button": "t" * 65},
    "button unknown": {"button": "t" * 43},
    "button with NUL": {"button": "t\x00"},
    "button half a surrogate pair": {"button": "\ud800"},
    "id missing": {"text": "你好", "message_id": ...},
    "id null": {"text": "你好", "message_id": None},
    "id a number": {"text": "你好", "message_id": 12345678},
    "id empty": {"text": "你好", "message_id": ""},
    "id too short": {"text": "你好", "message_id": "1234567"},
    "id too long": {"text": "你好", "message_id": "1" * 65},
    "id with a space": {"text": "你好", "message_id": "message 1"},
    "id with a line end": {"text": "你好", "message_id": "message-1\n"},
    "id in Chinese": {"text": "你好", "message_id": "消息编号消息编号"},
    "id with NUL": {"text": "你好", "message_id": "message-\x00"},
    "id half a surrogate pair": {"text": "你好", "message_id": "message-\ud800"},
}


async def test_bad_messages_are_refused_and_leave_nothing(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    # One gateway for the whole table, on both kinds of database: they differ in what text they take.
    refused = {}
    for name, values in BAD_BODIES.items():
        body = {key: value for key, value in {"message_id": "message-1", **values}.items() if value is not ...}
        response = await chat.post(PATH, content=json.dumps(body), headers=JSON)
        error = response.json().get("error", {})
        refused[name] = (response.status_code, sorted(error))
        assert "字字" not in response.text
    assert refused == dict.fromkeys(BAD_BODIES, (422, ["code", "reason"]))
    assert bot.asked == []
    assert await read_history(chat) == []


NO_MESSAGES = {
    b"": 422,
    b"[]": 422,
    b'[{"message_id": "message-1", "text": "a"}]': 422,
    b"null": 422,
    b'"text"': 422,
    b"{": 400,
    b'{"message_id": "message-1", "text": "\xff"}': 400,
    b"[" * 60_000: 400,
}


@sqlite_only
async def test_a_body_that_is_no_message_is_refused(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    responses = {body: await chat.post(PATH, content=body, headers=JSON) for body in NO_MESSAGES}
    assert {body: response.status_code for body, response in responses.items()} == NO_MESSAGES
    assert all(sorted(response.json()["error"]) == ["code", "reason"] for response in responses.values())
    assert bot.asked == []


@sqlite_only
async def test_a_body_of_1_mb_is_refused(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    body = json.dumps({"message_id": "message-1", "text": "x" * 1_000_000}).encode()

    async def send_in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    for content in (body, send_in_pieces()):
        response = await chat.post(PATH, content=content, headers=JSON)
        assert response.status_code == 413
        assert sorted(response.json()["error"]) == ["code", "reason"]
    assert bot.asked == []


async def test_odd_but_good_text_is_kept(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    texts = [
        "字" * 20,
        "𠮷野家贷款😀",
        "a\nb\tc",
        "'; DROP TABLE x;--",
        "<b>&amp;</b>",
        "{{7*7}}",
        "你\x00好\ud800\u200b",
    ]
    for n, text in enumerate(texts):
        body = json.dumps({"message_id": f"message-{n}", "text": text})
        assert (await chat.post(PATH, content=body, headers=JSON)).status_code == 200
    assert [text for text, _ in bot.asked] == [*texts[:-1], "你好"]
    assert (await read_history(chat))[::2] == [*texts[:-1], "你好"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("你好", "你好"),
        (" 你 好 ", "你 好"),
        ("a\r\nb", "a\nb"),
        ("\ufeff138\u200b0000\u202c1234", "13800001234"),
        ("\u2066贷款\u2069", "贷款"),
    ],
)
def test_text_is_cleaned(text: str, cleaned: str) -> None:
    assert require_text(text, 20) == cleaned


def test_the_length_counts_what_is_left() -> None:
    assert require_text(" " * 50 + "字" * 5 + "\u200b" * 50, 5) == "字" * 5
    with pytest.raises(RequestError, match=r"422 text_too_long: 一次最多5个字"):
        require_text("字" * 6, 5)
    with pytest.raises(RequestError, match="422 text_empty"):
        require_text("\u200b \x00", 5)


NO_SESSIONS = (None, "", "Bearer", "Bearer ", "Bearer unknown", "Basic unknown", "unknown", "Bearer \u00e9\u00ff")


@sqlite_only
async def test_without_a_session_nothing_opens(web: httpx.AsyncClient, bot: ScriptedBot) -> None:
    for header in NO_SESSIONS:
        headers = httpx.Headers({} if header is None else {"Authorization": header}, encoding="latin-1")
        for response in (
            await web.post(PATH, json={"message_id": "message-1", "text": "你好"}, headers=headers),
            await web.get(PATH, headers=headers),
            await web.get("/webchat/events", headers=headers),
        ):
            assert response.status_code == 401, header
            assert response.json()["error"]["code"] == "unknown_session"
    assert bot.asked == []


@sqlite_only
async def test_an_event_id_that_cannot_be_is_refused(chat: httpx.AsyncClient) -> None:
    for last in ("-1", "abc", "1.5", "9" * 25, str(2**31)):
        assert (await chat.get("/webchat/events", headers={"Last-Event-ID": last})).status_code == 422, last


@sqlite_only
async def test_the_page_and_its_files_are_sent_with_guards(web: httpx.AsyncClient) -> None:
    page = await web.get("/")
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "小禾" in page.text
    files = sorted(path.name for path in STATIC.iterdir() if path.name != "index.html")
    assert "chat.js" in files
    sent = {name: await web.get(f"/static/{name}") for name in files}
    for name, response in {"/": page, **sent}.items():
        assert response.status_code == 200, name
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
    assert sent["chat.js"].headers["Content-Type"].startswith(("text/javascript", "application/javascript"))
    assert sent["chat.css"].headers["Content-Type"].startswith("text/css")


FORBIDDEN_PATHS = (
    "/static/",
    "/static/.",
    "/static/..",
    "/static/index.html",
    "/static/../channel.py",
    "/static/..%2fchannel.py",
    "/static/%2e%2e/channel.py",
    "/static/%2e%2e%2fchannel.py",
    "/static/..%5cchannel.py",
    "/static/%2fetc%2fpasswd",
    "/static//etc/passwd",
    "/static/chat.js%00.css",
    "/static/CHAT.JS",
    "/channel.py",
)


@sqlite_only
async def test_nothing_but_the_pages_files_is_sent(app: FastAPI, run_server: RunServer) -> None:
    answers = {}
    async with run_server(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as web:
        for path in FORBIDDEN_PATHS:
            # The path goes out as it stands here: httpx would tidy it.
            response = await web.get("/", extensions={"target": path.encode()})
            answers[path] = (response.status_code, "error" in response.json())
    assert answers == dict.fromkeys(FORBIDDEN_PATHS, (404, True))


async def test_a_thumb_at_an_answer(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.script = [TurnOutcome(replies=[Reply(text="年利率5.20%。", entry="loan-rates@3")]), ASK_TRADE]
    (answer,) = (await say(chat, "利息多少")).json()["replies"]
    (question,) = (await say(chat, "我想贷款", "message-2")).json()["replies"]
    assert (answer["thumb"], question["thumb"]) == ("open", None)

    async def give(body: object) -> tuple[int, str]:
        response = await chat.post("/webchat/thumbs", json=body)
        return response.status_code, response.json()["error"]["code"] if response.content else ""

    down = {"id": answer["id"], "thumb": "down", "missing": "没说几个点"}
    assert await give(down) == (204, "")
    assert await give(down) == (204, "")
    assert await give({"id": question["id"], "thumb": "up"}) == (404, "unknown_answer")
    assert await give({"id": answer["id"] + 99, "thumb": "up"}) == (404, "unknown_answer")
    assert await give({**down, "missing": "长" * 201}) == (422, "text_too_long")
    for wrong in ({"id": answer["id"]}, {**down, "thumb": "open"}, {**down, "id": 2**31}, {**down, "who": 1}):
        assert (await give(wrong))[0] == 422
    shown = [message["thumb"] for message in (await chat.get(PATH)).json()["messages"] if message["author"] == "bot"]
    assert shown == ["down", None]
