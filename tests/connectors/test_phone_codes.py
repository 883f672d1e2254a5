"""Verifying a phone in a conversation, and that nothing waits for it."""

from typing import Protocol

import pytest

from applications.client import ApplicationsClient
from connectors.customer_limits import CustomerLimits
from connectors.phone_codes import GivenPhones, PhoneCodes, PhoneSource
from connectors.settings import GatewaySettings
from conversations.handoff.queries import HandoffQueries
from conversations.schemas import Reply, TurnOutcome
from conversations.service import Conversations
from kit.database import Database
from kit.http import ServiceClient
from kit.limits import MemoryLimiter
from tests.applications.making import make_applications
from tests.connectors.customers_data import APPLICATION
from tests.connectors.talk import KnownPhones, Talk, make_applications_client
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


class MakeTalk(Protocol):
    """Makes the talk of somebody whose phones are known from such a source."""

    def __call__(self, phones: PhoneSource) -> Talk: ...


@pytest.fixture
def make_talk(database: Database, clock: FixedClock, bot: ScriptedBot, sms: RecordingSms) -> MakeTalk:
    def make(phones: PhoneSource) -> Talk:
        limits = CustomerLimits(GatewaySettings(), MemoryLimiter(lambda: clock().timestamp()))
        codes = PhoneCodes(phones, Verification(database, VAULT, sms, clock), limits)
        return Talk(database, clock, bot, phone_codes=codes)

    return make


@pytest.fixture
def talk(make_talk: MakeTalk) -> Talk:
    return make_talk(KnownPhones(PHONE))


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


async def test_a_number_that_was_asked_for_is_taken_and_kept(
    make_talk: MakeTalk, sms: RecordingSms, clock: FixedClock
) -> None:
    talk = make_talk(KnownPhones())
    await say(talk, "验证手机号")
    assert "139****0001" in await say(talk, "13900000001")
    clock.move(minutes=2)
    assert "139****0001" in await say(talk, "没收到"), "it is not forgotten"
    clock.move(minutes=2)
    assert "138****5678" in await say(talk, "填错了，是13812345678")


async def test_who_got_none_is_sent_another_but_not_at_once(talk: Talk, sms: RecordingSms, clock: FixedClock) -> None:
    await say(talk, "验证手机号")
    assert "一分钟" in await say(talk, "没收到")
    clock.move(minutes=2)
    assert "138****5678" in await say(talk, "没收到验证码")
    assert len(sms.sent) == 2


async def test_without_a_way_to_send_texts_it_is_said(talk: Talk, sms: RecordingSms) -> None:
    sms.is_away = True
    assert "发不了" in await say(talk, "验证手机号")


async def test_without_a_number_it_is_asked_for(make_talk: MakeTalk, sms: RecordingSms) -> None:
    talk = make_talk(KnownPhones())
    assert "哪个手机号" in await say(talk, "验证手机号")
    assert sms.sent == []


