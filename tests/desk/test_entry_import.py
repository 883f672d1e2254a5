"""Entries from a table become drafts, all or none; what is exported changes nothing when it is imported again."""

from datetime import date

import pytest

from desk.entry_drafts import EntryDrafts
from desk.schemas import StaffView
from desk.topic_import import TopicImport
from imports.columns import list_columns
from imports.csv_files import write_csv
from imports.plan import Plan
from imports.service import Imports, Progress
from imports.writing import write_rows
from imports.xlsx_files import write_template, write_xlsx
from kit.errors import RequestError
from knowledge.entry_fields import FIELD_NAMES
from knowledge.rows import EntryRow, build_row
from knowledge.schemas import EntryText
from knowledge.seeding import read_seed
from revisions.rules import find_draft
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.desk.test_entry_drafts import drafts, knowledge

__all__ = ["drafts", "knowledge"]

COLUMNS = list_columns(EntryRow)
ROW = EntryRow(
    id="收割机-补贴",
    category="village_services",
    question="收割机补贴怎么领？",
    similar_questions=["收割机补贴", "作业补贴，到哪儿领；要啥"],
    answer="带作业合同到网点登记。\n周末也行。",
    answer_wechat="点下方菜单“找网点”。",
    expires_on=date(2027, 1, 1),
)


def as_csv(*rows: EntryRow) -> bytes:
    return write_csv(write_rows(COLUMNS, rows)).encode()


@pytest.fixture
def imports(office: Office) -> Imports:
    return Imports(office.database)


def build_target(office: Office, drafts: EntryDrafts, staff: StaffView) -> TopicImport[EntryRow]:
    return TopicImport(drafts.table, staff, drafts.read_today().isoformat(), office.clock)


async def plan_rows(
    imports: Imports, office: Office, drafts: EntryDrafts, editor: StaffView, content: bytes
) -> Plan[EntryRow]:
    return await imports.dry_run(content, build_target(office, drafts, editor), Progress())


async def import_rows(imports: Imports, office: Office, drafts: EntryDrafts, editor: StaffView, content: bytes) -> None:
    plan = await plan_rows(imports, office, drafts, editor, content)
    assert not plan.problems
    await imports.commit(content, plan.token, build_target(office, drafts, editor), Progress())


async def publish_all(drafts: EntryDrafts, approver: StaffView) -> None:
    for group in (await drafts.list_all(approver)).values():
        if draft := find_draft(group):
            await drafts.approve(approver, draft)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_what_was_exported_changes_nothing(
    office: Office, imports: Imports, drafts: EntryDrafts, editor: StaffView, approver: StaffView, form: str
) -> None:
    await import_rows(imports, office, drafts, editor, as_csv(ROW))
    await publish_all(drafts, approver)
    rows = [row for _, row in drafts.table.list_rows(await drafts.list_all(editor), drafts.read_today())]
    assert rows == [ROW]
    content = as_csv(*rows) if form == "csv" else write_xlsx(COLUMNS, rows)
    plan = await plan_rows(imports, office, drafts, editor, content)
    assert plan.counts == {"new": 0, "changed": 0, "unchanged": 1, "wrong": 0}, plan.problems


@sqlite_only
async def test_a_changed_row_becomes_a_draft_with_all_its_lines(
    office: Office, imports: Imports, drafts: EntryDrafts, editor: StaffView
) -> None:
    await import_rows(imports, office, drafts, editor, as_csv(ROW))
    draft = find_draft((await drafts.list_all(editor))[ROW.id])
    assert draft
    content = EntryText.model_validate(draft.content)
    assert content.similar_questions == ["收割机补贴", "作业补贴，到哪儿领；要啥"]
    assert content.answer == "带作业合同到网点登记。\n周末也行。"
    assert draft.content["expires_at"] == "2027-01-01T00:00:00+08:00"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"answer": "年利率{rate:果园贷}。"}, "第2行 答案：产品目录里没有{rate:果园贷}"),
        ({"answer": "好"}, "第2行 答案：请填写5到300字的答案"),
        ({"question": "？" * 61}, "第2行 问题：请填写2到60字的问题"),
        ({"id": "收割机 补贴"}, "第2行 编号：只能用文字、数字和“-”，最多64字"),
        ({"expires_on": date(2020, 1, 1)}, "第2行 哪天零点到期：到期要晚于生效和现在"),
        ({"question_english": "How?"}, "第2行 英文答案：英文问题和英文答案要一起填"),
    ],
)
@sqlite_only
async def test_what_no_draft_may_say_is_told_and_nothing_is_imported(
    office: Office,
    imports: Imports,
    drafts: EntryDrafts,
    editor: StaffView,
    changes: dict[str, object],
    problem: str,
) -> None:
    right = ROW.model_copy(update={"id": "other", "question": "别的问题？"})
    content = as_csv(ROW.model_copy(update=changes), right)
    plan = await plan_rows(imports, office, drafts, editor, content)
    assert plan.problems == (problem,)
    with pytest.raises(RequestError, match="一行都没有导入"):
        await imports.commit(content, plan.token, build_target(office, drafts, editor), Progress())
    assert await drafts.list_all(editor) == {}


