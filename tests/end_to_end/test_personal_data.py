"""What is personal stays out of Rasa and all logs, and cannot be read in the raw database."""

import asyncio
import sqlite3
from collections.abc import Iterator

import pytest

from conversations.service import Conversations
from dev.stack import Stack
from kit.security import hash_token
from tests.conversations.acts import Acts
from tests.end_to_end.customer import Customer, read_words

NAME, PHONE = "欧阳秀莲", "13677778888"
IDENTITY, CARD = "110105194912310021", "6222020200112233445"
PLACE, PURPOSE = "柳河镇前屯村", "买化肥和种子"
# As a whole, and the part that only the whole could have come from.
SPELLINGS = (PHONE, "136-7777-8888", "一三六七七七七八八八八", "１３６７７７７８８８８", "136然后7777最后8888")
PERSONAL = (NAME, "秀莲", PHONE, "77778888", IDENTITY, "19491231", CARD, "0200112233")


@pytest.fixture(scope="module")
def told(stack: Stack) -> Stack:
    """The stack, after a customer applied, gave away numbers in several spellings, and asked for a human."""
    with Customer(stack.urls["gateway"]) as customer:
        for words in ("我要申请贷款", "同意", "农户贷", "5万", "一年", PURPOSE, PLACE, f"我叫{NAME}"):
            customer.say(words)
        assert NAME in read_words(customer.say("电话是一三六七七七七八八八八"))
        customer.press("提交")
        customer.say(f"我的身份证是{IDENTITY}，卡号{CARD}")
        customer.say(f"身份证：{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}，帮我{NAME}查一下")
        for spelt in SPELLINGS:
            customer.say(f"我是{NAME}，电话{spelt}，利率是多少")
        customer.say(f"转人工，我是{NAME}")
        asyncio.run(talk(stack, hash_token(customer.token)))
        customer.say(f"对，我是{NAME}")
    return stack


async def talk(stack: Stack, channel_user_id: str) -> None:
    """An agent takes the customer, writes with their name and number, and notes both for colleagues."""
    database = stack.open_database()
    acts = Acts(database)
    conversation = await Conversations(database).find_conversation("web", channel_user_id)
    assert conversation
    (handoff,) = await acts.list_of_conversation(conversation.id)
    await acts.take(handoff.id, "agent-1")
    await acts.say(handoff.id, "agent-1", f"{NAME}您好，您的号码是{PHONE}对吗？", "key-1")
    await acts.add_note(conversation.id, "agent-1", f"{NAME} {PHONE} 身份证{IDENTITY}")
    await database.close()


def read_everything(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """The raw content of every file that the processes wrote: databases with their logs, and what was logged."""
    for path in sorted(stack.folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def test_neither_rasa_nor_the_logs_nor_the_raw_database_hold_anything_personal(told: Stack) -> None:
    contents = dict(read_everything(told))
    assert {"rasa.db", "xiaohe.db", "rasa.log", "actions.log", "gateway.log"} <= contents.keys()
    spelt = [spelling for text in PERSONAL for spelling in (text.encode(), ascii(text)[1:-1].encode())]
    found = {name: [s for s in spelt if s in content] for name, content in contents.items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_rasa_gets_placeholders(told: Stack) -> None:
    with sqlite3.connect(told.folder / "rasa.db") as database:
        named = database.execute(
            "SELECT data FROM events WHERE type_name = 'slot' AND action_name IN ('name', 'phone', 'region', 'purpose')"
        ).fetchall()
    values = [row[0] for row in named if '"value": null' not in row[0]]
    assert values
    assert all('"value": "[[encrypted:' in value for value in values)
