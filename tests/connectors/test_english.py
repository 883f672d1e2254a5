"""A customer who writes English hears English, also from the gateway and from staff's own messages."""

import itertools
import re
from datetime import UTC, datetime

import pytest

from connectors.wording import APOLOGY
from conversations.english import to_english
from conversations.schemas import Reply, TurnOutcome
from tests.connectors.talk import Talk, hand_over
from understanding.schemas import Evidence

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
HAN = re.compile(r"[\u3400-\u9fff]")
NIGHT = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)  # 22:00 in China
ENGLISH = {"language": "en"}


async def test_the_bot_is_told_the_language(talk: Talk) -> None:
    talk.bot.script = [TurnOutcome(replies=[Reply(text="…")], dialogue=ENGLISH)] * 2
    for text in ("What documents do I need for a loan?", "8w", "要什么材料"):
        await talk.write(text)
    assert [act.language for act in talk.bot.acts] == ["en", "en", "zh"]


async def test_what_the_gateway_says_itself_is_english(talk: Talk) -> None:
    talk.bot.script = [None]
    assert await talk.write("How do I repay early?") == [to_english(APOLOGY.text)]
    (button,) = (await talk.list_messages())[-1].buttons
    assert button.title == "Talk to a person"


async def test_the_language_stays_until_they_write_chinese(talk: Talk) -> None:
    talk.bot.script = [None, None, None]
    await talk.write("How do I repay early?")
    assert not HAN.search("".join(await talk.write("ok")))
    assert await talk.write("提前还款怎么办") == [APOLOGY.text]


async def test_first_aid_is_english(talk: Talk) -> None:
    text = "someone from the bank told me to transfer my money"
    talk.evidence.known[text] = Evidence(dangers={"scam": 0.99})
    said = await talk.write(text)
    assert "96110" in said[0]
    assert not HAN.search("".join(said))
    assert not HAN.search("".join(await talk.write("what now?")))


async def test_one_who_waits_never_hears_the_same_twice(talk: Talk) -> None:
    talk.bot.script = [hand_over().model_copy(update={"dialogue": ENGLISH})]
    await talk.write("I want to talk to a person")
    talk.clock.move(minutes=2)
    said = [(await talk.write(text))[0] for text in ("are you there?", "hello", "anybody there?", "please hurry")]
    assert not HAN.search("".join(said))
    assert all(before != after for before, after in itertools.pairwise(said))


async def test_a_promise_at_night_is_english(talk: Talk) -> None:
    talk.clock.now = NIGHT
    talk.bot.script = [hand_over().model_copy(update={"dialogue": ENGLISH})]
    assert "when we open at 8:30 tomorrow, by 10:30 tomorrow at the latest" in (await talk.write("a person please"))[-1]
    assert "send your 11-digit mobile number" in (await talk.press("Call me back"))[0]
    assert not HAN.search("".join(await talk.write("13800001234")))


async def test_what_an_agent_types_stays_as_it_is(talk: Talk) -> None:
    talk.bot.script = [hand_over().model_copy(update={"dialogue": ENGLISH})]
    await talk.write("I want to talk to a person")
    handoff = await talk.get_handoff()
    await talk.handoffs.take(handoff.id, "agent-1")
    await talk.handoffs.say(handoff.id, "agent-1", "收到。", "key-1")
    assert (await talk.list_messages())[-1].text == "收到。"
