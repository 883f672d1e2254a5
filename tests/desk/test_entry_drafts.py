"""Entries are drafted by one, tried out, and published by another."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from desk.audit import AuditLog
from desk.audit_wording import describe_record
from desk.drafts import Overtaken
from desk.entry_drafts import EntryDrafts, TrialFailed
from desk.roles import Role
from desk.schemas import StaffView
from kit.database import Database
from kit.errors import InvalidFields, RequestError
from kit.http import ServiceClient
from knowledge.client import KnowledgeClient
from knowledge.record import count_editions
from knowledge.repository import list_entries
from knowledge.trials import DraftIn, Failure, TrialIn, TrialView
from revisions.rules import find_draft
from revisions.schemas import RevisionView
from tests.desk.office import Office
from tests.knowledge.encoders import put_in_force

RATE: dict[str, Any] = {
    "category": "loans",
    "question": "农户贷利息多少？",
    "similar_questions": ["贷款利率"],
    "answer": "年利率{rate:农户贷}。",
}


class ScriptedKnowledge:
    """The knowledge service: tries drafts out with a fixed result, or is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.failures: list[Failure] = []
        self.is_away = False
        self.is_late = False
        self.tried: list[DraftIn] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/trials"
        if self.is_away:
            raise httpx.ConnectError("away")
        self.tried += TrialIn.model_validate_json(request.content).drafts
        async with self._database.reading() as session:
            version = await count_editions(session)
        trial = TrialView(version=version - self.is_late, questions=2, failures=self.failures)
        return httpx.Response(200, json=trial.model_dump())


@pytest.fixture
def knowledge(office: Office) -> ScriptedKnowledge:
    return ScriptedKnowledge(office.database)


@pytest.fixture
def drafts(office: Office, knowledge: ScriptedKnowledge) -> EntryDrafts:
    http = ServiceClient("knowledge", "http://knowledge", deadline=1, transport=httpx.MockTransport(knowledge.answer))
    return EntryDrafts(office.database, KnowledgeClient(http), office.clock)


async def write(drafts: EntryDrafts, editor: StaffView, key: str = "loan-rate", **changes: Any) -> RevisionView:
    await drafts.save(editor, key, RATE | changes, drafts.read_today().isoformat())
    draft = find_draft((await drafts.list_all(editor))[key])
    assert draft
    return draft


async def list_published(office: Office) -> dict[str, str]:
    async with office.database.reading() as session:
        return {entry.entry_id: entry.answer for entry in await list_entries(session, office.clock())}


async def test_a_draft_is_tried_out_and_published(
    office: Office, drafts: EntryDrafts, knowledge: ScriptedKnowledge, editor: StaffView, approver: StaffView
) -> None:
    draft = await write(drafts, editor)
    assert await list_published(office) == {}
    assert await drafts.count_for(approver) == 1
    await drafts.approve(approver, draft)
    assert await list_published(office) == {"loan-rate": RATE["answer"]}
    assert [(each.entry_id, each.similar_questions) for each in knowledge.tried] == [("loan-rate", ["贷款利率"])]
    assert await drafts.count_for(approver) == 0
    approved, _ = await AuditLog(office.database).list_records(2)
    told = describe_record(approved, {})
    assert told.startswith("审核通过知识 loan-rate：第几版1")
    assert "主题 贷款产品，问题 农户贷利息多少？" in told


async def test_a_draft_that_breaks_a_golden_question_is_not_published(
    office: Office, drafts: EntryDrafts, knowledge: ScriptedKnowledge, editor: StaffView, approver: StaffView
) -> None:
    knowledge.failures = [Failure(text="卡丢了", expected="卡丢了怎么办", found=RATE["question"])]
    draft = await write(drafts, editor)
    with pytest.raises(TrialFailed, match="1个问题会答错") as caught:
        await drafts.approve(approver, draft)
    assert caught.value.trial.failures == knowledge.failures
    assert await list_published(office) == {}
    knowledge.failures = []
    await drafts.approve(approver, draft)


