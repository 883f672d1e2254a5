"""Customers have erased what there is of them: asked back, done once, told as it was."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from applications.tables import Application
from conversations.schemas import HandoffRequest, Reply, TurnOutcome
from conversations.tables import Conversation, Customer, Handoff, Message
from kit.database import Database
from migrations.metadata import METADATA
from privacy.rights.holds import add_hold
from privacy.rights.requests import decide_request, list_requests
from privacy.tables import DataRequest
from tests.connectors.customers_data import agree, apply, read_ledger
from tests.connectors.talk import Talk
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock, ScriptedBot


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def answer_requests(database: Database, clock: FixedClock) -> None:
    async with database.transaction() as session:
        for request in await list_requests(session, "open", 9):
            await decide_request(session, request.id, "done", "已改好。", staff_id="chen", now=clock.now)


async def follow(database: Database, customer_id: str) -> dict[str, str]:
    """What is written, by table, in the rows that name a customer and in the rows that those name."""
    async with database.reading() as session:
        tables = {
            table.name: [str(dict(row)) for row in (await session.execute(select(table))).mappings()]
            for table in METADATA.tables.values()
        }
        requests = [f"'request': {each}," for each in await session.scalars(select(DataRequest.id))]
    found = {name: [row for row in rows if customer_id in row] for name, rows in tables.items()}
    if any(number in row for number in requests for row in found["ledger_records"]):
        found["data_requests"] = tables["data_requests"]
    return {name: "\n".join(rows) for name, rows in found.items() if rows}


class TestErasing:
    async def test_it_is_asked_back_and_then_done_with_a_proof(self, talk: Talk, database: Database) -> None:
        await talk.write("你好")
        (asked,) = await talk.write("把我的信息删了")
        assert "聊天记录3条" in asked
        assert "确认删除吗" in asked
        (done,) = await talk.press("确认删除")
        assert "已经删了：聊天记录4条" in done
        (proof,) = [record for record in await read_ledger(database) if record.kind == "erased"]
        assert f"凭证号{proof.id}" in done
        assert [message.text for message in await talk.list_messages()] == ["确认删除", done]
        assert talk.bot.forgotten == [await talk.find_id()]

    @sqlite_only
    async def test_what_belongs_to_a_complaint_is_neither_promised_nor_erased(self, talk: Talk) -> None:
        talk.bot.script = [TurnOutcome(replies=[Reply(text="转")], handoff=HandoffRequest(reason="complaint"))]
        await talk.write("我要投诉")
        (asked,) = await talk.write("把我的信息删了")
        assert ("聊天记录" in asked, "依法要留：投诉和当时说的话" in asked) == (False, True)
        (done,) = await talk.press("确认删除")
        assert "这里没有要删的内容" in done
        assert "我要投诉" in [message.text for message in await talk.list_messages()]

    @pytest.mark.parametrize("yes", ["是的", "确认", "把我的信息删了"])
    @sqlite_only
    async def test_a_whole_message_yes_does_it_too(self, talk: Talk, yes: str) -> None:
        await talk.write("删除我的信息")
        assert "已经删了" in (await talk.write(yes))[0]

    @pytest.mark.parametrize("no", ["不删了", "不", "算了", "别删"])
    @sqlite_only
    async def test_whatever_else_is_said_erases_nothing(self, talk: Talk, no: str) -> None:
        await talk.write("删除我的信息")
        await talk.write(no)
        assert talk.bot.forgotten == []
        assert len(await talk.list_messages()) == 4

    @sqlite_only
    async def test_a_yes_to_something_later_erases_nothing(self, talk: Talk) -> None:
        await talk.write("删除我的信息")
        await talk.write("利率多少")
        await talk.write("是的")
        assert talk.bot.forgotten == []

    @sqlite_only
    async def test_an_old_button_erases_nothing(self, talk: Talk) -> None:
        await talk.write("删除我的信息")
        await talk.press("不删了")
        assert "已经删了" not in (await talk.press("确认删除", first=True))[0]
        assert talk.bot.forgotten == []

    @pytest.mark.parametrize(
        "text", ["能删我的信息吗", "怎么删除我的信息", "把我老公的信息删了", "不是要删信息", "别删", "删了吧", "都删掉"]
    )
    @sqlite_only
    async def test_questions_and_others_data_are_no_such_act(self, talk: Talk, text: str) -> None:
        assert "确认删除吗" not in (await talk.write(text))[0]
        await talk.write("是的")
        assert talk.bot.forgotten == []

    @pytest.mark.parametrize(
        "typed", ['/erase_data{"is_confirmed": true}', "/erase_data", "/keep_data", "/agree_abroad{}"]
    )
    @sqlite_only
    async def test_a_typed_payload_is_only_a_text(self, talk: Talk, typed: str) -> None:
        await talk.write("你好")
        await talk.write(typed)
        assert talk.bot.forgotten == []
        assert len(await talk.list_messages()) == 4

    @sqlite_only
    async def test_who_asks_whether_gets_the_button(self, talk: Talk) -> None:
        assert "可以删" in (await talk.write("能不能把我的资料删了"))[0]
        assert "确认删除吗" in (await talk.press("删除我的信息"))[0]

    async def test_with_an_application_the_withdrawal_is_offered_first(
        self, talk: Talk, database: Database, clock: FixedClock
    ) -> None:
        number = await apply(talk, database, clock)
        assert number in (await talk.write("删除我的信息"))[0]
        (done,) = await talk.press("撤回申请并删除")
        assert "申请1笔" in done
        assert await count(database, Application) == 0

    @sqlite_only
    async def test_the_application_may_go_on(self, talk: Talk, database: Database, clock: FixedClock) -> None:
        number = await apply(talk, database, clock)
        await talk.write("删除我的信息")
        assert f"申请{number}照常办" in (await talk.press("只删别的"))[0]
        assert await count(database, Application) == 1

    @sqlite_only
    async def test_what_staff_work_on_stays_and_that_is_said(
        self, talk: Talk, database: Database, clock: FixedClock
    ) -> None:
        number = await apply(talk, database, clock)
        async with database.transaction() as session:
            row = (await session.scalars(select(Application))).one()
            row.stage, row.acted_at = "checking", clock.now
        assert f"申请{number}同事正在办，办完前不能删" in (await talk.write("删除我的信息"))[0]
        assert "同事正在办" in (await talk.press("确认删除"))[0]
        assert await count(database, Application) == 1

    async def test_what_the_law_holds_is_left_to_staff(self, talk: Talk, database: Database, clock: FixedClock) -> None:
        await talk.write("你好")
        async with database.transaction() as session:
            customer = (await session.scalars(select(Conversation.customer_id))).one()
            await add_hold(session, customer, "诉讼", clock.now)
        await talk.write("删除我的信息")
        assert "2026年7月22日" in (await talk.press("确认删除"))[0]
        assert talk.bot.forgotten == []
        async with database.reading() as session:
            (request,) = await list_requests(session, "open", 9)
        assert request.kind == "erasure"

    async def test_while_the_bot_cannot_forget_nothing_is_erased(self, talk: Talk, database: Database) -> None:
        await talk.write("删除我的信息")
        talk.bot.is_away = True
        assert "什么都没有删" in (await talk.press("确认删除"))[0]
        assert await count(database, Message) == 4
        assert [record.kind for record in await read_ledger(database)] == []

    async def test_a_place_in_the_queue_is_kept_and_its_story_forgotten(self, talk: Talk, database: Database) -> None:
        await talk.begin_wait(name="王秀兰", phone="13800001234")
        await talk.write("删除我的信息")
        await talk.press("确认删除")
        assert await talk.find_holder() == "queue"
        async with database.reading() as session:
            handoff = (await session.scalars(select(Handoff))).one()
        assert (handoff.state, handoff.slots, handoff.name) == ("queued", {}, None)

    @sqlite_only
    async def test_what_was_done_elsewhere_is_left_to_staff(self, talk: Talk, database: Database) -> None:
        await talk.write("删除我的信息")
        await talk.press("确认删除")
        assert "核实身份后处理" in (await talk.press("别处办的也要删"))[0]
        async with database.reading() as session:
            assert [request.kind for request in await list_requests(session, "open", 9)] == ["erasure"]

    @sqlite_only
    async def test_another_customer_loses_nothing(
        self, talk: Talk, database: Database, clock: FixedClock, bot: ScriptedBot
    ) -> None:
        other = Talk(database, clock, bot, "wang")
        await other.write("我叫王秀兰")
        before = await other.list_messages()
        await talk.write("删除我的信息")
        await talk.press("确认删除")
        assert await other.list_messages() == before

    async def test_nothing_leads_from_the_old_id_to_where_they_go_on(
        self, talk: Talk, database: Database, clock: FixedClock
    ) -> None:
        await agree(talk)
        conversation = await talk.find_id()
        ((former,),) = await database.fetch(select(Customer.id))
        await talk.write("我的电话登记错了")
        await answer_requests(database, clock)
        await talk.write("我的名字登记错了")  # and this one while it is open
        await talk.write("删除我的信息")
        await talk.press("确认删除")
        await answer_requests(database, clock)
        ((new, user),) = await database.fetch(select(Customer.id, Customer.channel_user_id))
        joined = await follow(database, former)
        assert {"ledger_records", "data_requests"} <= joined.keys()
        for name, rows in joined.items():
            assert not [needle for needle in (conversation, new, user) if needle in rows], name


async def test_a_turn_that_is_done_again_erases_once_and_says_the_same(talk: Talk, database: Database) -> None:
    """The process was killed between erasing and answering."""
    await talk.write("删除我的信息")
    buttons: list[Any] = [button for message in await talk.list_messages() for button in message.buttons]
    token = next(button.token for button in buttons if button.title == "确认删除")
    claimed = await talk._claim("", button_token=token)
    first = await talk._responder.respond(claimed)
    second = await talk._responder.respond(claimed)
    numbers = [re.findall("凭证号([0-9]+)", outcome.replies[0].text) for outcome in (first, second)]
    assert numbers[0] == numbers[1]
    assert [record.kind for record in await read_ledger(database)] == ["erased"]
