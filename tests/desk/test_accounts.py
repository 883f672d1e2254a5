"""Who works here: added, changed, let go, and never left without an admin."""

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import select

from desk.accounts import Accounts
from desk.audit import AuditLog, hash_value
from desk.schemas import StaffView
from desk.tables import Staff
from kit.database import Database
from kit.errors import RequestError
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"


async def list_audit(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    """What was done, to whom, in order."""
    records = reversed(await AuditLog(database).list_records(100))
    return [(r.action, r.subject, r.details) for r in records]


async def test_a_new_member_of_staff(accounts: Accounts, database: Database) -> None:
    added = await accounts.add_staff(
        "zhang.min",
        " 张敏 ",
        "account_manager",
        PASSWORD,
        branch="柳河支行",
        villages=["柳河镇", "青石乡"],
        products=["农户贷", "trader_loan"],
        capacity=8,
        phone="138 0000 1234",
        email="zhang@bank.example",
        wecom_id="ZhangMin",
    )
    assert added == StaffView(
        id=added.id,
        login="zhang.min",
        name="张敏",
        role="account_manager",
        branch="柳河支行",
        villages=("柳河镇", "青石乡"),
        products=("farmer_loan", "trader_loan"),
        capacity=8,
        status="offline",
        seen_at=None,
        phone="138 0000 1234",
        email="zhang@bank.example",
        wecom_id="ZhangMin",
        is_active=True,
        must_change_password=True,
    )
    assert await accounts.get_staff(added.id) == added
    assert await accounts.find_staff("zhang.min") == added
    assert await accounts.find_staff("li") is None
    assert await accounts.list_staff() == [added]
    [record] = await AuditLog(database).list_records(10)
    assert (record.staff_id, record.action, record.subject) == (None, "staff_added", "zhang.min")
    changes = record.details["changes"]
    assert (changes["role"], changes["villages"]) == ([None, "account_manager"], [None, ["柳河镇", "青石乡"]])
    for personal in ("张敏", "138 0000 1234", "zhang@bank.example", "ZhangMin"):
        assert personal not in str(record.details)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"login": "Zhang"}, "账号要以小写字母开头"),
        ({"login": "z"}, "账号要以小写字母开头"),
        ({"login": "z" * 33}, "账号要以小写字母开头"),
        ({"login": "zhang\n"}, "账号要以小写字母开头"),
        ({"password": "short"}, "密码至少要10个字符"),
        ({"login": "zhang.min.1", "password": "Zhang.Min.1"}, "密码不能和账号一样"),
        ({"name": "  ", "products": ["gold"]}, "请填写姓名；产品请从列表里选"),
    ],
)
async def test_what_will_not_do_is_named(change: dict[str, Any], reason: str, accounts: Accounts) -> None:
    given = {"login": "zhang", "name": "张敏", "role": "agent", "password": PASSWORD} | change
    with pytest.raises(RequestError) as refused:
        await accounts.add_staff(**given)
    assert (refused.value.status, refused.value.reason[: len(reason)]) == (422, reason)
    assert await accounts.list_staff() == []


async def test_a_login_has_one_owner(accounts: Accounts) -> None:
    added = [accounts.add_staff("zhang", name, "agent", PASSWORD) for name in ("张敏", "张强")]
    outcomes = await asyncio.gather(*added, return_exceptions=True)
    [refused] = [o for o in outcomes if isinstance(o, RequestError)]
    assert (refused.status, refused.reason) == (409, "这个账号已经有人用了")
    assert len(await accounts.list_staff()) == 1


async def test_changes_are_kept_and_only_their_fields_written_down(accounts: Accounts, database: Database) -> None:
    staff = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD, phone="13800001234")
    changed = await accounts.update_staff(
        staff.id, role="account_manager", villages=["柳河镇"], phone="13900004321", name="张敏"
    )
    assert changed == staff.model_copy(
        update={"role": "account_manager", "villages": ("柳河镇",), "phone": "13900004321"}
    )
    assert await accounts.update_staff(staff.id, capacity=5) == changed  # as it was: nothing to write down
    async with database.reading() as session:
        phones = [hash_value(session, phone) for phone in ("13800001234", "13900004321")]
    changes = {"role": ["agent", "account_manager"], "villages": [[], ["柳河镇"]], "phone": phones}
    assert (await list_audit(database))[1:] == [("staff_changed", "zhang", {"changes": changes})]
    for wrong in ({"login": "li"}, {"password_hash": "x"}, {"name": ""}, {"is_active": None}):
        with pytest.raises(RequestError, match="422"):
            await accounts.update_staff(staff.id, **wrong)
    with pytest.raises(RequestError, match="404"):
        await accounts.update_staff("nobody", name="李强")


@pytest.mark.parametrize(
    ("change", "status"),
    [({"role": "supervisor"}, 403), ({"role": "admin", "name": "李"}, 403), ({"is_active": False}, None)],
)
async def test_an_admin_alone_gives_no_rights(change: dict[str, Any], status: int | None, accounts: Accounts) -> None:
    admin = await accounts.add_staff("lin", "林", "admin", PASSWORD)
    staff = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    try:
        await accounts.update_staff(staff.id, by=admin.id, **change)
        outcome = None
    except RequestError as error:
        outcome = error.status
    assert outcome == status
    if status:
        assert await accounts.get_staff(staff.id) == staff
    else:
        with pytest.raises(RequestError, match="403"):
            await accounts.update_staff(staff.id, by=admin.id, is_active=True)


