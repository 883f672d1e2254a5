"""Signing in, staying in and being out again."""

import asyncio

import pytest
from sqlalchemy import select

from desk.accounts import Accounts
from desk.schemas import StaffView
from desk.sign_in_tries import STRANGE_FREE_TRIES
from desk.tables import StaffSession
from kit.database import Database
from kit.errors import RequestError
from tests.desk.test_accounts import list_audit
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"
NEW = "青石乡的山-2026"
WRONG = (401, "账号或密码不对")
PAUSED = (429, "试错太多，请30秒后再试")
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
async def zhang(accounts: Accounts) -> StaffView:
    return await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)


async def refuse(accounts: Accounts, login: str, password: str, address: str = HERE) -> tuple[int, str]:
    """Status and reason of a sign-in that fails."""
    with pytest.raises(RequestError) as refused:
        await accounts.sign_in(login, password, address)
    return refused.value.status, refused.value.reason


async def test_the_token_is_not_stored(accounts: Accounts, database: Database, zhang: StaffView) -> None:
    token = await accounts.sign_in(" Zhang ", PASSWORD)
    assert await accounts.sessions.find(token) == zhang
    async with database.reading() as session:
        [stored] = await session.scalars(select(StaffSession))
    assert token not in (stored.token_hash, stored.staff_id)
    assert await accounts.sessions.find("") is None
    assert await accounts.sessions.find(stored.token_hash) is None


@pytest.mark.parametrize("login", ["zhang", "nobody"])
async def test_pauses_grow_and_say_nothing_of_who_exists(
    login: str, accounts: Accounts, clock: FixedClock, zhang: StaffView
) -> None:
    assert [await refuse(accounts, login, f"wrong-{n}") for n in range(7)] == [WRONG] * 5 + [PAUSED] * 2
    for seconds, said in (
        (30, "1分钟"),
        (60, "2分钟"),
        (120, "4分钟"),
        (240, "8分钟"),
        (480, "15分钟"),
        (900, "15分钟"),
    ):
        clock.move(seconds=seconds)
        assert await refuse(accounts, login, "wrong") == WRONG
        assert await refuse(accounts, login, PASSWORD) == (429, f"试错太多，请{said}后再试")
    clock.move(days=1, seconds=1)
    assert [await refuse(accounts, login, f"wrong-{n}") for n in range(6)] == [WRONG] * 5 + [PAUSED]


async def test_who_guesses_elsewhere_keeps_nobody_out(accounts: Accounts, zhang: StaffView) -> None:
    for n in range(8):
        await refuse(accounts, "zhang", f"wrong-{n}", ELSEWHERE)
    assert await refuse(accounts, "zhang", PASSWORD, ELSEWHERE) == PAUSED
    assert await accounts.sign_in("zhang", PASSWORD, HERE)


async def test_one_password_tried_on_many_logins_is_slowed_down(
    accounts: Accounts, clock: FixedClock, zhang: StaffView
) -> None:
    said = [await refuse(accounts, f"staff{n}", "Spring-2026!", ELSEWHERE) for n in range(32)]
    assert said == [WRONG] * 30 + [PAUSED] * 2
    assert await refuse(accounts, "zhang", PASSWORD, ELSEWHERE) == PAUSED
    assert await accounts.sign_in("zhang", PASSWORD, HERE)
    clock.move(minutes=15)
    assert await accounts.sign_in("zhang", PASSWORD, ELSEWHERE)


async def test_an_ipv6_network_is_one_address(accounts: Accounts, zhang: StaffView) -> None:
    said = [await refuse(accounts, "zhang", f"wrong-{n}", f"2001:db8:1:2::{n:x}") for n in range(6)]
    assert said == [WRONG] * 5 + [PAUSED]
    assert await accounts.sign_in("zhang", PASSWORD, "2001:db8:1:3::1")


