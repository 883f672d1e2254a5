"""What account managers see of their customers: how far each has come, and no full number."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from applications.stages import OPEN_STAGES
from conversations.customers import set_contact
from desk.accounts import Accounts
from desk.customer_repository import CustomerCard, CustomerGroup, TalkLink
from desk.pages.customer_card import describe_age, draw_application, draw_customer
from kit.database import Database
from tests.applications.making import make_applications
from tests.desk.village import PHONE, Village
from tests.fakes import FixedClock

ZHANG, LI = "manager-zhang", "manager-li"
DECISION = {
    "decision_id": "3d0b",
    "outcome": "approve",
    "quota": 80_000,
    "term_months": 36,
    "annual_rate": 4.9,
    "reasons": [{"code": "land", "text": "您家种15亩地"}],
    "next_step": "现在就可以申请。",
    "policy_version": "farmer_loan@2026-07-01",
    "valid_until": "2026-08-31",
}
SLOTS = {"name": "赵铁柱", "phone": "13900000001", "region": "青石乡", "quota_summary": {"decision": DECISION}}


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock) -> Village:
    return Village(database, accounts, clock)


@pytest.fixture
async def crowd(village: Village) -> Village:
    """A lead who only talked, one who checked a quota and waits for a call, an applicant, and somebody else's."""
    await village.meet("talker", "village:柳河镇", ZHANG)
    await village.meet("caller", None, ZHANG)
    await village.ask("caller", "callback", SLOTS, callback_phone="13900000002", due_at=village.clock.now)
    await village.meet("applicant", None, ZHANG)
    await village.apply("applicant", amount=50_000)
    await village.apply("applicant")
    await village.meet("stranger", None, LI)
    await village.apply("stranger", "孙老三", phone="13700000003", region="东山镇")
    return village


async def list_names(
    village: Village, manager_id: str | None, search: str = "", group: CustomerGroup | None = None, **more: Any
) -> list[str]:
    return [card.name for card in await village.customers.list_customers(manager_id, search, group, **more)]


async def get_card(village: Village, name: str) -> CustomerCard:
    [card] = [card for card in await village.customers.list_customers(None) if card.name == name]
    return card


async def test_a_manager_sees_their_own_who_was_last_in_touch_first(crowd: Village) -> None:
    assert await list_names(crowd, ZHANG) == ["王秀英", "赵铁柱", ""]
    assert await list_names(crowd, LI) == ["孙老三"]
    assert await list_names(crowd, None) == ["孙老三", "王秀英", "赵铁柱", ""]
    assert await list_names(crowd, None, limit=2) == ["孙老三", "王秀英"]


async def test_whom_to_contact_on_a_day_comes_first_by_that_day(crowd: Village) -> None:
    today = crowd.clock.now.date()
    days = {"赵铁柱": today + timedelta(days=2), "": today - timedelta(days=1)}
    cards = {name: await get_card(crowd, name) for name in days}
    async with crowd.database.transaction() as session:
        for name, day in days.items():
            await set_contact(session, [cards[name].customer_id], day)
    assert await list_names(crowd, ZHANG) == ["", "赵铁柱", "王秀英"]
    drawn = {name: draw_customer(await get_card(crowd, name), crowd.clock.now, None) for name in days}
    assert f"{days['赵铁柱'].month}月{days['赵铁柱'].day}日联系" in drawn["赵铁柱"]
    assert '<span class="late">' in drawn[""]
    assert '<span class="late">' not in drawn["赵铁柱"]


@pytest.mark.parametrize(("group", "names"), [("lead", ["赵铁柱", ""]), ("applied", ["王秀英"])])
async def test_they_are_told_apart_by_how_far_they_came(crowd: Village, group: CustomerGroup, names: list[str]) -> None:
    assert await list_names(crowd, ZHANG, group=group) == names


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("秀英", ["王秀英"]),
        (" 138 1234 5678 ", ["王秀英"]),
        ("王", ["王秀英"]),
        ("铁柱", ["赵铁柱"]),
        ("13900000002", ["赵铁柱"]),
        ("0002", ["赵铁柱"]),
        ("青石", ["赵铁柱"]),
        ("柳河", ["王秀英", ""]),
        ("孙老三", []),
        ("%", []),
    ],
)
async def test_they_are_found_by_what_they_told(crowd: Village, search: str, names: list[str]) -> None:
    assert await list_names(crowd, ZHANG, search) == names


async def test_numbers_are_masked(crowd: Village) -> None:
    cards = await crowd.customers.list_customers(None)
    assert [card.phone for card in cards] == ["137****0003", "138****5678", "139****0002", ""]
    applications = await crowd.customers.list_applications(None, OPEN_STAGES)
    shown = repr((cards, applications))
    assert not any(number in shown for number in ("13700000003", "13812345678", "13900000001", "13900000002"))


