"""The clock of promises: alerts and customers told once, supervisors after a day, what waits too long ends."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import select

from applications import repository
from applications.schemas import ApplicationView, Move
from applications.tables import ApplicationNotice, ApplicationStep
from desk.promise_clock import PromiseClock
from desk.schemas import StaffView
from kit.clock import CHINA
from kit.database import Database
from tests.desk.office import Office
from tests.desk.village import Village

RETURNED = Move(expected="submitted", stage="incomplete", reason_class="missing", items=("region",))
CHECKING = Move(expected="submitted", stage="checking")


class Watch:
    """A village at 9:00 on Wednesday the 1st of July, where somebody has applied to Zhang."""

    def __init__(self, village: Village, boss: StaffView, zhang: StaffView, stored: ApplicationView) -> None:
        self.village = village
        self.boss = boss
        self.zhang = zhang
        self.stored = stored
        self.clock = self.make()

    def make(self, database: Database | None = None) -> PromiseClock:
        village = self.village
        return PromiseClock(database or village.database, village.accounts, village.calendar, village.clock)

    async def check_at(self, *moments: str) -> None:
        for moment in moments:
            self.village.clock.now = at(moment)
            await self.clock.check()

    async def list_alerts(self) -> list[tuple[str, str]]:
        """Who was alerted: z(hang) or b(oss), and the headline."""
        names = {self.zhang.id: "zhang", self.boss.id: "boss"}
        found = await self.village.list_notifications()
        return [(names[staff], text.split("\n")[0]) for staff, text, _ in found if "超期" in text]

    async def list_notices(self) -> Sequence[str]:
        async with self.village.database.reading() as session:
            return (await session.scalars(select(ApplicationNotice.kind).order_by(ApplicationNotice.id))).all()

    async def find_stage(self) -> str:
        async with self.village.database.reading() as session:
            return (await repository.get_application(session, self.stored.id)).stage


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{moment}").replace(tzinfo=CHINA)


@pytest.fixture
async def watch(village: Village) -> Watch:
    village.clock.now = at("01T08:58")
    boss = await village.hire("zhou", "supervisor")
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    return Watch(village, boss, zhang, stored)


async def test_in_time_nobody_hears_anything(watch: Watch) -> None:
    await watch.check_at("01T17:00", "02T08:59")
    assert (await watch.list_alerts(), await watch.list_notices()) == ([], [])


async def test_the_manager_is_alerted_and_the_customer_told_once_and_supervisors_each_working_day(watch: Watch) -> None:
    await watch.check_at("02T09:01", "02T09:02", "02T17:00")
    assert await watch.list_alerts() == [("zhang", "申请超期了")]
    assert await watch.list_notices() == ["late"]
    await watch.check_at("03T09:02", "03T12:00")
    assert (await watch.list_alerts())[1:] == [("zhang", "申请超期还没办"), ("boss", "申请超期还没办")]
    await watch.check_at("04T12:00", "05T12:00")  # the weekend
    assert len(await watch.list_alerts()) == 3
    await watch.check_at("06T12:00")
    assert len(await watch.list_alerts()) == 5
    assert await watch.list_notices() == ["late"]


async def test_the_alert_says_what_should_have_been_done_by_when(watch: Watch) -> None:
    await watch.check_at("02T09:01")
    text = (await watch.village.list_notifications())[-1][1]
    assert text == "申请超期了\n王** 农户贷 10万元 柳河镇，已提交：应在09:00前打电话向客户了解情况"


async def test_a_step_begins_anew(watch: Watch) -> None:
    await watch.check_at("02T09:01")
    await watch.village.customers.move_application(watch.zhang, watch.stored.id, CHECKING)
    await watch.check_at("03T12:00", "06T12:00", "07T09:00")
    assert len(await watch.list_alerts()) == 1
    await watch.check_at("07T09:02")  # three working days later the reviewer is late
    assert (await watch.list_alerts())[1:] == [("boss", "申请超期了")]
    assert await watch.list_notices() == ["late", "step", "late"]


async def test_many_clocks_alert_once(watch: Watch, elsewhere: Office) -> None:
    watch.village.clock.now = at("02T09:01")
    other = watch.make(elsewhere.database)
    await asyncio.gather(*(each.check() for each in (watch.clock, other) * 3))
    assert len(await watch.list_alerts()) == 1
    assert await watch.list_notices() == ["late"]


async def test_what_waits_for_the_customer_is_recalled_once_and_ends(watch: Watch) -> None:
    await watch.village.customers.move_application(watch.zhang, watch.stored.id, RETURNED)
    await watch.check_at("08T08:59")
    assert await watch.list_notices() == ["step"]
    await watch.check_at("08T09:01", "09T09:00", "15T08:59")
    assert await watch.list_notices() == ["step", "remind"]
    assert await watch.find_stage() == "incomplete"
    await asyncio.gather(*(clock.check() for clock in [watch.clock] * 2))
    await watch.check_at("15T09:01", "15T09:02")
    assert await watch.find_stage() == "expired"
    assert await watch.list_notices() == ["step", "remind", "step"]
    assert await watch.list_alerts() == []
    async with watch.village.database.reading() as session:
        last = (await session.scalars(select(ApplicationStep).order_by(ApplicationStep.id.desc()))).first()
    assert last
    assert (last.actor, last.reason_class) == ("clock", "no_answer")


async def test_after_a_standstill_of_ours_the_customer_is_reminded_before_it_ends(watch: Watch) -> None:
    await watch.village.customers.move_application(watch.zhang, watch.stored.id, RETURNED)
    await watch.check_at("20T09:00", "20T09:01")
    assert (await watch.find_stage(), await watch.list_notices()) == ("incomplete", ["step", "remind"])
    await watch.check_at("21T09:01")
    assert await watch.find_stage() == "expired"


@pytest.mark.parametrize(
    ("supervisors", "first", "then"),
    [
        (("zhou", "wu"), {"zhou"}, {"zhou", "wu"}),
        (("wu",), {"zhang", "wu"}, {"zhang", "wu"}),
        ((), {"zhang"}, {"zhang"}),
    ],
    ids=["the reviewer", "who reviews it is not known", "no supervisor"],
)
async def test_a_late_review_alerts_its_reviewer_first_and_a_working_day_later_all_supervisors(
    watch: Watch, supervisors: Sequence[str], first: set[str], then: set[str]
) -> None:
    village = watch.village
    moved = await village.customers.move_application(watch.zhang, watch.stored.id, CHECKING)
    assert moved.responsible_id == watch.boss.id
    others = [await village.hire("wu", "supervisor")] if "wu" in supervisors else []
    if "zhou" not in supervisors:  # and no round has been since
        await village.accounts.update_staff(watch.boss.id, is_active=False)
    logins = {member.id: member.login for member in (watch.zhang, watch.boss, *others)}

    async def list_alerted(headline: str) -> set[str]:
        told = await village.list_notifications()
        return {logins[staff] for staff, text, _ in told if text.startswith(f"{headline}\n")}

    await watch.check_at("06T08:59")
    assert await list_alerted("申请超期了") == set()
    await watch.check_at("06T09:01")
    assert await list_alerted("申请超期了") == first
    await watch.check_at("07T09:02")
    assert await list_alerted("申请超期还没办") == then
