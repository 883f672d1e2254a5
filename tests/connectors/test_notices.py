"""Before the first reply customers are told what becomes of their data; on Telegram they agree to it going abroad."""

import httpx
import pytest

from connectors.rights_replies import RightsReplies
from connectors.webchat.channel import STATIC
from conversations.schemas import Reply, TurnOutcome
from kit.database import Database
from privacy.notice import CROSS_BORDER, NOTICE_VERSION, write_notice
from tests.connectors.customers_data import read_ledger
from tests.connectors.talk import Talk
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock, ScriptedBot

AGREE = "同意，继续"


@pytest.fixture
def customers_know_us() -> None:
    """Here they do not."""


@pytest.fixture
def telegram(database: Database, clock: FixedClock, bot: ScriptedBot) -> Talk:
    return Talk(database, clock, bot, channel="telegram")


async def test_it_is_shown_once_and_recorded_with_its_words(
    database: Database, clock: FixedClock, bot: ScriptedBot
) -> None:
    talk = Talk(database, clock, bot, channel="wechat")
    notice, answer = await talk.write("", payload="/greet")
    assert notice == write_notice()
    assert answer == "听到："
    assert await talk.write("你好") == ["听到：你好"]
    (record,) = await read_ledger(database)
    assert (record.kind, record.wording_version, record.channel) == ("notice_shown", NOTICE_VERSION, "wechat")
    assert record.wording_hash


@sqlite_only
async def test_first_aid_comes_before_it(telegram: Talk) -> None:
    first, *others = await telegram.write("我不想活了")
    assert "12356" in first
    assert others[-1] == write_notice()


@sqlite_only
async def test_the_page_shows_it_and_who_writes_has_seen_it(talk: Talk, database: Database) -> None:
    assert write_notice() in (STATIC / "index.html").read_text(encoding="utf-8")
    assert await talk.write("你好") == ["听到：你好"]
    await talk.write("利率多少")
    (record,) = await read_ledger(database)
    assert (record.kind, record.channel) == ("notice_shown", "web")


@sqlite_only
async def test_the_full_text_is_a_page_without_scripts(web: httpx.AsyncClient) -> None:
    page = await web.get("/privacy")
    assert page.status_code == 200
    for told in ("谁在用您的信息", "保存多久", "聊天记录：1年", "办过的贷款申请：3年", "删除我的信息"):
        assert told in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text


class TestAbroad:
    @pytest.mark.parametrize("text", ["测额度", "我想贷款", "转人工"])
    async def test_who_did_not_agree_is_asked_before_anything_personal(
        self, telegram: Talk, bot: ScriptedBot, text: str
    ) -> None:
        assert (await telegram.write(text))[-1] == CROSS_BORDER
        assert bot.acts == []

    async def test_one_press_agrees_and_goes_on(self, telegram: Talk, database: Database, bot: ScriptedBot) -> None:
        await telegram.write("测额度")
        bot.script = [TurnOutcome(replies=[Reply(text="您同意吗？")])]
        assert await telegram.press(AGREE) == ["您同意吗？"]
        assert [act.name for act in bot.acts] == ["check_quota"]
        given = [record for record in await read_ledger(database) if record.kind == "consent_given"]
        assert [(record.purpose, bool(record.wording_hash)) for record in given] == [("cross_border", True)]
        await telegram.write("我想贷款")
        assert [act.name for act in bot.acts] == ["check_quota", "apply_for_loan"]

    @sqlite_only
    async def test_who_refuses_is_told_other_ways(self, telegram: Talk, bot: ScriptedBot) -> None:
        await telegram.write("测额度")
        assert "到网点" in (await telegram.press("不同意"))[0]
        assert (await telegram.write("测额度"))[-1] == CROSS_BORDER
        assert bot.acts == []

    @sqlite_only
    async def test_questions_are_answered_without(self, telegram: Talk, bot: ScriptedBot) -> None:
        assert (await telegram.write("你好"))[-1] == "听到：你好"
        assert [act.name for act in bot.acts] == ["greet"]

    @sqlite_only
    async def test_withdrawn_it_is_asked_again(self, telegram: Talk, bot: ScriptedBot) -> None:
        await telegram.write("测额度")
        await telegram.press(AGREE)
        await telegram.write("撤回授权")
        await telegram.press("确认撤回同意")
        assert (await telegram.write("测额度"))[-1] == CROSS_BORDER

    @sqlite_only
    async def test_a_bank_may_switch_it_off(self, telegram: Talk, bot: ScriptedBot) -> None:
        rights = telegram._responder._rights
        assert isinstance(rights, RightsReplies)
        rights._asks_abroad = False
        assert (await telegram.write("测额度"))[-1] == "听到：测额度"
