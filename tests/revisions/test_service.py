"""Revisions in the database: one draft at a time, two persons, dates, and nobody's work overwritten."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kit.database import Database
from kit.errors import RequestError
from revisions.schemas import RevisionView
from revisions.service import Revisions
from tests.fakes import FixedClock

TODAY = date(2026, 7, 1)
TOMORROW = TODAY + timedelta(days=1)
NOW = FixedClock()()
things = Revisions("thing")


class Writing:
    """Each act in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seed(self, *values: tuple[date, dict[str, Any]]) -> None:
        async with self._database.transaction() as session:
            await things.seed(session, "a", values, NOW)

    async def draft(self, content: dict[str, Any], day: date = TODAY, by: str = "anna") -> RevisionView:
        async with self._database.transaction() as session:
            return await things.draft(session, "a", content, day, by=by, now=NOW, today=TODAY)

    async def revise(self, number: int, version: int, content: dict[str, Any], by: str) -> RevisionView:
        async with self._database.transaction() as session:
            return await things.revise(session, "a", number, version, content, TODAY, by=by, now=NOW, today=TODAY)

    async def approve(self, number: int, version: int, by: str, today: date = TODAY, now: datetime = NOW) -> None:
        async with self._database.transaction() as session:
            await things.approve(session, "a", number, version, by=by, now=now, today=today)

    async def refuse(self, number: int, version: int, by: str) -> None:
        async with self._database.transaction() as session:
            await things.refuse(session, "a", number, version, "太高", by=by, now=NOW)

    async def withdraw(self, number: int, version: int, by: str) -> None:
        async with self._database.transaction() as session:
            await things.withdraw(session, "a", number, version, by=by, now=NOW)

    async def roll_back(self, number: int, by: str) -> RevisionView:
        async with self._database.transaction() as session:
            return await things.roll_back(session, "a", number, TODAY, by=by, now=NOW, today=TODAY)

    async def effective(self, day: date) -> Any:
        async with self._database.reading() as session:
            found = {each.key: each.content["n"] for each in await things.list_effective(session, day)}
        return found.get("a")


@pytest.fixture
def writing(database: Database) -> Writing:
    return Writing(database)


async def test_a_draft_is_approved_by_another_and_in_force_from_its_date(writing: Writing) -> None:
    await writing.seed((date(2025, 7, 1), {"n": 1}))
    draft = await writing.draft({"n": 2}, TOMORROW)
    assert await writing.effective(TOMORROW) == 1
    with pytest.raises(RequestError, match="另一位同事"):
        await writing.approve(draft.number, draft.version, "anna")
    await writing.approve(draft.number, draft.version, "bela")
    assert [await writing.effective(day) for day in (date(2025, 6, 30), TODAY, TOMORROW)] == [None, 1, 2]


async def test_who_wrote_in_a_draft_does_not_approve_it(writing: Writing) -> None:
    draft = await writing.draft({"n": 1})
    revised = await writing.revise(draft.number, draft.version, {"n": 2}, "bela")
    for writer in ("anna", "bela"):
        with pytest.raises(RequestError, match="另一位同事"):
            await writing.approve(draft.number, revised.version, writer)
    await writing.approve(draft.number, revised.version, "carl")


async def test_of_two_editors_at_once_the_second_is_told(writing: Writing) -> None:
    draft = await writing.draft({"n": 1})
    await writing.revise(draft.number, draft.version, {"n": 2}, "anna")
    with pytest.raises(RequestError, match="刚刚改过"):
        await writing.revise(draft.number, draft.version, {"n": 3}, "bela")
    with pytest.raises(RequestError, match="刚刚改过"):
        await writing.approve(draft.number, draft.version, "carl")


async def test_a_key_has_one_draft(writing: Writing) -> None:
    draft = await writing.draft({"n": 1})
    with pytest.raises(RequestError, match="已有一份草稿"):
        await writing.draft({"n": 2}, by="bela")
    await writing.withdraw(draft.number, draft.version, "anna")
    assert (await writing.draft({"n": 2}, by="bela")).number == 2


async def test_a_decision_is_made_once(writing: Writing) -> None:
    draft = await writing.draft({"n": 1})
    with pytest.raises(RequestError, match="自己写的草稿"):
        await writing.withdraw(draft.number, draft.version, "bela")
    await writing.refuse(draft.number, draft.version, "bela")
    for again in (writing.refuse, writing.approve):
        with pytest.raises(RequestError, match="已经处理过"):
            await again(draft.number, draft.version + 1, "bela")
    assert await writing.effective(TOMORROW) is None


async def test_dates_in_the_past_are_refused_also_when_a_draft_waited_too_long(writing: Writing) -> None:
    with pytest.raises(RequestError, match="不能早于今天"):
        await writing.draft({"n": 1}, TODAY - timedelta(days=1))
    draft = await writing.draft({"n": 1})
    with pytest.raises(RequestError, match="不能早于今天"):
        await writing.approve(draft.number, draft.version, "bela", today=TOMORROW)


async def test_a_roll_back_is_a_new_draft_from_an_old_revision(writing: Writing) -> None:
    await writing.seed((date(2025, 7, 1), {"n": 1}), (date(2026, 1, 1), {"n": 2}))
    draft = await writing.roll_back(1, "anna")
    assert (draft.number, draft.state, draft.content, draft.rolls_back) == (3, "draft", {"n": 1}, 1)
    assert await writing.effective(TODAY) == 2
    await writing.approve(3, draft.version, "bela")
    assert await writing.effective(TODAY) == 1
    again = await writing.roll_back(2, "anna")
    await writing.approve(4, again.version, "bela")
    assert await writing.effective(TODAY) == 2  # of two that begin today the later one
    with pytest.raises(RequestError, match="没有这个版本"):
        await writing.roll_back(9, "anna")
