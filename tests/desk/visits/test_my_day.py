"""An account manager's visits: who sees and changes which, and what the customer hears of it."""

from typing import Any

import pytest
from sqlalchemy import update

from applications.tables import Application
from kit.errors import RequestError
from tests.desk.visits.conftest import Visited, at
from tests.fakes import FixedClock


async def refuse(act: Any) -> str:
    with pytest.raises(RequestError) as refused:
        await act
    return refused.value.code


async def test_managers_see_their_own_and_supervisors_all_in_order(village: Visited) -> None:
    li, wang, boss = await village.hire("li"), await village.hire("wang"), await village.hire("zhao", "supervisor")
    await village.book("a", li, "03 09:00", name="王秀英")
    await village.book("b", li, "02 14:00", name="李大山")
    await village.book("c", wang, "02 14:00", name="赵小红")
    assert await village.list_names(li) == ["李大山", "王秀英"]
    assert await village.list_names(wang) == ["赵小红"]
    assert len(await village.list_names(boss)) == 3
    agent = await village.hire("zhang", "agent")
    assert await refuse(village.my_day.list_visits(agent)) == "forbidden"


async def test_a_card_tells_whom_to_see_where(village: Visited) -> None:
    li = await village.hire("li")
    await village.book("a", li, name="王秀英")
    (card,) = await village.my_day.list_visits(li)
    assert (card.name, card.phone, card.visit.place, card.manager) == (
        "王秀英",
        "138****5678",
        "柳河镇王家村3组",
        "li的名",
    )
    assert card.application.startswith("QH")
    assert not card.clashes


async def test_what_was_done_stays_until_the_day_is_over_and_what_was_cancelled_goes(
    village: Visited, clock: FixedClock
) -> None:
    li = await village.hire("li")
    done, cancelled = await village.book("a", li, "02 09:00"), await village.book("b", li, "02 14:00")
    await village.my_day.cancel(li, cancelled, "")
    assert await refuse(village.my_day.report(li, done, "done", "")) == "not_begun"
    clock.now = at("02 11:00")
    await village.my_day.report(li, done, "done", "看了大棚")
    (card,) = await village.my_day.list_visits(li)
    assert (card.visit.state, card.visit.note) == ("done", "看了大棚")
    assert await refuse(village.my_day.report(li, done, "missed", "")) == "visit_over"
    assert await refuse(village.my_day.move(li, done, "2026-07-03", "09:00", "")) == "visit_over"
    clock.now = at("03 08:00")
    assert await village.my_day.list_visits(li) == []


async def test_what_nobody_reported_stays_on_top_until_somebody_does(village: Visited, clock: FixedClock) -> None:
    li, wang, boss = await village.hire("li"), await village.hire("wang"), await village.hire("zhao", "supervisor")
    visit = await village.book("a", li, "02 09:00", name="王秀英")
    await village.book("b", li, "06 09:00", name="李大山")
    clock.now = at("06 08:00")
    assert await village.list_names(li) == ["王秀英", "李大山"]
    assert await village.list_names(boss) == ["王秀英", "李大山"]
    assert await village.list_names(wang) == []
    await village.my_day.report(li, visit, "missed", "")
    assert await village.list_names(li) == ["李大山"]


async def test_a_past_visit_is_not_moved_beside_the_one_booked_since(village: Visited, clock: FixedClock) -> None:
    li = await village.hire("li")
    first = await village.book("a", li, "02 09:00")
    clock.now = at("03 08:00")
    await village.book("a", li, "06 09:00", product="trader_loan")
    assert await refuse(village.my_day.move(li, first, "2026-07-07", "09:00", "")) == "already_booked"
    await village.my_day.report(li, first, "missed", "")


async def test_a_past_visit_keeps_its_manager_and_its_customer_hears_nothing(
    village: Visited, clock: FixedClock
) -> None:
    li, wang = await village.hire("li"), await village.hire("wang")
    await village.book("a", li, "02 09:00", name="王秀英")
    boss = await village.hire("zhao", "supervisor")
    (card,) = await village.my_day.list_visits(li)
    clock.now = at("03 08:00")
    await village.ownership.reassign(boss, card.customer_id, wang.id)
    async with village.database.transaction() as session:
        await session.execute(update(Application).values(stage="withdrawn"))
    await village.notices.check()
    assert await village.list_names(li) == ["王秀英"]
    assert await village.list_said("a") == []


async def test_the_customer_is_told_of_a_change(village: Visited) -> None:
    li = await village.hire("li")
    visit = await village.book("a", li)
    await village.my_day.move(li, visit, "2026-07-03", "10:15", "临时开会")
    await village.my_day.cancel(li, visit, "")
    assert await village.list_said("a") == [
        "上门时间改到后天10:15了，li的名会来。\n地点：柳河镇王家村3组",
        "抱歉，后天10:15的上门取消了，可以重新约时间。",
    ]
    assert [details for _, _, details in await village.list_audit("visit_moved")] == [
        {"from": "2026-07-02 09:00", "to": "2026-07-03 10:15"}
    ]


@pytest.mark.parametrize(
    ("day", "time", "code"),
    [
        ("2026-06-30", "09:00", "past_time"),
        ("", "09:00", "no_time"),
        ("2026-07-02", "", "no_time"),
        ("2026-07-02", "15:00", "time_taken"),
    ],
)
async def test_where_it_cannot_be_moved(village: Visited, day: str, time: str, code: str) -> None:
    li = await village.hire("li")
    visit = await village.book("a", li)
    await village.book("b", li, "02 14:00")
    assert await refuse(village.my_day.move(li, visit, day, time, "")) == code
    assert await village.list_said("a") == []


async def test_somebody_elses_visit_is_not_theirs_to_change(village: Visited) -> None:
    li, wang, boss = await village.hire("li"), await village.hire("wang"), await village.hire("zhao", "supervisor")
    visit = await village.book("a", li)
    for act in (
        village.my_day.report(wang, visit, "done", ""),
        village.my_day.move(wang, visit, "2026-07-03", "09:00", ""),
        village.my_day.cancel(wang, visit, ""),
    ):
        assert await refuse(act) == "not_yours"
    await village.my_day.cancel(boss, visit, "")