async def test_an_admin_stays_unless_two_others_do(accounts: Accounts) -> None:
    lin, wu, guo = [await accounts.add_staff(login, login, "admin", PASSWORD) for login in ("lin", "wu", "guo")]
    await accounts.update_staff(guo.id, by=guo.id, is_active=False)
    with pytest.raises(RequestError, match="停用自己以后管理员不足2位"):
        await accounts.update_staff(wu.id, by=wu.id, is_active=False)
    await accounts.update_staff(lin.id, by=wu.id, is_active=False)  # a colleague may, for safety
    with pytest.raises(RequestError, match="至少要保留一位"):
        await accounts.update_staff(wu.id, is_active=False)


async def test_an_admin_cannot_become_another_one(accounts: Accounts) -> None:
    """Or one person could both propose and confirm."""
    lin, wu = [await accounts.add_staff(login, login, "admin", PASSWORD) for login in ("lin", "wu")]
    with pytest.raises(RequestError, match="python -m desk set-password wu"):
        await accounts.set_password(wu.id, "另一座桥-1988-柳河", by=lin.id)
    assert await accounts.sign_in("wu", PASSWORD)


async def test_who_is_let_go_is_out_at_once(accounts: Accounts) -> None:
    staff = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    token = await accounts.sign_in("zhang", PASSWORD)
    await accounts.update_staff(staff.id, is_active=False)
    assert await accounts.sessions.find(token) is None
    with pytest.raises(RequestError, match="账号或密码不对"):
        await accounts.sign_in("zhang", PASSWORD)
    await accounts.update_staff(staff.id, is_active=True)
    assert await accounts.sessions.find(token) is None
    assert await accounts.sign_in("zhang", PASSWORD)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "supervisor"}])
async def test_one_admin_always_stays(change: dict[str, Any], accounts: Accounts) -> None:
    one, two = [await accounts.add_staff(login, "管理员", "admin", PASSWORD) for login in ("one", "two")]
    changes = [accounts.update_staff(admin.id, **change) for admin in (one, two)]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    [refused] = [o for o in outcomes if isinstance(o, RequestError)]
    assert (refused.status, refused.reason) == (409, "至少要保留一位在用的管理员")
    left = [s for s in await accounts.list_staff() if s.role == "admin" and s.is_active]
    assert len(left) == 1
    await accounts.update_staff(left[0].id, name="老管理员", role="admin")
    await accounts.add_staff("three", "管理员", "admin", PASSWORD)
    await accounts.update_staff(left[0].id, **change)


async def test_the_first_admin_is_made_once(
    accounts: Accounts, database: Database, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes = await asyncio.gather(accounts.ensure_admin(), Accounts(database, clock).ensure_admin())
    [password] = filter(None, outcomes)
    assert await accounts.ensure_admin() is None
    staff = await accounts.sessions.find(await accounts.sign_in("admin", password))
    assert staff is not None
    assert (staff.role, staff.must_change_password) == ("admin", True)
    assert password not in caplog.text


async def test_presence(accounts: Accounts, clock: FixedClock) -> None:
    staff = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    await accounts.set_status(staff.id, "online")
    online = await accounts.get_staff(staff.id)
    assert (online.status, online.seen_at) == ("online", None)
    await accounts.mark_seen(staff.id)
    seen = await accounts.get_staff(staff.id)
    assert seen == online.model_copy(update={"seen_at": clock()})
    clock.move(seconds=20)
    await accounts.set_status(staff.id, "away")  # a clock may have done it: no sign of life
    away = seen.model_copy(update={"status": "away", "status_at": clock()})
    assert await accounts.get_staff(staff.id) == away
    clock.move(seconds=1)
    await accounts.set_status(staff.id, "away")
    assert await accounts.get_staff(staff.id) == away, "chosen once more, it began when it began"
    await accounts.mark_seen(staff.id)
    assert (await accounts.get_staff(staff.id)).seen_at == clock()


async def test_a_hash_is_nowhere_to_be_read(
    accounts: Accounts, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    view = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    with pytest.raises(RequestError) as refused:
        await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    async with database.reading() as session:
        row = (await session.scalars(select(Staff))).one()
    for text in (repr(view), view.model_dump_json(), repr(row), repr(refused.value), caplog.text):
        assert "argon2" not in text
        assert PASSWORD not in text


async def test_a_password_is_not_taken_again(accounts: Accounts) -> None:
    staff = await accounts.add_staff("zhang", "张敏", "agent", "第一个密码-人人都知道")
    first, second, reset = PASSWORD, "三棵柿子树下早上9点见", "青石乡的山-2026"
    await accounts.change_password(staff.id, "第一个密码-人人都知道", first)
    await accounts.change_password(staff.id, first, second)
    for _ in range(6):  # it is no guess either
        with pytest.raises(RequestError, match="422 same_password: 这个密码以前用过"):
            await accounts.change_password(staff.id, second, first)
    with pytest.raises(RequestError, match="422 same_password"):
        await accounts.set_password(staff.id, second)
    await accounts.set_password(staff.id, reset)  # on the machine, since it was forgotten
    with pytest.raises(RequestError, match="422 same_password"):
        await accounts.change_password(staff.id, reset, second)
    await accounts.change_password(staff.id, reset, first)
