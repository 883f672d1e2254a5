"""Golden questions are added by editors and removed by approvers; both are written down."""

import pytest

from desk.audit import AuditLog
from desk.golden_questions import GoldenQuestions
from kit.errors import InvalidFields, RequestError
from knowledge.record import entry_revisions
from tests.desk.office import Office

CONTENT = {"category": "cards", "question": "卡丢了怎么办", "similar_questions": [], "answer": "请挂失。"}


@pytest.fixture
def golden(office: Office) -> GoldenQuestions:
    return GoldenQuestions(office.database, office.clock)


async def test_one_adds_and_another_removes(office: Office, golden: GoldenQuestions) -> None:
    editor, approver, agent = [await office.hire(role, role) for role in ("editor", "approver", "agent")]
    async with office.database.transaction() as session:
        day = office.clock.now.date()
        await entry_revisions.seed(session, "card-lost", [(day, CONTENT)], office.clock.now)
    await golden.add(editor, " 卡不见了，我电话13800138000 ", "card-lost")
    await golden.add(editor, "收不收古董", None)
    assert await golden.list_titles() == {"card-lost": "卡丢了怎么办"}
    second, first = await golden.list_all(approver)
    assert (first.text, first.entry_id, first.added_by) == ("卡不见了，我电话138****8000", "card-lost", editor.id)
    assert (second.text, second.entry_id) == ("收不收古董", None)

    for text, entry_id, field in (
        ("收不收古董", None, "text"),
        ("收", None, "text"),
        ("卡没了", "nothing", "entry_id"),
    ):
        with pytest.raises(InvalidFields) as invalid:
            await golden.add(editor, text, entry_id)
        assert list(invalid.value.problems) == [field]
    for work in (golden.add(approver, "收玉米吗", None), golden.remove(editor, first.id), golden.list_all(agent)):
        with pytest.raises(RequestError) as refusal:
            await work
        assert refusal.value.status == 403

    await golden.remove(approver, second.id)
    with pytest.raises(RequestError) as gone:
        await golden.remove(approver, second.id)
    assert gone.value.status == 409
    assert len(await golden.list_all(editor)) == 1
    actions = [each.action for each in await AuditLog(office.database).list_records(limit=3)]
    assert actions == ["golden_removed", "golden_added", "golden_added"]
