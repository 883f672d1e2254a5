"""What an editor typed and did not hand in is there again, for them alone, until it is saved, given up or too old."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from desk.entry_edits import EntryEdits
from desk.schemas import StaffView
from kit.errors import RequestError
from privacy.retention import load_retention
from privacy.rights.expiry import RetentionRunner
from revisions.schemas import RevisionView
from tests.desk.office import Office

DAY = "2026-12-01"
CONTENT: dict[str, Any] = {"question": "几点开门？", "category": None, "similar_questions": ["早上几点"], "answer": ""}
BASE = RevisionView(
    key="opening",
    number=2,
    state="approved",
    content={"question": "几点开门？"},
    effective_from=date(2026, 5, 1),
    version=1,
    rolls_back=None,
    writers=["an"],
    written_at=datetime(2026, 4, 1, tzinfo=UTC),
    decided_by="bo",
    decided_at=datetime(2026, 4, 2, tzinfo=UTC),
    reason="",
)


@pytest.fixture
def edits(office: Office) -> EntryEdits:
    return EntryEdits(office.database, office.clock)


async def test_the_last_that_was_typed_is_kept_with_what_it_was_written_from(
    office: Office, edits: EntryEdits, editor: StaffView
) -> None:
    assert await edits.find(editor, "opening") is None
    await edits.keep(editor, "opening", CONTENT, DAY, BASE)
    office.clock.move(minutes=1)
    await edits.keep(editor, "opening", CONTENT | {"answer": "八点半"}, DAY, BASE)
    office.clock.move(minutes=-2)
    await edits.keep(editor, "entry-new", CONTENT, "", None)
    office.clock.move(minutes=2)
    left = await edits.find(editor, "opening")
    assert left
    assert (left.content["answer"], left.effective_from, left.base, left.saved_at) == (
        "八点半",
        DAY,
        BASE,
        office.clock(),
    )
    assert [edit.key for edit in await edits.list_own(editor)] == ["opening", "entry-new"]


async def test_it_is_the_members_own(office: Office, edits: EntryEdits, editor: StaffView) -> None:
    colleague = await office.hire("chen", "editor")
    await edits.keep(editor, "opening", CONTENT, DAY, BASE)
    await edits.keep(colleague, "opening", CONTENT | {"answer": "九点"}, DAY, BASE)
    await edits.discard(editor, "opening")
    assert await edits.list_own(editor) == []
    assert [edit.content["answer"] for edit in await edits.list_own(colleague)] == ["九点"]


async def test_it_is_not_kept_for_ever(office: Office, edits: EntryEdits, editor: StaffView) -> None:
    retention, time = RetentionRunner(office.database), load_retention().find_time("edit")
    await edits.keep(editor, "opening", CONTENT, DAY, BASE)
    office.clock.now += time
    await edits.keep(editor, "closing", CONTENT, DAY, None)
    assert (await retention.run(office.clock()))["edit"] == 0
    office.clock.move(seconds=1)
    assert [edit.key for edit in await edits.list_own(editor)] == ["closing"]
    assert (await retention.run(office.clock()))["edit"] == 1
    office.clock.move(seconds=-1)  # it is not only hidden
    assert [edit.key for edit in await edits.list_own(editor)] == ["closing"]


async def test_who_may_not_draft_has_none(edits: EntryEdits, approver: StaffView) -> None:
    with pytest.raises(RequestError, match="forbidden"):
        await edits.keep(approver, "opening", CONTENT, DAY, BASE)
    with pytest.raises(RequestError, match="forbidden"):
        await edits.list_own(approver)
