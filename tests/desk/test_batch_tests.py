"""Many questions of a file or the golden ones are asked, and reported on."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from openpyxl import load_workbook

from desk.batch_tests import BatchReport, BatchTests, ReportRow
from desk.entry_drafts import EntryDrafts
from desk.schemas import StaffView
from imports.columns import list_columns
from imports.xlsx_files import write_xlsx
from kit.database import Database
from kit.errors import RequestError
from kit.http import ServiceClient
from knowledge.batch_tests import BatchTestIn
from knowledge.client import KnowledgeClient
from knowledge.golden_questions import add_golden_questions
from knowledge.service import Knowledge
from tests.desk.office import Office
from tests.fakes import FixedClock
from tests.knowledge.entries import CARD, ENTRIES, LESSONS, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder

FILE = """问题,该答的知识,备注
卡丢了怎么办,card-lost,a
卡不见了想挂失,网点几点开门,b
玉米卖给谁,不答,c
银行几点下班,,d
,x,e
""".encode()


def show(report: BatchReport) -> list[tuple[str, str | None, str, bool]]:
    return [(row.text, row.expected, row.verdict, row.is_good) for row in report.rows]


@pytest.fixture
async def drafts(database: Database, clock: FixedClock) -> AsyncIterator[EntryDrafts]:
    """Of a site whose knowledge service has three entries."""
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    knowledge = Knowledge(database, HashingEncoder(), clock, lessons=LESSONS)
    await knowledge.open()

    async def answer(request: httpx.Request) -> httpx.Response:
        found = await knowledge.test_all(BatchTestIn.model_validate_json(request.content))
        return httpx.Response(200, json=found.model_dump())

    http = ServiceClient("knowledge", "http://knowledge", deadline=10, tries=1, transport=httpx.MockTransport(answer))
    yield EntryDrafts(database, KnowledgeClient(http), clock)
    await http.close()
    await knowledge.close()


@pytest.fixture
def tests(database: Database, drafts: EntryDrafts) -> BatchTests:
    return BatchTests(database, drafts)


async def test_a_file_is_asked_row_by_row(tests: BatchTests, editor: StaffView) -> None:
    report = await tests.test_file(editor, FILE, with_drafts=False)
    assert show(report) == [
        ("卡丢了怎么办", CARD[1], "答对", True),
        ("卡不见了想挂失", "网点几点开门", "答错", False),
        ("玉米卖给谁", "不答", "没答，对", True),
        ("银行几点下班", None, "直接回答", False),
    ]
    assert report.counts == {"答对": 1, "答错": 1, "没答，对": 1, "直接回答": 1}
    assert report.drafted_counts == {}
    assert sum(report.certainties.values()) == 4
    assert list(report.problems) == ["这几列不认识，没有导入：备注", "第6行 问题：没有填"]


async def test_golden_questions_are_asked_with_the_drafts_that_wait(
    tests: BatchTests, drafts: EntryDrafts, editor: StaffView, database: Database, clock: FixedClock
) -> None:
    async with database.transaction() as session:
        add_golden_questions(session, ["卡丢了怎么办"], "card-lost", clock.now)
        add_golden_questions(session, ["收不收古董字画"], None, clock.now)
    draft = {"category": "safety", "question": "收不收古董字画", "answer": "本行不收购古董。", "similar_questions": []}
    await drafts.save(editor, "antiques", draft, clock.now.date().isoformat(), None, is_new=True)
    report = await tests.test_golden(editor, with_drafts=True)
    by_text = {row.text: row for row in report.rows}
    antiques, card = by_text["收不收古董字画"], by_text["卡丢了怎么办"]
    assert (antiques.verdict, antiques.is_good, antiques.drafted_verdict, antiques.is_good_drafted) == (
        "没答，对",
        True,
        "不该答却答了",
        False,
    )
    assert antiques.is_changed
    assert not card.is_changed
    assert report.drafted_counts == {"答对": 1, "不该答却答了": 1}


async def test_the_report_can_be_downloaded(tests: BatchTests, editor: StaffView) -> None:
    report = await tests.test_file(editor, FILE, with_drafts=False)
    sheet = load_workbook(io.BytesIO(write_xlsx(list_columns(ReportRow), report.rows))).worksheets[0]
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows()]
    assert rows[0] == ["问题", "该答的知识", "结果", "找到的知识"]
    assert rows[1] == ["卡丢了怎么办", CARD[1], "答对", CARD[1]]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), ("问题\n".encode(), 422), ("别的\n卡丢了\n".encode(), 422), ("问题,该答的知识\n,x\n".encode(), 422)],
    ids=["empty", "no rows", "no column", "only rows that cannot be read"],
)
async def test_a_file_without_questions_is_refused(
    tests: BatchTests, editor: StaffView, content: bytes, status: int
) -> None:
    with pytest.raises(RequestError) as error:
        await tests.test_file(editor, content, with_drafts=False)
    assert error.value.status == status


async def test_who_does_not_see_the_knowledge_may_not_ask(tests: BatchTests, office: Office) -> None:
    with pytest.raises(RequestError) as error:
        await tests.test_file(await office.hire("chen", "account_manager"), FILE, with_drafts=False)
    assert error.value.status == 403


async def test_without_the_knowledge_service_it_is_said(
    database: Database, clock: FixedClock, editor: StaffView
) -> None:
    http = ServiceClient("knowledge", "http://127.0.0.1:9", deadline=1, tries=1)
    away = BatchTests(database, EntryDrafts(database, KnowledgeClient(http), clock))
    with pytest.raises(RequestError) as error:
        await away.test_file(editor, FILE, with_drafts=False)
    assert error.value.status == 503
    await http.close()
