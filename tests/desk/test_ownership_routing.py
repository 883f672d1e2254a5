"""Whose customer it is that waits: what the pre-application says is filled in, and the account manager is told once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from desk.accounts import Accounts
from desk.notifications import notifier
from desk.ownership import Ownership
from kit.database import Database
from tests.conversations.acts import Acts
from tests.conversations.talk import sqlite_only
from tests.desk.village import Village
from tests.fakes import FixedClock
from tests.vaults import VAULT

WAITS = "您的客户在等人工\n微信客户，找客户经理"


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock) -> Village:
    return Village(database, accounts, clock)


@pytest.fixture
def owners(database: Database, clock: FixedClock) -> Ownership:
    return Ownership(database, clock)


@pytest.fixture
async def elsewhere(database_url: str, clock: FixedClock) -> AsyncIterator[Ownership]:
    """Another desk process."""
    opened = Database(database_url, VAULT)
    yield Ownership(opened, clock)
    await opened.close()


async def list_open(village: Village) -> list[HandoffView]:
    return await Acts(village.database, village.clock).list_open()


async def look(village: Village, *owners: Ownership) -> None:
    """Each routes what is new, all at the same time."""
    await asyncio.gather(*(each.route_handoffs() for each in owners))


async def read_filled(village: Village) -> tuple[str | None, str | None, str | None]:
    """Name, product and region of the only one that is open."""
    (handoff,) = await list_open(village)
    return handoff.name, handoff.product, handoff.region


class TestFillingIn:
    async def test_the_region_of_the_application_finds_the_villages_manager(
        self, village: Village, owners: Ownership
    ) -> None:
        await village.hire("li", "account_manager", "青石乡")
        zhang = await village.hire("zhang", "account_manager", "柳河镇")
        customer = await village.meet("wang")
        await village.apply("wang", region="柳河镇王家村")
        handoff_id = await village.ask("wang")
        await look(village, owners)
        assert await read_filled(village) == ("王秀英", "farmer_loan", "柳河镇王家村")
        assert await village.find_owner(customer.id) == zhang.id
        assert await village.list_notifications() == [(zhang.id, WAITS, f"/talks/{handoff_id}")]

    @pytest.mark.parametrize(
        ("given", "filled"),
        [
            ({"name": "王五", "product": "商户贷", "region": "青石乡"}, ("王五", "商户贷", "青石乡")),
            ({"region": "青石乡"}, ("王秀英", "farmer_loan", "青石乡")),
        ],
        ids=["all", "one"],
    )
    async def test_what_the_customer_said_now_is_kept(
        self, village: Village, owners: Ownership, given: dict[str, Any], filled: tuple[str, str, str]
    ) -> None:
        await village.hire("zhang", "account_manager", "柳河镇")
        li = await village.hire("li", "account_manager", "青石乡")
        customer = await village.meet("wang")
        await village.apply("wang")
        await village.ask("wang", **given)
        await look(village, owners)
        assert await read_filled(village) == filled
        assert await village.find_owner(customer.id) == li.id

    @sqlite_only
    async def test_the_newest_application_counts_and_nobody_elses(self, village: Village, owners: Ownership) -> None:
        await village.apply("wang", "王大", region="青石乡")
        await village.apply("wang", "王二", region="红旗镇")
        await village.apply("li", "李四", region="柳河镇")
        await village.ask("wang")
        await look(village, owners)
        assert await read_filled(village) == ("王二", "trader_loan", "红旗镇")

    @sqlite_only
    async def test_without_an_application_nothing_is_filled_in(self, village: Village, owners: Ownership) -> None:
        await village.ask("wang")
        await look(village, owners)
        assert await read_filled(village) == (None, None, None)


class TestOwner:
    @sqlite_only
    @pytest.mark.parametrize(
        ("source", "region", "owner"),
        [
            (None, "柳河镇王家村", "zhang"),
            ("village:柳河镇", None, "zhang"),
            ("manager:li", "柳河镇", "li"),
            (None, "红旗镇", None),
            (None, "凤凰岭镇", None),
            (None, "白水乡", None),
            (None, None, None),
        ],
        ids=["place", "village's code", "own code", "left", "no manager", "nobody's", "nothing known"],
    )
    async def test_the_code_or_the_place_names_the_manager(
        self, village: Village, owners: Ownership, source: str | None, region: str | None, owner: str | None
    ) -> None:
        staff = [await village.hire("zhang", "account_manager", "柳河镇"), await village.hire("li")]
        left = await village.hire("zhao", "account_manager", "红旗镇")
        await village.accounts.update_staff(left.id, is_active=False)
        await village.hire("an", "agent", "凤凰岭镇")
        customer = await village.meet("wang", source)
        await village.ask("wang", region=region)
        await look(village, owners)
        found = next((member.id for member in staff if member.login == owner), None)
        assert await village.find_owner(customer.id) == found
        assert [staff_id for staff_id, _, _ in await village.list_notifications()] == ([found] if found else [])

    async def test_an_owner_stays_wherever_the_customer_is(self, village: Village, owners: Ownership) -> None:
        await village.hire("zhang", "account_manager", "柳河镇")
        li = await village.hire("li", "account_manager", "青石乡")
        customer = await village.meet("wang", manager_id=li.id)
        handoff_id = await village.ask("wang", region="柳河镇")
        await look(village, owners)
        assert await village.find_owner(customer.id) == li.id
        assert await village.list_notifications() == [(li.id, WAITS, f"/talks/{handoff_id}")]

    @pytest.mark.parametrize(
        "change", [{"is_active": False}, {"role": "agent", "villages": []}], ids=["left", "does something else"]
    )
    async def test_whose_owner_left_gets_the_manager_of_the_place(
        self, village: Village, owners: Ownership, change: dict[str, Any]
    ) -> None:
        zhang = await village.hire("zhang", "account_manager", "柳河镇")
        li = await village.hire("li", "account_manager", "青石乡")
        await village.accounts.update_staff(li.id, **change)
        customers = [await village.meet(user, manager_id=li.id) for user in ("wang", "zhao")]
        handoff_id = await village.ask("wang", region="柳河镇")
        await village.ask("zhao", region="青石乡")
        await look(village, owners)
        assert [await village.find_owner(customer.id) for customer in customers] == [zhang.id, li.id]
        assert await village.list_notifications() == [(zhang.id, WAITS, f"/talks/{handoff_id}")]

    @sqlite_only
    async def test_who_got_the_customer_meanwhile_keeps_them(
        self, village: Village, owners: Ownership, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await village.hire("zhang", "account_manager", "柳河镇")
        li = await village.hire("li")
        customer = await village.meet("wang")
        await village.ask("wang", region="柳河镇")
        as_before = await list_open(village)
        await village.meet("wang", manager_id=li.id)
        monkeypatch.setattr(HandoffQueries, "list_unrouted", lambda self, limit: asyncio.sleep(0, as_before))
        await look(village, owners)
        assert await village.find_owner(customer.id) == li.id


class TestOnce:
    async def test_the_owner_is_told_once_by_all_processes_together(
        self, village: Village, owners: Ownership, elsewhere: Ownership
    ) -> None:
        zhang = await village.hire("zhang", "account_manager", "柳河镇")
        customers = [await village.meet(f"customer-{n}") for n in range(5)]
        asked = []
        for customer in customers:
            await village.apply(customer.channel_user_id)
            asked.append(await village.ask(customer.channel_user_id))
        for _ in range(2):
            await look(village, owners, elsewhere)
        assert {await village.find_owner(customer.id) for customer in customers} == {zhang.id}
        told = await village.list_notifications()
        assert sorted(told) == sorted((zhang.id, WAITS, f"/talks/{handoff_id}") for handoff_id in asked)

    @sqlite_only
    async def test_the_owner_reads_that_a_customer_wants_to_withdraw(self, village: Village, owners: Ownership) -> None:
        zhang = await village.hire("zhang", "account_manager", "柳河镇")
        handoff_id = await village.ask("wang", region="柳河镇", reason="withdrawal")
        await look(village, owners)
        text = "您的客户在等人工\n微信客户，客户要撤回申请"
        assert await village.list_notifications() == [(zhang.id, text, f"/talks/{handoff_id}")]

    @sqlite_only
    async def test_of_each_further_request_the_owner_is_told_again(self, village: Village, owners: Ownership) -> None:
        zhang = await village.hire("zhang", "account_manager", "柳河镇")
        first = await village.ask("wang", region="柳河镇")
        await look(village, owners)
        await Acts(village.database, village.clock).return_to_bot(first)
        again = await village.ask("wang")
        await look(village, owners)
        assert await village.list_notifications() == [(zhang.id, WAITS, f"/talks/{asked}") for asked in (first, again)]

    async def test_after_a_fault_in_between_it_is_tried_again_and_keeps_nobody_else_waiting(
        self, village: Village, owners: Ownership, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        zhang = await village.hire("zhang", "account_manager", "柳河镇")
        customers = [await village.meet(f"customer-{n}") for n in range(3)]
        asked = []
        for customer in customers:
            await village.apply(customer.channel_user_id)
            asked.append(await village.ask(customer.channel_user_id))
        add = notifier.add

        async def fail_at_the_second(session: Any, staff_id: str, key: str, *args: Any, **more: Any) -> None:
            if key.endswith(asked[1]):
                raise OSError("disk full")
            await add(session, staff_id, key, *args, **more)

        with monkeypatch.context() as broken:
            broken.setattr(notifier, "add", fail_at_the_second)
            await look(village, owners)
        assert caplog.text.count("OSError: disk full") == 1
        assert [await village.find_owner(customer.id) for customer in customers] == [zhang.id, None, zhang.id]
        assert [handoff.region for handoff in await list_open(village)] == ["柳河镇", None, "柳河镇"]
        await look(village, owners)
        assert [await village.find_owner(customer.id) for customer in customers] == [zhang.id] * 3
        told = [(zhang.id, WAITS, f"/talks/{asked[n]}") for n in (0, 2, 1)]
        assert await village.list_notifications() == told
