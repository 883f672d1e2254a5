"""Editors at once and processes killed amid an import or a publication, on real databases: all of it or nothing."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from desk import topic_import
from desk.audit import AuditLog
from desk.entry_drafts import EntryDrafts
from desk.schemas import StaffView
from imports.csv_files import write_csv
from imports.writing import write_rows
from kit.database import Database
from kit.errors import RequestError
from knowledge.record import entry_revisions
from knowledge.repository import list_entries
from revisions.rules import find_draft
from revisions.schemas import RevisionView
from tests.desk import dying_editor
from tests.desk.dying_editor import MOMENTS, add_question, import_table, open_drafts, publish
from tests.desk.office import Office
from tests.desk.test_entry_drafts import RATE
from tests.desk.test_entry_import import COLUMNS, ROW
from tests.vaults import VAULT

KEYS = ("loan-rate", "loan-limit", "loan-term")
EDITORS = 10
pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]


@pytest.fixture
def drafts(office: Office) -> EntryDrafts:
    return open_drafts(office.database, office.clock)


async def write(drafts: EntryDrafts, editor: StaffView, key: str, **changes: Any) -> RevisionView:
    content = RATE | {"question": f"{key}是多少？"} | changes
    await drafts.save(editor, key, content, drafts.read_today().isoformat())
    draft = find_draft((await drafts.list_all(editor))[key])
    assert draft
    return draft


async def list_published(office: Office) -> set[str]:
    async with office.database.reading() as session:
        return {entry.entry_id for entry in await list_entries(session, office.clock())}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_publication_that_is_killed_is_done_or_not(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView, database_url: str, moment: str
) -> None:
    waiting = [await write(drafts, editor, key) for key in KEYS]
    ended = await dying_editor.run(database_url, office.clock(), publish, (approver, waiting), moment)
    assert ended == -signal.SIGKILL
    is_done = moment == "after"
    assert await list_published(office) == (set(KEYS) if is_done else set())
    records = await AuditLog(office.database).list_records(50, action="entry_approved")
    assert {record.subject for record in records} == (set(KEYS) if is_done else set())
    if not is_done:
        await drafts.approve(approver, *waiting)
    assert await list_published(office) == set(KEYS)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_import_that_is_killed_is_done_or_not(
    office: Office, editor: StaffView, database_url: str, moment: str
) -> None:
    keys = [f"pump-{number}" for number in range(2 * topic_import.ROWS_AT_ONCE)]
    rows = [ROW.model_copy(update={"id": key, "question": f"{key}怎么租？"}) for key in keys]
    given = editor, write_csv(write_rows(COLUMNS, rows)).encode()
    ended = await dying_editor.run(database_url, office.clock(), import_table, given, moment)
    assert ended == -signal.SIGKILL
    async with office.database.reading() as session:
        found = [draft.key for draft in await entry_revisions.list_drafts(session)]
    assert found == (sorted(keys) if moment == "after" else [])
    # Whoever imports it again has all of it, once.
    assert await dying_editor.run(database_url, office.clock(), import_table, given) == 0
    async with office.database.reading() as session:
        assert [draft.key for draft in await entry_revisions.list_drafts(session)] == sorted(keys)


async def test_ten_editors_at_once_lose_nothing(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView, database_url: str
) -> None:
    await drafts.approve(approver, await write(drafts, editor, "loan-rate"))
    editors = [await office.hire(f"editor{number}", "editor", is_online=False) for number in range(EDITORS)]
    questions = [f"第{number}种问法" for number in range(EDITORS)]
    acts = [(each, "loan-rate", question) for each, question in zip(editors, questions, strict=True)]
    ended = [dying_editor.run(database_url, office.clock(), add_question, given) for given in acts]
    assert await asyncio.gather(*ended) == [0] * EDITORS
    draft = find_draft((await drafts.list_all(editor))["loan-rate"])
    assert draft
    assert sorted(draft.content["similar_questions"]) == sorted([*RATE["similar_questions"], *questions])
    assert sorted(draft.writers) == sorted(each.id for each in editors)
    saved = await AuditLog(office.database).list_records(50, action="entry_drafted")
    assert {record.staff_id for record in saved} == {each.id for each in (editor, *editors)}


async def test_two_approvals_at_once_are_not_tried_out_apart(
    office: Office,
    drafts: EntryDrafts,
    editor: StaffView,
    approver: StaffView,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each trial may pass while both drafts together would fail: the second has to try again."""
    first, second = [await write(drafts, editor, key) for key in KEYS[:2]]
    elsewhere = Database(database_url, VAULT)
    both = (drafts, open_drafts(elsewhere, office.clock))
    tried = asyncio.Barrier(2)
    for each in both:
        monkeypatch.setattr(each, "_try_out", wait_for_both(each, tried))
    outcomes = await asyncio.gather(
        both[0].approve(approver, first), both[1].approve(approver, second), return_exceptions=True
    )
    await elsewhere.close()
    problems = [outcome for outcome in outcomes if outcome is not None]
    assert len(problems) == 1
    assert isinstance(problems[0], RequestError)
    assert problems[0].code == "tried_before"
    assert len(await list_published(office)) == 1


def wait_for_both(drafts: EntryDrafts, tried: asyncio.Barrier) -> Callable[[Sequence[RevisionView]], Awaitable[int]]:
    """Each approval waits after its trial until the other has had its own."""
    try_out = drafts._try_out

    async def wait(waiting: Sequence[RevisionView]) -> int:
        version = await try_out(waiting)
        await tried.wait()
        return version

    return wait
