"""Customers ask what there is of them, withdraw and correct: done once, told as it was; erasing: test_erasing."""

import pytest
from sqlalchemy import select

from applications.tables import Application
from conversations.schemas import Reply, TurnOutcome
from conversations.tables import Conversation
from kit.database import Database
from kit.errors import RequestError
from privacy.ledger import Ledger
from privacy.rights.holds import add_hold
from privacy.rights.requests import decide_request, list_requests
from tests.connectors.customers_data import agree, apply, read_ledger
from tests.connectors.talk import Talk
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock, ScriptedBot


class TestSeeing:
    async def test_it_is_told_by_kind_and_may_be_fetched_once(self, talk: Talk, database: Database) -> None:
        talk.bot.slots = {"name": "王秀兰", "hint": "unclear"}
        answer = await talk.take("我要看你们存了我什么")
        (reply,) = answer.replies
        assert "聊天记录1条，从2026年7月1日起（保存1年）" in reply.text
        assert "没填完的内容1项（保存24小时）" in reply.text
        assert reply.card
        assert reply.card.kind == "copy"

    @sqlite_only
    async def test_where_pages_are_not_ours_staff_bring_it(
        self, database: Database, clock: FixedClock, bot: ScriptedBot
    ) -> None:
        talk = Talk(database, clock, bot, channel="wechat")
        (told,) = await talk.write("看我的信息")
        assert "核实身份后" in told
        (taken,) = await talk.press("要完整的一份")
        assert "2026年7月22日" in taken
        async with database.reading() as session:
            assert [request.kind for request in await list_requests(session, "open", 9)] == ["access"]


class TestWithdrawing:
    async def test_what_rests_on_consents_goes(self, talk: Talk, database: Database, clock: FixedClock) -> None:
        await agree(talk)
        await agree(talk, "application")
        number = await apply(talk, database, clock)
        (asked,) = await talk.write("撤回授权")
        assert "您同意过：测额度、贷款申请" in asked
        assert number in asked
        (done,) = await talk.press("确认撤回同意")
        assert "已经撤回：测额度、贷款申请" in done
        records = await read_ledger(database)
        given = [record.id for record in records if record.kind == "consent_given"]
        assert [record.withdraws_id for record in records if record.kind == "consent_withdrawn"] == given
        assert talk.bot.forgotten == [await talk.find_id()]
        async with database.reading() as session:
            assert (await session.scalars(select(Application.stage))).all() == ["withdrawn"]
        assert "没有还算数的授权" in (await talk.write("撤回授权"))[0]

    @sqlite_only
    async def test_what_staff_work_on_is_theirs_to_end(self, talk: Talk, database: Database, clock: FixedClock) -> None:
        await agree(talk, "application")
        number = await apply(talk, database, clock)
        async with database.transaction() as session:
            row = (await session.scalars(select(Application))).one()
            row.stage, row.acted_at = "checking", clock.now
        await talk.write("撤回同意")
        assert f"{number}已转给同事停办" in (await talk.press("确认撤回同意"))[0]
        async with database.reading() as session:
            assert [request.kind for request in await list_requests(session, "open", 9)] == ["withdrawal"]

    @sqlite_only
    async def test_only_what_was_deleted_is_said_to_be(self, talk: Talk) -> None:
        await agree(talk)
        await talk.write("撤回同意")
        assert "删了" not in (await talk.press("确认撤回同意"))[0], "there was nothing"
        await agree(talk)
        talk.bot.slots = {"name": "王秀兰"}
        await talk.write("撤回同意")
        assert "已经删了：没填完的内容1项。" in (await talk.press("确认撤回同意"))[0]

    @sqlite_only
    async def test_what_the_law_holds_is_only_used_no_more(
        self, talk: Talk, database: Database, clock: FixedClock
    ) -> None:
        await agree(talk)
        async with database.transaction() as session:
            customer = (await session.scalars(select(Conversation.customer_id))).one()
            await add_hold(session, customer, "诉讼", clock.now)
        assert "依法暂时不能删" in (await talk.write("撤回同意"))[0]
        (done,) = await talk.press("确认撤回同意")
        assert "已经撤回：测额度。" in done
        assert "依法暂时不能删" in done
        assert "已经删了" not in done
        assert talk.bot.forgotten == []

    @sqlite_only
    async def test_the_exact_question_is_kept_with_the_consent(self, talk: Talk, database: Database) -> None:
        talk.bot.script = [TurnOutcome(replies=[Reply(text="信息只用于本次估算。您同意吗？")])]
        await talk.write("测额度")
        await agree(talk)
        (record,) = await read_ledger(database)
        assert record.wording_hash
        assert await Ledger(database).verify() == (1, record.hash, None)


class TestCorrecting:
    async def test_staff_get_the_claim_and_the_customer_their_answer(
        self, talk: Talk, database: Database, clock: FixedClock
    ) -> None:
        number = await apply(talk, database, clock)
        (taken,) = await talk.write("我的电话登记错了")
        assert number in taken
        assert "2026年7月22日" in taken
        async with database.transaction() as session:
            (request,) = await list_requests(session, "open", 9)
            assert (request.kind, request.claim) == ("correction", "我的电话登记错了")
            await decide_request(session, request.id, "done", "已改成139****5678。", staff_id="chen", now=clock.now)
        assert (await talk.list_messages())[-1].text == "您关于个人信息的请求有了答复：已改成139****5678。"
        async with database.transaction() as session:
            with pytest.raises(RequestError, match="409 already_decided"):
                await decide_request(session, request.id, "done", "再改", staff_id="chen", now=clock.now)

    @pytest.mark.parametrize("right", ["应该是13812340001", "正确号码是13812340001", "地址是柳河镇李家村", "我叫王芳"])
    @sqlite_only
    async def test_what_is_right_belongs_to_it(self, talk: Talk, database: Database, right: str) -> None:
        await talk.write("我的电话登记错了")
        assert "同事会看到" in (await talk.write(right))[0]
        await talk.write("好的")
        async with database.reading() as session:
            (request,) = await list_requests(session, None, 9)
        assert request.claim == f"我的电话登记错了\n{right}"

    @sqlite_only
    async def test_said_twice_it_is_one_request(self, talk: Talk, database: Database) -> None:
        for _ in range(2):
            await talk.write("我的电话登记错了")
        async with database.reading() as session:
            assert len(await list_requests(session, None, 9)) == 1