class TestDataRequests:
    """Who gave a phone proves that it is theirs before a copy is downloaded or anything is erased."""

    async def test_nothing_is_erased_before_the_code_came_back(self, talk: Talk, sms: RecordingSms) -> None:
        await say(talk, "你好")
        assert "先验证手机号138****5678" in await say(talk, "把我的信息删了")
        assert "6位数字" in await say(talk, "是的")
        assert "不对" in await say(talk, sms.wrong)
        assert "已经核实" in await say(talk, sms.code)
        assert "确认删除吗" in "".join(await talk.press("接着办"))
        assert "已经删了" in "".join(await talk.press("确认删除"))

    async def test_the_copy_is_offered_after_the_code(self, talk: Talk, sms: RecordingSms) -> None:
        assert "验证手机号138****5678后可以在本页下载" in await say(talk, "看我的信息")
        assert not [message for message in await talk.list_messages() if message.card]
        await talk.press("验证手机号")
        await say(talk, "没收到")  # what was wanted outlives a second try
        await say(talk, sms.code)
        assert "15分钟内有效" in "".join(await talk.press("接着办"))

    async def test_another_verified_number_proves_nothing(self, talk: Talk, sms: RecordingSms) -> None:
        await say(talk, "验证手机号13900000001")
        await say(talk, sms.code)
        assert "先验证手机号138****5678" in await say(talk, "把我的信息删了")

    async def test_every_number_that_was_given_is_verified(self, make_talk: MakeTalk, sms: RecordingSms) -> None:
        """Who finds the page open adds their own number to the customer's."""
        talk = make_talk(KnownPhones("13900000001", PHONE))
        await say(talk, "验证手机号13900000001")
        await say(talk, sms.code)
        assert "先验证手机号138****5678" in await say(talk, "把我的信息删了")
        await talk.press("验证手机号")
        assert sms.sent[-1][0] == PHONE

    async def test_who_gets_no_text_is_seen_to_by_staff(self, talk: Talk) -> None:
        await say(talk, "把我的信息删了")
        assert "同事核实身份后处理" in "".join(await talk.press("收不到短信"))

    async def test_leaving_it_says_that_nothing_was_done(self, talk: Talk) -> None:
        await say(talk, "把我的信息删了")
        await talk.press("验证手机号")
        assert "没有动" in "".join(await talk.press("先不验证"))

    async def test_while_the_number_cannot_be_looked_up_nothing_is_done(
        self, make_talk: MakeTalk, database: Database, clock: FixedClock, bot: ScriptedBot
    ) -> None:
        conversations = Conversations(database, clock)
        away = ServiceClient("desk", "http://127.0.0.1:9", deadline=1, tries=1, token="t")
        talk = make_talk(GivenPhones(ApplicationsClient(away), HandoffQueries(database, clock), conversations))
        for words in ("把我的信息删了", "看我的信息"):
            assert "没能办成" in await say(talk, words)
        assert "发不了" in await say(talk, "验证手机号")
        assert bot.forgotten == []


class TestGivenPhones:
    async def test_all_count_that_of_an_application_first(
        self, talk: Talk, database: Database, clock: FixedClock
    ) -> None:
        phones = GivenPhones(
            make_applications_client(database, clock), HandoffQueries(database, clock), Conversations(database, clock)
        )
        conversation_id = await talk.find_id()
        await talk.write("13700000002是骗子的电话吗")
        assert await phones.list_phones(conversation_id) == []
        talk.bot.script = [TurnOutcome(replies=[Reply(text="手机号？")], dialogue=ASKS_PHONE)]
        await talk.write("你好")
        await talk.write("138 1234 5678")
        await talk.begin_wait()
        await talk.write("打我电话13900000001")
        content = APPLICATION.model_copy(update={"conversation_id": conversation_id})
        await make_applications(database, clock).submit(content, "key")
        assert await phones.list_phones(conversation_id) == [APPLICATION.phone, "13900000001", PHONE]


ASKS_PHONE = {"form": "application_form", "asked": "phone"}


class TestInAForm:
    """What the gateway says beside a form is not what a yes or a number answers there."""

    @pytest.fixture
    async def asked(self, talk: Talk) -> Talk:
        dialogue = {"form": "application_form", "asked": "application_confirmed"}
        talk.bot.script = [TurnOutcome(replies=[Reply(text="没问题就提交")], dialogue=dialogue)]
        await talk.write("你好")
        return talk

    @pytest.mark.parametrize(
        "words", ["看我的信息", "删除我的信息", "验证手机号", "我的密码是123456", "我的电话登记错了"]
    )
    async def test_a_yes_to_it_submits_nothing(self, asked: Talk, words: str) -> None:
        await asked.write(words)
        await asked.write("好的")
        assert "inform" not in [act.name for act in asked.bot.acts]

    async def test_the_code_is_no_amount(self, talk: Talk, sms: RecordingSms, bot: ScriptedBot) -> None:
        dialogue = {"form": "application_form", "asked": "amount"}
        bot.script = [TurnOutcome(replies=[Reply(text="借多少")], dialogue=dialogue)] * 3
        await talk.write("你好")
        await talk.write("验证手机号")
        said = await talk.write(sms.code)
        assert ("已经核实" in said[0], said[-1]) == (True, "借多少"), "and the form goes on"
        await talk.write("150000")
        assert bot.acts[-1].name == "inform", "and takes numbers again"

    async def test_leaving_it_does_not_leave_the_form(self, asked: Talk) -> None:
        await asked.write("验证手机号")
        assert "不影响办理" in (await asked.write("算了不验证了"))[0]
        assert asked.bot.acts[-1].name == "keep"