async def test_guessing_from_many_addresses_is_slow_and_keeps_the_owner_in(
    accounts: Accounts, clock: FixedClock, zhang: StaffView
) -> None:
    assert await accounts.sign_in("zhang", PASSWORD, HERE)
    said = [await refuse(accounts, "zhang", f"wrong-{n}", f"198.51.100.{n}") for n in range(52)]
    assert said == [WRONG] * STRANGE_FREE_TRIES + [PAUSED] * 2
    assert await refuse(accounts, "zhang", PASSWORD, "203.0.113.1") == PAUSED
    clock.move(hours=20)
    assert await accounts.sign_in("zhang", PASSWORD, HERE), "where the owner signed in lately"
    assert await refuse(accounts, "zhang", "wrong", "203.0.113.2") == WRONG
    assert await refuse(accounts, "zhang", "wrong", "203.0.113.3") == (429, "试错太多，请1分钟后再试"), (
        "the count stays"
    )
    await accounts.set_password(zhang.id, NEW)
    assert await accounts.sign_in("zhang", NEW, "203.0.113.4")


async def test_an_address_is_known_for_a_month(accounts: Accounts, clock: FixedClock, zhang: StaffView) -> None:
    assert await accounts.sign_in("zhang", PASSWORD, HERE)
    for days, outcome in ((29, None), (31, PAUSED)):
        clock.move(days=days)
        for n in range(51):
            await refuse(accounts, "zhang", f"wrong-{n}", f"198.51.100.{n}")
        if outcome is None:
            assert await accounts.sign_in("zhang", PASSWORD, HERE)
        else:
            assert await refuse(accounts, "zhang", PASSWORD, HERE) == outcome


async def test_a_branch_behind_one_address_signs_in(accounts: Accounts, zhang: StaffView) -> None:
    for _ in range(40):
        assert await accounts.sign_in("zhang", PASSWORD, HERE)


async def test_a_right_password_clears_the_count(accounts: Accounts, zhang: StaffView) -> None:
    for _ in range(3):
        assert [await refuse(accounts, "zhang", "wrong") for _ in range(4)] == [WRONG] * 4
        assert await accounts.sign_in("zhang", PASSWORD, HERE)


@pytest.mark.parametrize("login", ["zhang", "nobody"])
async def test_tries_at_the_same_time_are_all_counted(login: str, accounts: Accounts, zhang: StaffView) -> None:
    outcomes = await asyncio.gather(*(refuse(accounts, login, f"wrong-{n}") for n in range(12)))
    assert sorted(outcomes) == [WRONG] * 5 + [PAUSED] * 7


async def test_what_cannot_be_a_login_is_wrong(accounts: Accounts, database: Database) -> None:
    for login in ("", "张敏", "zhang\0", "x" * 60_000, "' or 1=1 --"):
        assert await refuse(accounts, login, PASSWORD) == WRONG
    assert await list_audit(database) == [("sign_in_failed", "", {"address": HERE, "method": "password"})] * 5


async def test_what_was_done_is_written_down(accounts: Accounts, database: Database, zhang: StaffView) -> None:
    await accounts.sessions.end(await accounts.sign_in("zhang", PASSWORD))
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
        "sign_in_failed nobody",
        "password_set zhang",
        "password_changed zhang",
    ]
    assert "guess" not in str(done)


async def test_a_session_ends_after_an_hour_in_which_nobody_did_anything(
    accounts: Accounts, clock: FixedClock, zhang: StaffView
) -> None:
    token = await accounts.sign_in("zhang", PASSWORD)
    clock.move(minutes=59)
    assert await accounts.sessions.find(token, is_input=True)
    clock.move(minutes=59)
    assert await accounts.sessions.find(token)  # a page that is open by itself
    clock.move(minutes=1)
    assert await accounts.sessions.find(token) is None


async def test_a_session_ends_after_twelve_hours(accounts: Accounts, clock: FixedClock, zhang: StaffView) -> None:
    token = await accounts.sign_in("zhang", PASSWORD)
    for _ in range(23):
        clock.move(minutes=30)
        assert await accounts.sessions.find(token, is_input=True)
    clock.move(minutes=30)
    assert await accounts.sessions.find(token, is_input=True) is None


async def test_input_is_written_once_a_minute_and_old_sessions_go(
    accounts: Accounts, database: Database, clock: FixedClock, zhang: StaffView
) -> None:
    token, begun = await accounts.sign_in("zhang", PASSWORD), clock()
    seen = []
    for _ in range(4):
        clock.move(seconds=30)
        await accounts.sessions.find(token, is_input=True)
        async with database.reading() as session:
            [stored] = await session.scalars(select(StaffSession))
        seen.append((stored.seen_at - begun).total_seconds())
    assert seen == [0, 60, 60, 120]
    clock.move(hours=2)
    await accounts.sign_in("zhang", PASSWORD)
    async with database.reading() as session:
        assert len((await session.scalars(select(StaffSession))).all()) == 1


