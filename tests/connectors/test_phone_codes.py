"""Verifying a phone in a conversation, and that nothing waits for it."""

import pytest

from connectors.phone_codes import PhoneCodes
from conversations.schemas import Reply, TurnOutcome
from kit.database import Database
from tests.connectors.talk import KnownPhone, Talk
from tests.fakes import FixedClock, ScriptedBot
from tests.vaults import VAULT
from tests.verification.test_service import RecordingSms
from verification.service import Verification

PHONE = "13812345678"


@pytest.fixture
def sms() -> RecordingSms:
    return RecordingSms()


@pytest.fixture
def bot() -> ScriptedBot:
    return ScriptedBot()


@pytest.fixture
def talk(database: Database, clock: FixedClock, bot: ScriptedBot, sms: RecordingSms) -> Talk:
    verification = Verification(database, VAULT, sms, clock)
    return Talk(database, clock, bot, phone_codes=PhoneCodes(KnownPhone(PHONE), verification))


async def say(talk: Talk, text: str) -> str:
    return "".join(await talk.write(text))


async def test_a_code_comes_back_and_the_phone_is_verified(talk: Talk, sms: RecordingSms) -> None:
    assert "138****5678" in await say(talk, "验证手机号")
    assert "不对" in await say(talk, sms.wrong)
    assert "已经核实" in await say(talk, f"{sms.code[:3]} {sms.code[3:]}")
    assert "已经核实" in await say(talk, "验证一下手机号"), "and is not verified twice"
    assert len(sms.sent) == 1


async def test_another_number_may_be_named(talk: Talk, sms: RecordingSms) -> None:
    assert "139****0001" in await say(talk, "验证手机号13900000001")
    assert sms.sent[0][0] == "13900000001"


async def test_the_code_among_other_words_is_hidden_and_asked_for_alone(talk: Talk, sms: RecordingSms) -> None:
    await say(talk, "验证手机号")
    assert "只发" in await say(talk, f"我收到的验证码是{sms.code}")
    assert "已经核实" in await say(talk, sms.code)


@pytest.mark.parametrize("words", ["算了", "不验证了", "先不验证", "跳过"])
async def test_it_can_be_left_and_nothing_else_is_dropped(talk: Talk, sms: RecordingSms, words: str) -> None:
    await say(talk, "验证手机号")
    assert "不影响办理" in await say(talk, words)


async def test_another_question_in_between_does_not_lose_it(talk: Talk, sms: RecordingSms, bot: ScriptedBot) -> None:
    await say(talk, "验证手机号")
    bot.script = [TurnOutcome(replies=[Reply(text="您好")], dialogue={"last": "submitted"})]
    assert await say(talk, "你好") == "您好"
    assert "已经核实" in await say(talk, sms.code)


async def test_who_got_none_is_sent_another_but_not_at_once(talk: Talk, sms: RecordingSms, clock: FixedClock) -> None:
    await say(talk, "验证手机号")
    assert "一分钟" in await say(talk, "没收到")
    clock.move(minutes=2)
    assert "138****5678" in await say(talk, "没收到验证码")
    assert len(sms.sent) == 2


async def test_without_a_way_to_send_texts_it_is_said(talk: Talk, sms: RecordingSms) -> None:
    sms.is_away = True
    assert "发不了" in await say(talk, "验证手机号")


async def test_without_a_number_it_is_asked_for(database: Database, clock: FixedClock, sms: RecordingSms) -> None:
    verification = Verification(database, VAULT, sms, clock)
    talk = Talk(database, clock, ScriptedBot(), phone_codes=PhoneCodes(KnownPhone(), verification))
    assert "不知道您的手机号" in await say(talk, "验证手机号")
    assert sms.sent == []
