"""Notes about a draft: everybody concerned is told, once, and they stay beside the revision."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from desk.entry_drafts import make_entry_topic
from desk.product_drafts import PRODUCTS
from desk.revision_notes import NOTE_MAX, RevisionNotes
from desk.schemas import StaffView
from desk.tables import Notification
from kit.errors import InvalidFields, RequestError
from knowledge.record import entry_revisions
from revisions.schemas import RevisionView
from tests.desk.office import Office
from tests.desk.test_entry_drafts import RATE

DAY = date(2026, 7, 1)


@pytest.fixture
def notes(office: Office) -> RevisionNotes:
    return RevisionNotes(make_entry_topic(office.clock), office.database, office.clock)


async def draft(office: Office, by: str, key: str = "loan-rate") -> RevisionView:
    when: dict[str, Any] = {"now": office.clock(), "today": DAY}
    async with office.database.transaction() as session:
        return await entry_revisions.draft(session, key, RATE, DAY, by=by, **when)


async def list_told(office: Office) -> list[tuple[str, str, str]]:
    async with office.database.reading() as session:
        rows = await session.scalars(select(Notification).order_by(Notification.id))
        return [(row.staff_id, row.text, row.path) for row in rows]


async def test_writers_and_reviewers_write_to_each_other(
    office: Office, notes: RevisionNotes, editor: StaffView, approver: StaffView
) -> None:
    written = await draft(office, editor.id)
    await notes.add(approver, written, "农户贷利息多少？", " 请写明是单利，问13800001234 ")
    await notes.add(editor, written, "农户贷利息多少？", "好的")
    first, second = (await notes.list_on_drafts(editor))["loan-rate"]
    assert (first.staff_id, first.number, second.text) == (approver.id, 1, "好的")
    assert "13800001234" not in first.text
    told = await list_told(office)
    assert [staff_id for staff_id, _, _ in told] == [editor.id, approver.id]
    assert told[1][1:] == ("安宁写了备注\n《农户贷利息多少？》：好的", "/entries")


async def test_they_stay_in_the_history(
    office: Office, notes: RevisionNotes, editor: StaffView, approver: StaffView
) -> None:
    written = await draft(office, editor.id)
    await notes.add(approver, written, "利息", "请写明是单利")
    async with office.database.transaction() as session:
        await entry_revisions.withdraw(session, "loan-rate", 1, 1, by=editor.id, now=office.clock())
    assert dict(await notes.list_on_drafts(editor)) == {}
    assert [note.text for note in await notes.list_of(editor, "loan-rate")] == ["请写明是单利"]
    assert await RevisionNotes(PRODUCTS, office.database, office.clock).list_of(editor, "loan-rate") == []


@pytest.mark.parametrize("words", ["", " \n ", "长" * (NOTE_MAX + 1)])
async def test_an_empty_or_long_one_is_refused(
    office: Office, notes: RevisionNotes, editor: StaffView, words: str
) -> None:
    with pytest.raises(InvalidFields) as caught:
        await notes.add(editor, await draft(office, editor.id), "利息", words)
    assert caught.value.problems.keys() == {"note"}


async def test_who_may_not_see_drafts_writes_nothing(office: Office, notes: RevisionNotes, editor: StaffView) -> None:
    agent = await office.hire("chen", "agent")
    with pytest.raises(RequestError, match="forbidden"):
        await notes.add(agent, await draft(office, editor.id), "利息", "你好")
    with pytest.raises(RequestError, match="forbidden"):
        await notes.list_of(agent, "loan-rate")