async def test_the_newest_application_is_shown(crowd: Village) -> None:
    card = await get_card(crowd, "王秀英")
    assert card.application
    assert (card.application.amount, card.region, card.talk, card.quota) == (100_000, "柳河镇", None, "")
    assert [c.application.amount for c in await crowd.customers.list_applications(None, OPEN_STAGES, "秀英")] == [
        100_000,
        50_000,
    ]


async def test_one_that_was_withdrawn_hides_no_earlier_one(village: Village) -> None:
    customer = await village.meet("wang", None, ZHANG)
    boss = await village.hire("zhou", "supervisor")
    first = await village.apply("wang", amount=50_000, phone="13900000001")
    second = await village.apply("wang", amount=100_000)

    async def withdraw(number: str) -> tuple[int, str, str]:
        """The card afterwards: amount, stage and number to call."""
        applications = make_applications(village.database, village.clock)
        await applications.withdraw(first.conversation_id, number, f"withdrawal-of-{number}")
        [card] = await village.customers.list_customers(ZHANG, group="applied")
        assert card.application
        return card.application.amount, card.application.stage, card.phone

    assert await withdraw(second.number) == (50_000, "submitted", "139****0001")
    assert await withdraw(first.number) == (100_000, "withdrawn", "138****5678")
    await village.ask("wang", "active", agent_id=boss.id)
    assert await village.customers.reveal_phone(boss, customer.id) == (PHONE, False)
    [card] = await village.customers.list_customers(ZHANG)
    assert "已撤回" in draw_customer(card, village.clock.now, None)
    assert await village.customers.list_customers(ZHANG, group="lead") == []


async def test_a_quota_check_and_a_promised_call_are_shown(crowd: Village) -> None:
    card = await get_card(crowd, "赵铁柱")
    assert (card.quota, card.region, card.application) == ("通过，8万元", "青石乡", None)
    assert card.talk
    assert (card.talk.state, card.talk.is_open) == ("callback", True)


async def test_a_card_leads_to_the_open_talk_or_else_to_the_last(village: Village) -> None:
    await village.meet("wang", None, ZHANG)
    await village.apply("wang")

    async def find_talk() -> TalkLink | None:
        [customer] = await village.customers.list_customers(ZHANG)
        [application] = await village.customers.list_applications(None, OPEN_STAGES)
        assert customer.talk == application.talk
        return customer.talk

    assert await find_talk() is None
    await village.ask("wang", "closed")
    last = await village.ask("wang", "returned")
    assert await find_talk() == TalkLink(last, "returned", None)
    open_one = await village.ask("wang", "callback")
    await village.ask("wang", "closed")
    assert await find_talk() == TalkLink(open_one, "callback", None)


async def test_whatever_a_slot_holds_it_is_no_number_to_call(village: Village) -> None:
    await village.meet("wang", None, ZHANG)
    await village.ask("wang", "queued", {"phone": "1';alert(1)//", "name": 7, "region": None})
    [card] = await village.customers.list_customers(ZHANG)
    assert (card.phone, card.name, card.region) == ("", "7", "")


async def test_a_card_says_what_it_is_about(crowd: Village) -> None:
    now = crowd.clock.now
    names = {ZHANG: "张敏"}
    talker = draw_customer(await get_card(crowd, ""), now, None)
    assert all(part in talker for part in ("客户", "线索", "咨询过", "来自村镇：柳河镇", "最近联系：7分钟前"))
    caller = draw_customer(await get_card(crowd, "赵铁柱"), now, names)
    assert all(part in caller for part in ("待回电", "测过额度：通过，8万元", "客户经理：张敏"))
    card = (await crowd.customers.list_applications(None, OPEN_STAGES, "秀英"))[0]
    drawn = draw_application(card, now, names)
    assert all(part in drawn for part in ("商户贷，10万元，1年", "已提交", "还没有客户经理", "2分钟前改为已提交"))
    assert 'class="late"' not in drawn
    assert 'class="late"' in draw_application(replace(card, is_late=True), now, names)
    called = card.application.model_copy(update={"purpose": "进货，打13800001234"})
    assert "进货，打138****1234<" in draw_application(replace(card, application=called), now, names)


async def test_what_customers_write_is_no_markup(village: Village) -> None:
    await village.meet("wang", None, ZHANG)
    await village.apply("wang", "<b>王</b>", region="<script>")
    [card] = await village.customers.list_customers(ZHANG)
    drawn = draw_customer(card, village.clock.now, None)
    assert "<b>" not in drawn
    assert "<script>" not in drawn


@pytest.mark.parametrize(
    ("age", "said"),
    [
        ({"seconds": -5}, "刚刚"),
        ({"seconds": 59}, "刚刚"),
        ({"minutes": 59}, "59分钟前"),
        ({"minutes": 61}, "1小时前"),
        ({"hours": 23.9}, "23小时前"),
        ({"hours": 25}, "1天前"),
    ],
)
def test_how_long_ago_is_said_roughly(clock: FixedClock, age: dict[str, float], said: str) -> None:
    assert describe_age(clock.now - timedelta(**age), clock.now) == said
