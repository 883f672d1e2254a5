"""Kills processes at random while customers write: no message is lost, answered twice, or met with silence."""

import asyncio
import json
import re
import signal
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx
from sqlalchemy import select

from applications.tables import Application
from attack.house import House
from attack.row import Row
from conversations.tables import Conversation, Message
from kit.database import Database
from kit.security import hash_token
from tests.records import is_settled

GOAL = 1000
CUSTOMERS = 12
VICTIMS = ("gateway", "gateway", "rasa", "actions", "knowledge", "scoring", "desk")
PAUSE_SECONDS = (1.0, 6.0)  # between two deaths
RETRY_SECONDS, RETRIES = 0.5, 240
SETTLE_SECONDS = 90.0
QUOTA = (
    "你好",
    "能贷多少",
    "同意",
    "开店摆摊",
    "一年60万",
    "5年",
    "没有",
    "没有",
    "提前还款有违约金吗",
    "社保卡丢了怎么办",
    "谢谢",
)
APPLICATION = (
    *("我想贷款", "同意", "农户贷", "5万", "1年", "买化肥", "柳河镇王家村", "钱秀英", "13600003333"),
    *("提交", "查进度"),
)
SAID = (QUOTA, APPLICATION)
_SUBMITTED = re.compile("已提交，申请编号(QH[0-9A-Z-]+)")


async def kill_processes(dice: Random, seconds: float, house: House, on: str = "SQLite") -> list[Row]:
    """A row: a try is a turn during which anything may have been killed."""
    row = Row(f"kill -9: turns on {on}", GOAL, max(seconds - 25, 10))
    sent: dict[str, list[str]] = {}
    is_over = asyncio.Event()
    dying = asyncio.create_task(_kill(dice, house, is_over))
    talks = (_converse(house.url("gateway"), row, sent, SAID[number % len(SAID)]) for number in range(CUSTOMERS))
    await asyncio.gather(*talks)
    is_over.set()
    await dying
    for name in house.stack.urls:
        await asyncio.to_thread(house.stack.wait_until_healthy, name)
    database = house.stack.open_database()
    try:
        async with asyncio.timeout(SETTLE_SECONDS):
            while not await is_settled(database):  # noqa: ASYNC110 (another process settles it)
                await asyncio.sleep(0.2)
    except TimeoutError:
        row.fail(house.stack.read_log_end("gateway"), "some messages are never answered")
    for token, message_ids in sent.items():
        for problem in await find_problems(database, hash_token(token), message_ids):
            row.fail(token, problem)
    for problem in find_repeated_turns(house.stack.folder / "rasa.db"):
        row.fail("rasa.db", problem)
    await database.close()
    return [row]


async def find_problems(database: Database, user_id: str, message_ids: list[str]) -> list[str]:
    """What is wrong with a customer's record: each message stands there once, with replies, each of them once.

    The applications that were said to be submitted are those that are stored.
    """
    async with database.reading() as session:
        conversations = select(Conversation.id).where(Conversation.customer.has(channel_user_id=user_id))
        rows = (await session.scalars(select(Message).where(Message.conversation_id.in_(conversations)))).all()
        stored = select(Application.number).where(Application.conversation_id.in_(conversations))
        numbers = (await session.scalars(stored)).all()
    known = Counter(row.channel_message_id for row in rows if row.direction == "inbound")
    problems = [f"lost: {name}" for name in message_ids if not known[name]]
    problems += [f"recorded {count} times: {name}" for name, count in known.items() if count > 1]
    answered = Counter((row.answers_id, row.text) for row in rows if row.direction == "outbound" and row.answers_id)
    problems += [f"said {count} times: {said}" for said, count in answered.items() if count > 1]
    heard = {answers_id for answers_id, _ in answered}
    silent = [row for row in rows if row.direction == "inbound" and row.id not in heard]
    told = {number for _, text in answered for number in _SUBMITTED.findall(text)}
    problems += [f"application told or stored only: {number}" for number in told ^ set(numbers)]
    problems += [f"{len(numbers)} applications"] if len(numbers) > 1 else []
    return problems + [f"met with silence: {row.text} ({row.channel_message_id})" for row in silent]


def find_repeated_turns(path: Path) -> list[str]:
    """Messages that Rasa took twice, by its own record (of SQLite)."""
    with sqlite3.connect(path) as database:
        events = database.execute("SELECT sender_id, data FROM events WHERE type_name = 'user'").fetchall()
    taken = Counter((sender, json.loads(data).get("message_id")) for sender, data in events)
    return [f"Rasa took {message_id} of {sender} {n} times" for (sender, message_id), n in taken.items() if n > 1]


async def _converse(url: str, row: Row, sent: dict[str, list[str]], said: Sequence[str]) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=25, trust_env=False) as client:
        turns = 0
        while row.next_try():
            if turns % len(said) == 0:
                opened = await _insist(client, "/webchat/sessions", None, {})
                token = str(opened["token"]) if opened else ""
                sent[token] = []
            body = {"message_id": str(uuid.uuid4()), "text": said[turns % len(said)]}
            sent[token].append(body["message_id"])
            answer = await _insist(client, "/webchat/messages", body, {"Authorization": f"Bearer {token}"})
            row.check(answer is not None, body, "never accepted")
            turns += 1


async def _insist(
    client: httpx.AsyncClient, path: str, body: object, headers: dict[str, str]
) -> dict[str, object] | None:
    """As a page does: again, under the same id, until there is an answer."""
    for _ in range(RETRIES):
        with suppress(httpx.TransportError):
            answer = await client.post(path, json=body, headers=headers)
            if answer.status_code == 200:
                content: dict[str, object] = answer.json()
                return content
        await asyncio.sleep(RETRY_SECONDS)
    return None


async def _kill(dice: Random, house: House, is_over: asyncio.Event) -> None:
    while not is_over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), dice.uniform(*PAUSE_SECONDS))
            return
        await asyncio.to_thread(_kill_one, house, dice.choice(VICTIMS))


def _kill_one(house: House, name: str) -> None:
    house.stack.stop(name, signal.SIGKILL)
    house.stack.start(name)
    time.sleep(0.2)
    if name != "gateway":  # which says no while any other is away
        house.stack.wait_until_healthy(name)
