"""The account managers' page: open applications are counted, ended ones listed below, withdrawn ones offer no work."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nicegui import Client, ui
from nicegui.page import page

from applications.schemas import Move
from desk.accounts import Accounts
from desk.pages.customers import CustomersPage
from desk.pages.open_page import OpenPage
from desk.schemas import StaffView
from kit.database import Database
from tests.applications.making import make_applications
from tests.conversations.talk import sqlite_only
from tests.desk.village import Village
from tests.fakes import FixedClock


def open_page(village: Village, staff: StaffView, *, may_all: bool = False) -> OpenPage:
    """A page of theirs that does not refresh itself; they may nothing more, or all."""

    def repeat(work: Callable[[], Awaitable[None]], *, seconds: float) -> None:
        pass

    desk = SimpleNamespace(customers=village.customers, ownership=village.ownership, clock=village.clock)
    opened: Any = SimpleNamespace(desk=desk, staff=staff, may=lambda permission: may_all, repeat=repeat)
    return cast(OpenPage, opened)


@sqlite_only
@pytest.mark.usefixtures("cheap_hashes")
async def test_what_was_withdrawn_is_listed_below_and_offers_no_work(
    database: Database, accounts: Accounts, clock: FixedClock
) -> None:
    village = Village(database, accounts, clock)
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    boss = await village.hire("zhou", "supervisor")
    for user, name in (("wang", "王秀英"), ("li", "李大山"), ("sun", "孙老三")):
        await village.meet(user)
        stored = await village.apply(user, name)
        await village.ownership.assign_new()
        if user == "li":
            await make_applications(database, clock).withdraw(stored.conversation_id, stored.number, "key-12345")
        if user == "sun":
            declined = Move(expected="submitted", stage="declined", reason_class="debt")
            await village.customers.move_application(boss, stored.id, declined)
    clock.move(minutes=5)
    with Client(page("")) as client:
        shown = CustomersPage(open_page(village, zhang))
        await shown.build()
        texts = [element.text for element in client.elements.values() if isinstance(element, ui.label)]
        cards = {
            name: [button.text for button in card.descendants() if isinstance(button, ui.button)]
            for card in client.elements.values()
            if "customer-card" in card.classes
            for name in ("王秀英", "李大山", "孙老三")
            if any(name in html.content for html in card.descendants() if isinstance(html, ui.html))
        }
    assert texts == ["最近结束的"]
    assert cards == {
        "王秀英": ["电话", "进度", "内容", "材料", "检查"],
        "孙老三": ["电话", "进度", "内容", "材料", "检查"],
        "李大山": ["进度", "检查"],
    }
    assert [tab.props["label"] for tab in client.elements.values() if isinstance(tab, ui.tab)] == [
        "申请 1",
        "客户 3",
        "线索 0",
    ]


@sqlite_only
@pytest.mark.usefixtures("cheap_hashes")
async def test_a_supervisor_is_offered_the_call_of_their_own_talks_only(
    database: Database, accounts: Accounts, clock: FixedClock
) -> None:
    village = Village(database, accounts, clock)
    boss = await village.hire("zhou", "supervisor")
    for user in ("wang", "li"):
        await village.meet(user)
        await village.apply(user, user)
    await village.ask("li", "active", agent_id=boss.id)
    with Client(page("")) as client:
        await CustomersPage(open_page(village, boss, may_all=True)).build()
        calls = {
            name: "电话" in [each.text for each in card.descendants() if isinstance(each, ui.button)]
            for card in client.elements.values()
            if "customer-card" in card.classes
            for name in ("wang", "li")
            if any(name in each.content for each in card.descendants() if isinstance(each, ui.html))
        }
    assert calls == {"wang": False, "li": True}


@sqlite_only
@pytest.mark.usefixtures("cheap_hashes")
async def test_what_is_due_first_comes_first_and_lists_are_narrowed_to_a_place(
    database: Database, accounts: Accounts, clock: FixedClock
) -> None:
    village = Village(database, accounts, clock)
    boss = await village.hire("zhou", "supervisor")
    for user, name, region in (("wang", "王秀英", "柳河镇"), ("li", "李大山", "青山镇"), ("sun", "孙老三", "柳河镇")):
        await village.meet(user)
        await village.apply(user, name, region=region)
        clock.move(hours=1)
    with Client(page("")) as client:
        shown = CustomersPage(open_page(village, boss, may_all=True))
        await shown.build()

        def list_names() -> list[str]:
            texts = [each.content for each in client.elements.values() if isinstance(each, ui.html)]
            return [name for text in texts for name in ("王秀英", "李大山", "孙老三") if name in text]

        assert list_names() == ["王秀英", "李大山", "孙老三"]
        (narrow,) = [
            each
            for each in client.elements.values()
            if isinstance(each, ui.select) and each.props.get("aria-label") == "只看"
        ]
        assert list(narrow.options) == ["", "已提交", "柳河镇", "青山镇"]
        narrow.set_value("柳河镇")
        assert list_names() == ["王秀英", "孙老三"]
        shown.turn("leads")
        assert list_names() == []
        assert list(narrow.options) == ["", "柳河镇"]
        shown.turn("applications")
        narrow.set_value("")
        assert list_names() == ["王秀英", "李大山", "孙老三"]
