"""Cards and progress: they come with the answer, and again whenever the same message does."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from conversations.schemas import Card, CardRow, Progress, Reply, ReplyButton, TurnOutcome
from tests.connectors.conftest import RunServer, open_session
from tests.fakes import ScriptedBot
from tests.waiting import WAIT_SECONDS

PATH = "/webchat/messages"
SUMMARY = Card(
    kind="summary",
    title="请核对",
    rows=[CardRow(label="金额", value="8万元", say="改金额"), CardRow(label="客户经理", value="李强")],
    notes=["放款前不收任何费用。"],
)
ASK_REVIEW = TurnOutcome(
    replies=[
        Reply(text="好的。"),
        Reply(
            text="请核对：金额8万元。没问题就提交。",
            card=SUMMARY,
            progress=Progress(step=7, of=7, form="申请贷款"),
            buttons=[
                ReplyButton(title="提交", payload="/affirm"),
                ReplyButton(title="转人工", payload="/request_human"),
            ],
        ),
    ]
)
SHOWN = [
    (None, None),
    (
        {
            "kind": "summary",
            "title": "请核对",
            "rows": [
                {"label": "金额", "value": "8万元", "say": "改金额"},
                {"label": "客户经理", "value": "李强", "say": None},
            ],
            "notes": ["放款前不收任何费用。"],
        },
        {"step": 7, "of": 7, "form": "申请贷款"},
    ),
]


def read_shown(messages: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(message["card"], message["progress"]) for message in messages if message["author"] == "bot"]


async def say(chat: httpx.AsyncClient, text: str, message_id: str = "message-1") -> dict[str, Any]:
    answer: dict[str, Any] = (await chat.post(PATH, json={"message_id": message_id, "text": text})).json()
    return answer


async def test_a_card_comes_with_the_answer_and_the_text_says_it_too(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.script = [ASK_REVIEW]
    answer = await say(chat, "一年")
    assert read_shown(answer["replies"]) == SHOWN
    assert answer["replies"][1]["text"] == "请核对：金额8万元。没问题就提交。"
    assert (answer["message"]["card"], answer["message"]["progress"]) == (None, None)


async def test_the_same_message_again_and_the_history_give_the_same_card(
    chat: httpx.AsyncClient, bot: ScriptedBot
) -> None:
    bot.script = [ASK_REVIEW]
    first = await say(chat, "一年")
    assert await say(chat, "一年") == first
    assert read_shown((await chat.get(PATH)).json()["messages"]) == SHOWN
    assert bot.asked == [("一年", None)]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_events_bring_it_too(app: FastAPI, run_server: RunServer, bot: ScriptedBot) -> None:
    bot.script = [ASK_REVIEW]
    async with run_server(app) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=WAIT_SECONDS) as chat:
        chat.headers["Authorization"] = await open_session(chat)
        replies = (await say(chat, "一年"))["replies"]
        seen = []
        async with asyncio.timeout(WAIT_SECONDS), chat.stream("GET", "/webchat/events") as response:
            async for line in response.aiter_lines():
                if line.startswith('data: {"id"'):
                    seen.append(json.loads(line.removeprefix("data: ")))
                if len(seen) == 3:
                    break
    assert seen[1:] == replies


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_page_is_told_which_buttons_last(chat: httpx.AsyncClient, bot: ScriptedBot) -> None:
    bot.script = [ASK_REVIEW]
    answer = await say(chat, "一年")
    lasting = {"提交": False, "转人工": True}
    for messages in (answer["replies"], (await chat.get(PATH)).json()["messages"]):
        assert {button["title"]: button["lasting"] for m in messages for button in m["buttons"]} == lasting
