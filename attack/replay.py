"""Says again, in other words or as somebody else, what the platforms and pages said: it acts once, or is refused."""

import asyncio
import json
import uuid
from random import Random
from typing import Any

import httpx

from attack.house import House
from attack.row import Row
from kit.database import Database
from tests.platforms.telegram import FakeTelegram
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wecom_service import ServicePlatform
from tests.records import count_turns, is_settled

GOAL = 1000
SETTLE_SECONDS = 30.0
TEXTS = ("你好", "能贷多少", "提前还款有违约金吗", "谢谢")


async def replay(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row for each channel."""
    database = house.stack.open_database()
    async with httpx.AsyncClient(base_url=house.url("gateway"), timeout=30, trust_env=False) as gateway:
        rows = [
            await replay_web(dice, seconds / 4, gateway),
            await replay_wechat(dice, seconds / 4, gateway, house.wechat, database),
            await replay_service(dice, seconds / 4, gateway, house.service, database),
            await replay_telegram(dice, seconds / 4, gateway, house.telegram, database),
        ]
    await database.close()
    return rows


async def replay_web(dice: Random, seconds: float, gateway: httpx.AsyncClient, goal: int = GOAL) -> Row:
    """The same message id with other words, and buttons of somebody else's conversation."""
    row = Row("replay: web chat", goal, seconds)
    while row.next_try():
        own, other = [await _open_session(gateway) for _ in range(2)]
        first = {"message_id": str(uuid.uuid4()), "text": dice.choice(("能贷多少", "我想贷款"))}
        answers = await asyncio.gather(
            *(_post(gateway, own, body) for body in (first, first, first | {"text": "转人工"}))
        )
        said = [answer.json().get("replies") for answer in answers if answer.status_code == 200]
        row.check(len(said) >= 2 and said[:-1] == said[1:], first, "one message id had several answers")
        history = (await gateway.get("/webchat/messages", headers=own)).json()
        count = sum(message["author"] == "customer" for message in history["messages"])
        row.check(count == 1, first, f"recorded {count} times")
        buttons = [button for reply in (said or [[]])[0] for button in reply["buttons"]]
        for button in buttons:
            press = {"message_id": str(uuid.uuid4()), "button": button["token"]}
            answer = await _post(gateway, other, press)
            row.check(answer.status_code in (404, 409, 422), press, f"another's button: status {answer.status_code}")
        for forged in ("x" * 43, own["Authorization"][7:].swapcase(), "' OR 1=1 --"):
            answer = await _post(gateway, {"Authorization": f"Bearer {forged}"}, first)
            row.check(answer.status_code == 401, forged, f"a forged session: status {answer.status_code}")
    return row


async def replay_wechat(
    dice: Random,
    seconds: float,
    gateway: httpx.AsyncClient,
    wechat: WeChatPlatform,
    database: Database,
    goal: int = GOAL,
) -> Row:
    """Envelopes again, changed, too old, with a nonce that was used."""
    row = Row("replay: WeChat", goal, seconds)

    async def call(query: dict[str, str], body: bytes) -> int:
        return (await gateway.post("/wechat", params=query, content=body)).status_code

    while row.next_try():
        message = wechat.text(f"replay-{uuid.uuid4().hex}", dice.choice(TEXTS))
        wechat.allow(message)
        query, body = wechat.pack(message)
        _, other = wechat.pack(wechat.text("somebody", "转人工"))
        at = dice.randrange(40, len(body) - 40)
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        before = await count_turns(database)
        statuses = await asyncio.gather(*(call(query, body) for _ in range(3)))
        row.check(set(statuses) == {200}, message, f"the platform's own repeats: {statuses}")
        forged = {
            "another message with its signature": (query, other),
            "a changed body": (query, changed),
            "an old time": (query | {"timestamp": str(int(query["timestamp"]) - 3600)}, body),
            "another nonce": (query | {"nonce": "1"}, body),
            "no proof": ({"timestamp": query["timestamp"], "nonce": "2"}, body),
            "unencrypted": (query, b"<xml><Content>x</Content></xml>"),
        }
        for name, (its_query, its_body) in forged.items():
            status = await call(its_query, its_body)
            row.check(status in (400, 403), (name, its_query), f"{name}: status {status}")
        turns = await _count_more(database, before)
        row.check(turns == 1, message, f"acted {turns} times")
    return row


async def replay_service(
    dice: Random,
    seconds: float,
    gateway: httpx.AsyncClient,
    service: ServicePlatform,
    database: Database,
    goal: int = GOAL,
) -> Row:
    """WeCom's calls again, changed and forged; the message they tell of twice in its list."""
    row = Row("replay: WeCom customer service", goal, seconds)

    async def call(query: dict[str, str], body: bytes) -> int:
        return (await gateway.post("/wecom-service", params=query, content=body)).status_code

    while row.next_try():
        message = service.text(f"replay-{uuid.uuid4().hex}", dice.choice(TEXTS))
        for _ in range(2):
            service.put(message)
        query, body = service.pack()
        forged = {
            "another call with its signature": (query, service.pack()[1]),
            "an old time": (query | {"timestamp": str(int(query["timestamp"]) - 3600)}, body),
            "no proof": ({"timestamp": query["timestamp"], "nonce": "2"}, body),
            "unencrypted": (query, b"<xml><Token>x</Token></xml>"),
        }
        before = await count_turns(database)
        statuses = await asyncio.gather(*(call(query, body) for _ in range(3)))
        row.check(set(statuses) == {200}, message, f"the platform's own repeats: {statuses}")
        for name, (its_query, its_body) in forged.items():
            status = await call(its_query, its_body)
            row.check(status in (400, 403), (name, its_query), f"{name}: status {status}")
        async with asyncio.timeout(SETTLE_SECONDS):  # a call is answered before anything is fetched
            while not service.seen[message["external_userid"]]:  # noqa: ASYNC110 (another process answers)
                await asyncio.sleep(0.05)
        turns = await _count_more(database, before)
        row.check(turns == 1, message, f"acted {turns} times")
    return row


async def replay_telegram(
    dice: Random,
    seconds: float,
    gateway: httpx.AsyncClient,
    telegram: FakeTelegram,
    database: Database,
    goal: int = GOAL,
) -> Row:
    """Updates again, with other words, and without the secret."""
    row = Row("replay: Telegram", goal, seconds)
    while row.next_try():
        update = telegram.write(dice.randrange(10**6, 10**9), dice.choice(TEXTS))
        changed = json.loads(json.dumps(update))
        changed["message"]["text"] = "转人工"
        right = {"X-Telegram-Bot-Api-Secret-Token": telegram.secret}
        for secret in ("", telegram.secret[:-1], telegram.secret.upper()):
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
            status = (await gateway.post("/telegram", json=update, headers=headers)).status_code
            row.check(status == 403, secret, f"a wrong secret: status {status}")
        before = await count_turns(database)
        sent = [gateway.post("/telegram", json=each, headers=right) for each in (update, update, changed)]
        statuses = [answer.status_code for answer in await asyncio.gather(*sent)]
        row.check(set(statuses) == {200}, update, f"Telegram's own repeats: {statuses}")
        turns = await _count_more(database, before)
        row.check(turns == 1, update, f"acted {turns} times")
    return row


async def _count_more(database: Database, before: int) -> int:
    async with asyncio.timeout(SETTLE_SECONDS):
        while not await is_settled(database) or await count_turns(database) == before:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.05)
    return await count_turns(database) - before


async def _open_session(gateway: httpx.AsyncClient) -> dict[str, str]:
    answer = await gateway.post("/webchat/sessions")
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def _post(gateway: httpx.AsyncClient, headers: dict[str, str], body: dict[str, Any]) -> httpx.Response:
    return await gateway.post("/webchat/messages", headers=headers, json=body)