NAMING = ROW.model_copy(update={"follow_ups": ["去哪登记", "几点开门？"]})
PLACE = ROW.model_copy(update={"id": "place", "question": "登记到哪儿？", "similar_questions": ["去哪登记？"]})
HOURS = ROW.model_copy(update={"id": "hours", "question": "几点开门", "similar_questions": []})
NOBODY = "第2行 接着可以问：在用的、草稿里和这张表里，都没有别的知识问“{}”"


@sqlite_only
async def test_a_follow_up_is_another_entry_in_force_drafted_or_in_the_file(
    office: Office, imports: Imports, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    async def list_problems(*rows: EntryRow) -> tuple[str, ...]:
        return (await plan_rows(imports, office, drafts, editor, as_csv(*rows))).problems

    own = ROW.model_copy(update={"follow_ups": [ROW.similar_questions[0]]})
    assert await list_problems(own) == (NOBODY.format("收割机补贴"),)
    assert await list_problems(NAMING, PLACE) == (NOBODY.format("几点开门？"),)
    assert await list_problems(NAMING, PLACE, HOURS) == ()
    assert await list_problems(NAMING, PLACE, HOURS.model_copy(update={"is_retired": True})) != ()
    await import_rows(imports, office, drafts, editor, as_csv(PLACE))
    await publish_all(drafts, approver)
    await import_rows(imports, office, drafts, editor, as_csv(HOURS))
    assert await list_problems(NAMING) == ()
    assert await list_problems(NAMING, PLACE.model_copy(update={"similar_questions": []})) == (
        NOBODY.format("去哪登记"),
    )


@sqlite_only
async def test_a_follow_up_that_was_there_already_stops_no_other_change(
    office: Office, imports: Imports, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    await import_rows(imports, office, drafts, editor, as_csv(NAMING, PLACE, HOURS))
    await publish_all(drafts, approver)
    gone = HOURS.model_copy(update={"is_retired": True})
    await import_rows(imports, office, drafts, editor, as_csv(gone))
    await publish_all(drafts, approver)
    await import_rows(imports, office, drafts, editor, as_csv(NAMING.model_copy(update={"answer": "到网点登记。"})))


@sqlite_only
async def test_a_formula_is_refused_on_any_line(
    office: Office, imports: Imports, drafts: EntryDrafts, editor: StaffView
) -> None:
    headings = [each.column.heading for each in COLUMNS]
    cells = dict.fromkeys(headings, "") | {
        "编号": "x",
        "主题": "乡村服务",
        "问题": "补贴怎么领？",
        "答案": "到网点登记。",
    }
    for similar in ("=1+1", "补贴\n＝HYPERLINK(1)"):
        row = cells | {"相似问法": similar}
        content = "\n".join(",".join(f'"{cell}"' for cell in line) for line in (headings, row.values())).encode()
        plan = await plan_rows(imports, office, drafts, editor, content)
        assert "是公式" in plan.problems[0]


def test_the_template_has_a_column_for_every_field_of_an_entry() -> None:
    fields = {each.field for each in COLUMNS} - {"id", "expires_on"} | {"expires_at"}
    assert fields == set(ROW.to_content()) == set(FIELD_NAMES)
    assert write_template(COLUMNS, "知识").startswith(b"PK")


def test_every_entry_of_the_seed_is_a_row() -> None:
    for category, entry in read_seed():
        content = EntryText(
            category=category,
            question=entry.question,
            similar_questions=entry.list_similar(),
            answer=entry.answer,
            source=entry.source,
        ).model_dump(mode="json")
        row = build_row(entry.id, content)
        assert EntryText.model_validate(row.to_content()).model_dump(mode="json") == content