async def test_several_are_published_together_or_none(
    office: Office, drafts: EntryDrafts, knowledge: ScriptedKnowledge, editor: StaffView, approver: StaffView
) -> None:
    both = [await write(drafts, editor), await write(drafts, editor, "loan-limit", question="最多借多少？")]
    knowledge.failures = [Failure(text="卡丢了", expected="卡丢了怎么办", found="最多借多少？")]
    with pytest.raises(TrialFailed):
        await drafts.approve(approver, *both)
    knowledge.failures = []
    await drafts.withdraw(editor, both[1])
    with pytest.raises(RequestError):
        await drafts.approve(approver, *both)
    assert await list_published(office) == {}
    third = await write(drafts, editor, "loan-limit", question="最多借多少？")
    await drafts.approve(approver, both[0], third)
    assert (await list_published(office)).keys() == {"loan-rate", "loan-limit"}
    assert [draft.entry_id for draft in knowledge.tried[-2:]] == ["loan-rate", "loan-limit"]


async def test_who_saves_over_a_colleagues_change_is_told(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    """It may be a draft that was changed, published or withdrawn, or a new one beside what was published."""
    colleague, day = await office.hire("chen", "editor"), drafts.read_today().isoformat()
    shown = await write(drafts, editor)
    await drafts.save(colleague, "loan-rate", RATE | {"answer": "请您看合同。"}, day, shown)
    with pytest.raises(Overtaken, match="刚刚改过") as caught:
        await drafts.save(editor, "loan-rate", RATE | {"answer": "请问客户经理。"}, day, shown)
    changed = caught.value.now
    assert (changed.content["answer"], changed.writers) == ("请您看合同。", [editor.id, colleague.id])

    await drafts.approve(approver, changed)
    with pytest.raises(Overtaken) as caught:
        await drafts.save(editor, "loan-rate", RATE | {"answer": "请问客户经理。"}, day, changed)
    published = caught.value.now
    assert published.state == "approved"
    await drafts.save(colleague, "loan-rate", RATE | {"answer": "请看合同第三条。"}, day, published)
    with pytest.raises(Overtaken) as caught:
        await drafts.save(editor, "loan-rate", RATE | {"answer": "请问客户经理。"}, day, published)
    third = caught.value.now
    await drafts.withdraw(colleague, third)
    with pytest.raises(Overtaken) as caught:
        await drafts.save(editor, "loan-rate", RATE | {"answer": "请问客户经理。"}, day, third)
    await drafts.save(editor, "loan-rate", RATE | {"answer": "请问客户经理。"}, day, caught.value.now)


async def test_nothing_is_published_untried(
    office: Office, drafts: EntryDrafts, knowledge: ScriptedKnowledge, editor: StaffView, approver: StaffView
) -> None:
    draft = await write(drafts, editor)
    knowledge.is_away = True
    with pytest.raises(RequestError, match="knowledge_down"):
        await drafts.approve(approver, draft)
    knowledge.is_away, knowledge.is_late = False, True
    with pytest.raises(RequestError, match="tried_before"):
        await drafts.approve(approver, draft)
    assert await list_published(office) == {}


async def test_entries_are_published_beside_a_tuned_encoder(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    await put_in_force(office.database, "a" * 64, office.clock.now)
    await drafts.approve(approver, await write(drafts, editor))
    assert list(await list_published(office)) == ["loan-rate"]


async def test_its_writer_can_try_it_out(drafts: EntryDrafts, knowledge: ScriptedKnowledge, editor: StaffView) -> None:
    knowledge.failures = [Failure(text="卡丢了", expected="卡丢了怎么办", found="农户贷利息多少？")]
    draft = await write(drafts, editor)
    assert (await drafts.try_out(editor, draft)).failures == knowledge.failures
    knowledge.is_away = True
    with pytest.raises(RequestError) as problem:
        await drafts.try_out(editor, draft)
    assert (problem.value.status, problem.value.code) == (503, "knowledge_down")


async def test_nobody_publishes_what_they_wrote(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    draft = await write(drafts, editor)
    with pytest.raises(RequestError, match="forbidden"):
        await drafts.approve(editor, draft)
    with pytest.raises(RequestError, match="forbidden"):
        await drafts.save(approver, "loan-rate", RATE, drafts.read_today().isoformat(), draft)


async def test_what_will_not_do_is_not_drafted(drafts: EntryDrafts, editor: StaffView) -> None:
    with pytest.raises(InvalidFields) as caught:
        await write(drafts, editor, answer="年利率{rate:果园贷}。", question="")
    assert caught.value.problems.keys() == {"answer", "question"}


async def test_an_entry_is_retired_and_brought_back(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    await drafts.approve(approver, await write(drafts, editor))
    await drafts.approve(approver, await write(drafts, editor, is_retired=True))
    assert await list_published(office) == {}
    await drafts.roll_back(editor, "loan-rate", 1)
    draft = find_draft((await drafts.list_all(editor))["loan-rate"])
    assert draft
    await drafts.approve(approver, draft)
    assert await list_published(office) == {"loan-rate": RATE["answer"]}


async def test_an_entry_that_has_expired_meanwhile_is_not_published(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    soon = office.clock() + timedelta(minutes=10)
    draft = await write(drafts, editor, expires_at=soon.isoformat())
    office.clock.move(minutes=11)
    with pytest.raises(InvalidFields, match="到期要晚于生效"):
        await drafts.approve(approver, draft)


async def test_links_lead_where_the_bank_allows_also_when_they_are_published(
    office: Office, knowledge: ScriptedKnowledge, editor: StaffView, approver: StaffView
) -> None:
    http = ServiceClient("knowledge", "http://knowledge", deadline=1, transport=httpx.MockTransport(knowledge.answer))
    allowing = EntryDrafts(
        office.database, KnowledgeClient(http), office.clock, link_hosts=("www.bank.example", "old.example")
    )
    with pytest.raises(InvalidFields) as refused:
        await write(allowing, editor, answer="见https://thief.example/")
    assert refused.value.problems == {"answer": "链接只能指向old.example、www.bank.example"}
    draft = await write(allowing, editor, answer="见https://old.example/")
    now = EntryDrafts(office.database, KnowledgeClient(http), office.clock, link_hosts=("www.bank.example",))
    with pytest.raises(InvalidFields, match="链接只能指向www"):
        await now.approve(approver, draft)
    assert await list_published(office) == {}


async def test_several_are_changed_at_once_or_none(
    office: Office, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    keys = ("loan-rate", "loan-limit", "loan-term")
    for key in keys:
        category = "service" if key == "loan-term" else "loans"
        await drafts.approve(approver, await write(drafts, editor, key, question=f"{key}？", category=category))
    day = drafts.read_today().isoformat()
    bases = [(await drafts.list_all(editor))[key][-1] for key in keys]
    assert await drafts.change_all(editor, bases, {"category": "service"}, day) == 2
    found = {key: find_draft(revisions) for key, revisions in (await drafts.list_all(editor)).items()}
    assert {key for key, draft in found.items() if draft and draft.content["category"] == "service"} == set(keys[:2])

    with pytest.raises(Overtaken):  # one of them has a draft now
        await drafts.change_all(editor, bases[::-1], {"is_retired": True}, day)
    with pytest.raises(RequestError, match="《loan-term？》：到期要晚于生效"):
        await drafts.change_all(editor, bases[2:], {"expires_at": f"{day}T00:00:00+08:00"}, day)
    with pytest.raises(InvalidFields) as caught:
        await drafts.change_all(editor, bases[2:], {"is_retired": True}, "")
    assert caught.value.problems.keys() == {"effective_from"}
    with pytest.raises(RequestError, match="没有改动"):
        await drafts.change_all(editor, bases[2:], {"category": "service"}, day)
    with pytest.raises(RequestError, match="forbidden"):
        await drafts.change_all(approver, bases[2:], {"is_retired": True}, day)
    assert find_draft((await drafts.list_all(editor))["loan-term"]) is None


@pytest.mark.parametrize(("status", "found"), [(200, ["loan-rate", "card-lost"]), (500, [])])
async def test_entries_are_found_by_meaning(office: Office, editor: StaffView, status: int, found: list[str]) -> None:
    matches = [{"entry_id": key, "revision": 1, "question": "", "answer": "", "score": 0.5} for key in found]
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(status, json={"matches": matches})

    http = ServiceClient("knowledge", "http://knowledge", deadline=1, transport=httpx.MockTransport(answer))
    drafts = EntryDrafts(office.database, KnowledgeClient(http), office.clock)
    assert [match.entry_id for match in await drafts.find_by_meaning(editor, "利息")] == found
    assert (asked[0].path, asked[0].params["q"]) == ("/v1/staff-search", "利息")


@pytest.mark.parametrize("role", ["agent", "account_manager", "supervisor", "admin"])
async def test_others_may_not_draft(office: Office, drafts: EntryDrafts, role: Role) -> None:
    other = await office.hire("cy", role)
    with pytest.raises(RequestError, match="forbidden"):
        await write(drafts, other)
