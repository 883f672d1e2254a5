"""Drafts of a language model: what it is told, what it must not learn, and that the desk does without it."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import ValidationError

from conversations.schemas import MessageView
from desk.language_model import CHARACTERS_MAX, SAID_MAX, LanguageModel, LanguageModelSettings, write_talk
from kit.errors import RequestError

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
SETTINGS = LanguageModelSettings.model_validate(
    {"url": "https://model.bank.example/v1", "name": "small", "key": "key-of-the-model", "seconds": 0.5}
)


def say(*texts: str, author: str = "customer") -> list[MessageView]:
    return [
        MessageView.model_validate({"id": n, "direction": "inbound", "author": author, "text": text, "at": NOW})
        for n, text in enumerate(texts)
    ]


class FakeServer:
    """Answers what it is told to; remembers what it was asked."""

    def __init__(self, content: str = "我帮您核实。", status: int = 200, body: str | None = None) -> None:
        self.answer = body or json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]})
        self.status = status
        self.asked: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self.handle)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(self.status, text=self.answer)


async def test_it_is_asked_by_the_protocol_and_learns_no_personal_data() -> None:
    server = FakeServer("<think>他要利率</think>\n我帮您核实，稍等。")
    model = LanguageModel(SETTINGS, server.transport)
    said = say("我是王秀英，电话13800001234", "身份证990123198505050018，王秀英要贷款", "mail@bank.example")
    assert await model.draft_reply(said, "王秀英") == "我帮您核实，稍等。"
    (request,) = server.asked
    assert (request.method, request.url.path) == ("POST", "/v1/chat/completions")
    assert request.headers["Authorization"] == "Bearer key-of-the-model"
    body = json.loads(request.content)
    assert (body["model"], [each["role"] for each in body["messages"]]) == ("small", ["system", "user"])
    told = body["messages"][1]["content"]
    for secret in ("王秀英", "13800001234", "990123198505050018", "mail@"):
        assert secret not in told
    assert told.startswith("客户：我是某某，电话138****1234")
    await model.close()


async def test_a_summary_is_another_task() -> None:
    server = FakeServer("客户问利率。")
    model = LanguageModel(SETTINGS, server.transport)
    assert await model.draft_summary(say("利率多少"), None) == "客户问利率。"
    assert "小结" in json.loads(server.asked[0].content)["messages"][0]["content"]


@pytest.mark.parametrize(
    "server",
    [
        FakeServer(status=500),
        FakeServer(status=401),
        FakeServer(status=429),
        FakeServer(body="<html>"),
        FakeServer(body="{}"),
        FakeServer(body='{"choices": []}'),
        FakeServer(content="<think>想不出来</think>  "),
    ],
    ids=["fault", "wrong key", "too many", "no JSON", "another shape", "no choice", "only thoughts"],
)
async def test_without_a_draft_the_agent_is_told_to_write(server: FakeServer) -> None:
    model = LanguageModel(SETTINGS, server.transport)
    with pytest.raises(RequestError, match="503 no_draft: 起草不了，请自己写"):
        await model.draft_reply(say("利率多少"), None)
    assert len(server.asked) == 1


async def test_a_slow_model_is_not_waited_for() -> None:
    async def sleep(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    quick = SETTINGS.model_copy(update={"seconds": 0.05})
    with pytest.raises(RequestError, match="503"):
        await LanguageModel(quick, httpx.MockTransport(sleep)).draft_reply(say("在吗"), None)


def test_only_the_end_of_a_long_talk_is_told() -> None:
    told = write_talk(say(*(f"第{n}句" for n in range(SAID_MAX + 5))), None)
    assert told.splitlines()[0] == "客户：第5句"
    assert len(write_talk(say("长" * CHARACTERS_MAX * 2), None)) == CHARACTERS_MAX


def test_switched_on_it_needs_a_model_and_in_production_encryption() -> None:
    with pytest.raises(ValidationError, match="XIAOHE_LANGUAGE_MODEL_NAME"):
        LanguageModelSettings(url="https://model.bank.example/v1")
    plain = LanguageModelSettings(url="http://model.bank.example/v1", name="small")
    assert [gap for gap in plain.list_gaps() if "XIAOHE_LANGUAGE_MODEL_URL" in gap]
    assert list(SETTINGS.list_gaps()) == []
    assert list(LanguageModelSettings().list_gaps()) == []
