"""Signing in, staying in and being out again."""

import asyncio

import pytest
from sqlalchemy import select

from desk.accounts import Accounts
from desk.schemas import StaffView
from desk.tables import StaffSession
from kit.database import Database
from kit.errors import RequestError
from tests.desk.test_accounts import list_audit
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"
NEW = "青石乡的山-2026"
WRONG = (401, "账号或密码不对")
LOCKED = (429, "试错太多，请15分钟后再试")


@pytest.fixture
async def zhang(accounts: Accounts) -> StaffView:
    return await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)


async def refuse(accounts: Accounts, login: str, password: str) -> tuple[int, str]:
    """Status and reason of a sign-in that fails."""
    with pytest.raises(RequestError) as refused:
        await accounts.sign_in(login, password)
    return refused.value.status, refused.value.reason


async def test_the_token_is_not_stored(accounts: Accounts, database: Database, zhang: StaffView) -> None:
    token = await accounts.sign_in(" Zhang ", PASSWORD)
    assert await accounts.find_session(token) == zhang
    async with database.reading() as session:
        [stored] = await session.scalars(select(StaffSession))
    assert token not in (stored.token_hash, stored.staff_id)
    assert await accounts.find_session("") is None
    assert await accounts.find_session(stored.token_hash) is None


@pytest.mark.parametrize("login", ["zhang", "nobody"])
async def test_a_lock_says_nothing_of_who_exists(
    login: str, accounts: Accounts, clock: FixedClock, zhang: StaffView
) -> None:
    assert [await refuse(accounts, login, f"wrong-{n}") for n in range(7)] == [WRONG] * 5 + [LOCKED] * 2
    clock.move(minutes=14, seconds=59)
    assert await refuse(accounts, login, PASSWORD) == LOCKED
    clock.move(seconds=1)
    if login == zhang.login:
        assert await accounts.sign_in(login, PASSWORD)
    assert await refuse(accounts, login, "wrong") == WRONG


async def test_a_right_password_clears_the_count(accounts: Accounts, zhang: StaffView) -> None:
    for _ in range(3):
        assert [await refuse(accounts, "zhang", "wrong") for _ in range(4)] == [WRONG] * 4
        assert await accounts.sign_in("zhang", PASSWORD)


@pytest.mark.parametrize("login", ["zhang", "nobody"])
async def test_tries_at_the_same_time_are_all_counted(login: str, accounts: Accounts, zhang: StaffView) -> None:
    outcomes = await asyncio.gather(*(refuse(accounts, login, f"wrong-{n}") for n in range(12)))
    assert sorted(outcomes) == [WRONG] * 5 + [LOCKED] * 7


async def test_what_cannot_be_a_login_is_wrong(accounts: Accounts, database: Database) -> None:
    for login in ("", "张敏", "zhang\0", "x" * 60_000, "' or 1=1 --"):
        assert await refuse(accounts, login, PASSWORD) == WRONG
    assert await list_audit(database) == [("sign_in_failed", "", {})] * 5


async def test_what_was_done_is_written_down(accounts: Accounts, database: Database, zhang: StaffView) -> None:
    await accounts.sign_out(await accounts.sign_in("zhang", PASSWORD))
    for _ in range(6):
        await refuse(accounts, "zhang", "my-secret-guess")
    await refuse(accounts, "nobody", "my-secret-guess")
    await accounts.set_password(zhang.id, NEW)
    await accounts.change_password(zhang.id, NEW, PASSWORD)
    done = await list_audit(database)
    assert [f"{action} {subject}".strip() for action, subject, _ in done] == [
        "staff_added zhang",
        "sign_in",
        "sign_out",
        *["sign_in_failed zhang"] * 5,
        "locked zhang",
        "sign_in_failed nobody",
        "password_set zhang",
        "password_changed zhang",
    ]
    assert "guess" not in str(done)


