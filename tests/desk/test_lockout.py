"""Five tries, then a pause; the same for logins that exist and those that do not."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.accounts import Accounts
from desk.lockout import Strangers, begin_try
from kit.database import Database
from tests.fakes import FixedClock


async def test_strangers_and_staff_are_stopped_alike(accounts: Accounts, database: Database, clock: FixedClock) -> None:
    staff = await accounts.add_staff("zhang", "张敏", "agent", "柳河镇的桥-1987")
    strangers, seen = Strangers(), []
    for minutes in (0, 0, 60, 0, 0, 0, 14, 1, 0, 0, 0, 0, 0, 16, 0):
        clock.move(minutes=minutes)
        async with database.transaction() as session:
            known = await begin_try(session, staff.id, clock())
        assert strangers.begin_try("li", clock()) == known
        seen.append(known)
    counted = ["counted"] * 4
    assert seen == [*counted, "last", *["refused"] * 2, *counted, "last", "refused", *counted[:2]]


def test_strangers_do_not_fill_the_memory(clock: FixedClock) -> None:
    strangers = Strangers(logins_max=3)
    for login in "abcde":
        strangers.begin_try(login, clock())
    assert list(strangers._tries) == ["c", "d", "e"]


@given(st.lists(st.floats(0, 20), max_size=80))
def test_never_more_than_five_tries_in_the_time_of_a_lock(pauses: list[float]) -> None:
    clock, strangers, allowed = FixedClock(), Strangers(), []
    for minutes in pauses:
        clock.move(minutes=minutes)
        if strangers.begin_try("li", clock()) != "refused":
            allowed.append(clock())
    for first, sixth in zip(allowed, allowed[5:], strict=False):
        assert sixth - first >= timedelta(minutes=15)