async def test_own_sessions_are_listed_and_ended(accounts: Accounts, clock: FixedClock, zhang: StaffView) -> None:
    other = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    theirs = await accounts.sign_in("li", PASSWORD)
    phone = await accounts.sign_in("zhang", PASSWORD, HERE, "安卓手机 微信")
    clock.move(minutes=5)
    here, there = [await accounts.sign_in("zhang", PASSWORD, ELSEWHERE, device) for device in ("甲", "乙")]
    listed = await accounts.sessions.list_own(zhang.id, here)
    assert (listed[0].device, listed[0].address, listed[0].is_this) == ("甲", ELSEWHERE, True)
    assert {each.device for each in listed} == {"甲", "乙", "安卓手机 微信"}
    assert not any(token in str(listed) for token in (phone, here, there))

    on_phone = next(each.id for each in listed if each.device == "安卓手机 微信")
    await accounts.sessions.end_own(other.id, on_phone)  # not theirs
    assert await accounts.sessions.find(phone)
    await accounts.sessions.end_own(zhang.id, on_phone)
    assert await accounts.sessions.find(phone) is None
    await accounts.sessions.end_own(zhang.id, "")
    await accounts.sessions.end_own(zhang.id, "%")
    assert await accounts.sessions.find(there)
    await accounts.sessions.end_others(zhang.id, here)
    assert await accounts.sessions.find(there) is None
    assert await accounts.sessions.find(here)
    assert await accounts.sessions.find(theirs)


async def test_signing_out_ends_this_session_only(accounts: Accounts, zhang: StaffView) -> None:
    here, there = [await accounts.sign_in("zhang", PASSWORD) for _ in range(2)]
    await accounts.sessions.end(here)
    await accounts.sessions.end(here)
    await accounts.sessions.end("no token")
    assert await accounts.sessions.find(here) is None
    assert await accounts.sessions.find(there) == zhang


async def test_a_changed_password_ends_all_other_sessions(accounts: Accounts, zhang: StaffView) -> None:
    here, there = [await accounts.sign_in("zhang", PASSWORD) for _ in range(2)]
    await accounts.change_password(zhang.id, PASSWORD, NEW, token=here)
    assert await accounts.sessions.find(here) == zhang.model_copy(update={"must_change_password": False})
    assert await accounts.sessions.find(there) is None
    assert await refuse(accounts, "zhang", PASSWORD) == WRONG
    assert await accounts.sign_in("zhang", NEW)


async def test_the_old_password_is_no_way_around_the_pause(accounts: Accounts, zhang: StaffView) -> None:
    wrong = [RequestError(401, "wrong_password", "原密码不对")] * 5 + [RequestError(429, "too_many_tries", PAUSED[1])]
    for expected in wrong:
        with pytest.raises(RequestError) as refused:
            await accounts.change_password(zhang.id, "wrong", NEW, HERE)
        assert str(refused.value) == str(expected)
    assert await refuse(accounts, "zhang", PASSWORD) == PAUSED


async def test_a_new_password_must_be_new_and_strong(accounts: Accounts, zhang: StaffView) -> None:
    for new, code in (("short", "weak_password"), (PASSWORD, "same_password")):
        with pytest.raises(RequestError, match=code):
            await accounts.change_password(zhang.id, PASSWORD, new)
    assert await accounts.sign_in("zhang", PASSWORD)


async def test_a_password_set_by_an_admin_ends_the_pause_and_all_sessions(accounts: Accounts, zhang: StaffView) -> None:
    token = await accounts.sign_in("zhang", PASSWORD)
    await accounts.change_password(zhang.id, PASSWORD, NEW, token=token)
    for _ in range(5):
        await refuse(accounts, "zhang", "wrong")
    await accounts.set_password(zhang.id, PASSWORD)
    assert await accounts.sessions.find(token) is None
    staff = await accounts.sessions.find(await accounts.sign_in("zhang", PASSWORD, HERE))
    assert staff is not None
    assert staff.must_change_password
