"""Whoever leaves or changes their role leaves no customer behind."""

from typing import Any

import pytest
from sqlalchemy import select

from applications.repository import get_application, set_manager
from conversations.customers import get_customer
from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.open_work import WorkKind, describe_count, find_lost_work
from desk.schemas import StaffView
from desk.tables import Notification
from kit.database import Database
from kit.errors import RequestError
from tests.desk.office import Office
from tests.desk.village import Village
from tests.fakes import FixedClock


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("agent", None, ("talks", "callbacks", "customers", "reviews")),
        ("account_manager", "agent", ("customers", "reviews")),
        ("account_manager", "editor", ("talks", "callbacks", "customers", "reviews")),
        ("agent", "supervisor", ("customers",)),
        ("supervisor", "agent", ("customers", "reviews")),
        (None, None, ()),
    ],
)
def test_what_a_role_does_no_more(before: str | None, after: str | None, lost: tuple[WorkKind, ...]) -> None:
    assert find_lost_work(before, after) == lost


def test_counts_in_words() -> None:
    counts = {"talks": 2, "callbacks": 0, "customers": 12, "applications": 3, "reviews": 4}
    assert describe_count("talks", counts) == "进行中的会话2个"
    assert describe_count("callbacks", counts) == ""
    assert describe_count("customers", counts) == "名下的客户12位、申请3笔"
    assert describe_count("reviews", counts) == "审核中的申请4笔"


async def seat_work(office: Office) -> tuple[StaffView, list[str]]:
    """Somebody with a talk, one that is offered to them, and a promised callback."""
    an = await office.hire("an")
    talk, offered, call = [await office.ask(customer) for customer in ("wang", "li", "zhao")]
    await office.talks.take(an, talk.id)
    await office.handoffs.assign(offered.id, an.id)
    await office.talks.take(an, call.id)
    await office.callbacks.book(an, call.id, "13800001234")
    await office.callbacks.claim(an, call.id)
    return an, [talk.id, offered.id, call.id]


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "editor"}])
async def test_a_colleague_takes_over(change: dict[str, Any], office: Office) -> None:
    an, ids = await seat_work(office)
    bo = await office.hire("bo")
    counts = await office.accounts.count_open_work(an.id)
    assert counts == {"talks": 2, "callbacks": 1, "customers": 0, "applications": 0, "reviews": 0}
    await office.accounts.update_staff(an.id, work_to={"talks": bo.id, "callbacks": bo.id}, **change)
    found = [await office.handoffs.get(each) for each in ids]
    assert [(each.state, each.agent_id) for each in found] == [
        ("assigned", bo.id),
        ("assigned", bo.id),
        ("callback", bo.id),
    ]
    assert "薄荷" in (await office.read_words(found[0]))[-1]
    records = [each for each in await AuditLog(office.database).list_records(10) if each.action == "work_handed_over"]
    assert [(each.details["work"], each.details["to"]) for each in records] == [("callbacks", bo.id), ("talks", bo.id)]
    assert set(records[1].details["ids"]) == set(ids[:2])
    async with office.database.reading() as session:
        told = set(await session.scalars(select(Notification.staff_id)))
    assert told == {bo.id}


async def test_work_returns_to_the_queue(office: Office) -> None:
    an, ids = await seat_work(office)
    bo = await office.hire("bo", is_online=False)
    await office.accounts.update_staff(an.id, is_active=False, work_to={"talks": bo.id})  # who is not there
    found = [await office.handoffs.get(each) for each in ids]
    assert [(each.state, each.agent_id) for each in found] == [("queued", None), ("queued", None), ("callback", None)]
    assert (await office.accounts.count_open_work(an.id))["talks"] == 0


async def test_who_cannot_take_it_is_refused_and_nothing_changes(office: Office) -> None:
    an, ids = await seat_work(office)
    editor = await office.hire("chen", "editor")
    for taker in (editor.id, an.id):
        with pytest.raises(RequestError, match="不能接手进行中的会话"):
            await office.accounts.update_staff(an.id, is_active=False, work_to={"talks": taker})
    assert (await office.accounts.get_staff(an.id)).is_active
    assert (await office.handoffs.get(ids[0])).agent_id == an.id


async def test_customers_go_with_their_applications(accounts: Accounts, database: Database, clock: FixedClock) -> None:
    village = Village(database, accounts, clock)
    zhang, li = await village.hire("zhang"), await village.hire("li")
    customer = await village.meet("wang", manager_id=zhang.id)
    application = await village.apply("wang")
    async with database.transaction() as session:
        await set_manager(session, application.id, zhang.id)
    counts = await accounts.count_open_work(zhang.id)
    assert (counts["customers"], counts["applications"]) == (1, 1)
    await accounts.update_staff(zhang.id, role="agent", work_to={"customers": li.id})
    async with database.reading() as session:
        assert (await get_customer(session, customer.id)).manager_id == li.id
        assert (await get_application(session, application.id)).manager_id == li.id
    [record] = [each for each in await AuditLog(database).list_records(10) if each.action == "work_handed_over"]
    assert record.details == {
        "work": "customers",
        "from": zhang.id,
        "to": li.id,
        "ids": [customer.id],
        "applications": [application.id],
    }
    await accounts.update_staff(li.id, is_active=False)
    async with database.reading() as session:
        assert (await get_customer(session, customer.id)).manager_id is None