async def test_a_session_ends_unseen_after_an_hour(accounts: Accounts, clock: FixedClock, zhang: StaffView) -> None:
    token = await accounts.sign_in("zhang", PASSWORD)
    clock.move(minutes=59)
    assert await accounts.find_session(token)
    clock.move(minutes=59)
    assert await accounts.find_session(token)
    clock.move(minutes=60)
    assert await accounts.find_session(token) is None


async def test_a_session_ends_after_twelve_hours(accounts: Accounts, clock: FixedClock, zhang: StaffView) -> None:
    token = await accounts.sign_in("zhang", PASSWORD)
    for _ in range(23):
        clock.move(minutes=30)
        assert await accounts.find_session(token)
    clock.move(minutes=30)
    assert await accounts.find_session(token) is None


async def test_seeing_is_written_once_a_minute_and_old_sessions_go(
    accounts: Accounts, database: Database, clock: FixedClock, zhang: StaffView
) -> None:
    token, begun = await accounts.sign_in("zhang", PASSWORD), clock()
    seen = []
    for _ in range(4):
        clock.move(seconds=30)
        await accounts.find_session(token)
        async with database.reading() as session:
            [stored] = await session.scalars(select(StaffSession))
        seen.append((stored.seen_at - begun).total_seconds())
    assert seen == [0, 60, 60, 120]
    clock.move(hours=2)
    await accounts.sign_in("zhang", PASSWORD)
    async with database.reading() as session:
        assert len((await session.scalars(select(StaffSession))).all()) == 1


async def test_signing_out_ends_this_session_only(accounts: Accounts, zhang: StaffView) -> None:
    here, there = [await accounts.sign_in("zhang", PASSWORD) for _ in range(2)]
    await accounts.sign_out(here)
    await accounts.sign_out(here)
    await accounts.sign_out("no token")
    assert await accounts.find_session(here) is None
    assert await accounts.find_session(there) == zhang


async def test_a_changed_password_ends_all_other_sessions(accounts: Accounts, zhang: StaffView) -> None:
    here, there = [await accounts.sign_in("zhang", PASSWORD) for _ in range(2)]
    await accounts.change_password(zhang.id, PASSWORD, NEW, token=here)
    assert await accounts.find_session(here) == zhang.model_copy(update={"must_change_password": False})
    assert await accounts.find_session(there) is None
    assert await refuse(accounts, "zhang", PASSWORD) == WRONG
    assert await accounts.sign_in("zhang", NEW)


async def test_the_old_password_is_no_way_around_the_lock(accounts: Accounts, zhang: StaffView) -> None:
    wrong = [RequestError(401, "wrong_password", "原密码不对")] * 5 + [RequestError(429, "locked", LOCKED[1])]
    for expected in wrong:
        with pytest.raises(RequestError) as refused:
            await accounts.change_password(zhang.id, "wrong", NEW)
        assert str(refused.value) == str(expected)
    assert await refuse(accounts, "zhang", PASSWORD) == LOCKED


async def test_a_new_password_must_be_new_and_strong(accounts: Accounts, zhang: StaffView) -> None:
    for new, code in (("short", "weak_password"), (PASSWORD, "same_password")):
        with pytest.raises(RequestError, match=code):
            await accounts.change_password(zhang.id, PASSWORD, new)
    assert await accounts.sign_in("zhang", PASSWORD)


async def test_a_password_set_by_an_admin_opens_the_lock_and_ends_all(accounts: Accounts, zhang: StaffView) -> None:
    token = await accounts.sign_in("zhang", PASSWORD)
    await accounts.change_password(zhang.id, PASSWORD, NEW, token=token)
    for _ in range(5):
        await refuse(accounts, "zhang", "wrong")
    await accounts.set_password(zhang.id, PASSWORD)
    assert await accounts.find_session(token) is None
    staff = await accounts.find_session(await accounts.sign_in("zhang", PASSWORD))
    assert staff is not None
    assert staff.must_change_password
