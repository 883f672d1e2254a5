"""The command line drafts what a file changes, and writes what is in force: nothing passes the second person by."""

import json
from collections.abc import Awaitable, Callable

import pytest

from desk.entry_command import BackupQuestion, add_missing, export, import_table, make_table, read_backup
from desk.manual_rows import write_manual_table
from desk.schemas import OPERATOR
from kit.errors import RequestError
from knowledge.entry_fields import ANSWER_MAX
from knowledge.record import entry_revisions
from revisions.schemas import RevisionView
from tests.desk.office import Office

CONTENT = {
    "category": "deposits",
    "question": "卡丢了怎么办？",
    "similar_questions": ["卡没了"],
    "answer": "请先挂失。",
}
HEADINGS = "编号,主题,问题,答案"
NEW = f"{HEADINGS}\ncard-open,存款,怎么开卡？,带身份证到网点。\n".encode()


@pytest.fixture
async def seeded(office: Office) -> Office:
    async with office.database.transaction() as session:
        await entry_revisions.seed(session, "card-lost", [(office.clock.now.date(), CONTENT)], office.clock.now)
    return office


async def list_drafts(office: Office) -> list[RevisionView]:
    async with office.database.reading() as session:
        return list(await entry_revisions.list_drafts(session))


async def test_an_import_drafts_and_publishes_nothing(seeded: Office, capsys: pytest.CaptureFixture[str]) -> None:
    await import_table(seeded.database, NEW, is_dry=True, clock=seeded.clock)
    assert await list_drafts(seeded) == []
    await import_table(seeded.database, NEW, clock=seeded.clock)
    (draft,) = await list_drafts(seeded)
    assert (draft.key, draft.writers, draft.state) == ("card-open", [OPERATOR.id], "draft")
    editor = await seeded.hire("wang", "editor")
    await import_table(
        seeded.database,
        NEW.replace(b"card-open", b"pin-lost").replace("开卡".encode(), "改密码".encode()),
        by=editor.login,
        clock=seeded.clock,
    )
    assert [each.writers for each in await list_drafts(seeded)] == [[OPERATOR.id], [editor.id]]
    assert "只是试算，没有导入" in capsys.readouterr().out


async def test_what_is_refused_leaves_nothing(seeded: Office) -> None:
    agent = await seeded.hire("li", "agent")
    wrong = NEW + "card-3,没有的主题,怎么换卡？,带身份证。\n".encode()
    refused: list[tuple[int, Callable[[], Awaitable[None]]]] = [
        (422, lambda: import_table(seeded.database, wrong, clock=seeded.clock)),
        (403, lambda: import_table(seeded.database, NEW, by=agent.login, clock=seeded.clock)),
        (404, lambda: import_table(seeded.database, NEW, by="nobody", clock=seeded.clock)),
        (422, lambda: import_table(seeded.database, NEW, since="2020-01-01", clock=seeded.clock)),
    ]
    for status, work in refused:
        with pytest.raises(RequestError) as refusal:
            await work()
        assert refusal.value.status == status
    assert await list_drafts(seeded) == []


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
async def test_what_is_exported_changes_nothing_when_imported(
    seeded: Office, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = await export(seeded.database, suffix, seeded.clock)
    await import_table(seeded.database, content, clock=seeded.clock)
    assert "不变1" in capsys.readouterr().out
    assert await list_drafts(seeded) == []


async def test_a_backup_has_everything(seeded: Office) -> None:
    questions = [BackupQuestion(text="卡不见了", entry_id="card-lost"), BackupQuestion(text="收玉米吗", entry_id=None)]
    await add_missing(seeded.database, questions, seeded.clock)
    await add_missing(seeded.database, questions, seeded.clock)
    content = await export(seeded.database, ".json", seeded.clock)
    backup = read_backup(content)
    assert backup.golden_questions == questions
    assert [(row.id, row.answer, row.similar_questions) for row in backup.entries] == [
        ("card-lost", "请先挂失。", ["卡没了"])
    ]
    await import_table(seeded.database, make_table(backup), clock=seeded.clock)
    assert await list_drafts(seeded) == []

    for broken in (b"{", b"[]", json.dumps({**json.loads(content), "format": 9}).encode(), b'{"format": 1}'):
        with pytest.raises(RequestError) as refusal:
            read_backup(broken)
        assert refusal.value.status == 422
    with pytest.raises(RequestError) as unknown:
        await export(seeded.database, ".pdf", seeded.clock)
    assert unknown.value.status == 415


async def test_a_manual_becomes_drafts(seeded: Office) -> None:
    async def find_category(question: str) -> str:
        return "deposits"

    long = "这一句话有十个字呢。" * 50
    manual = f"# 农户贷\n## 条件\n年满18周岁。\n## 流程\n{long}\n".encode()
    table = await write_manual_table(manual, find_category)
    assert await write_manual_table(manual, find_category) == table
    await import_table(seeded.database, table, clock=seeded.clock)
    drafts = {each.content["question"]: each.content for each in await list_drafts(seeded)}
    assert sorted(drafts) == ["农户贷：条件", "农户贷：流程（1）", "农户贷：流程（2）"]
    assert all(each["category"] == "deposits" and len(each["answer"]) <= ANSWER_MAX for each in drafts.values())
    assert drafts["农户贷：流程（1）"]["answer"] + drafts["农户贷：流程（2）"]["answer"] == long


async def test_headings_that_are_alike_are_told_apart(seeded: Office) -> None:
    async def find_category(question: str) -> str:
        return "deposits"

    part = "# {}\n## 申请\n### 材料\n身份证{}。\n### 其他\n。。\n"
    manual = "".join(part.format(name, name) for name in ("农户贷", "商户贷", "商户贷")).encode()
    await import_table(seeded.database, await write_manual_table(manual, find_category), clock=seeded.clock)
    assert sorted(each.content["question"] for each in await list_drafts(seeded)) == [
        "农户贷：申请：材料",
        "商户贷：申请：材料",
        "商户贷：申请：材料，2",
    ]


async def test_what_has_expired_is_in_no_backup(seeded: Office) -> None:
    seeded.clock.move(days=400)
    expired = {**CONTENT, "question": "过年几点开门？", "expires_at": "2026-07-02T00:00:00+08:00"}
    async with seeded.database.transaction() as session:
        await entry_revisions.seed(session, "holiday", [(seeded.clock.now.date(), expired)], seeded.clock.now)
    backup = read_backup(await export(seeded.database, ".json", seeded.clock))
    assert [row.id for row in backup.entries] == ["card-lost"]
