"""Batch tests: many questions from a file, or the golden ones, asked as customers do, and a report of the answers."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated

from pydantic import BaseModel, Field

from desk.entry_drafts import EntryDrafts
from desk.schemas import StaffView
from imports.cells import TEXT
from imports.columns import Column
from imports.plan import make_plan
from imports.reading import read_table
from kit.database import Database
from kit.errors import RequestError
from knowledge.batch_tests import GOOD, NOT_ANSWERED, QUESTIONS_MAX, TEXT_MAX, BatchAnswer, BatchQuestion, Verdict
from knowledge.golden_questions import list_golden_questions
from knowledge.schemas import Outcome

NONE_EXPECTED = "不答"
NOTHING = "不回答"
VERDICTS: Mapping[Verdict, str] = {
    "right": "答对",
    "offered": "在选项里",
    "missed": "没答上",
    "wrong": "答错",
    "silent": "没答，对",
    "answered": "不该答却答了",
    "unknown": "没有这条知识",
}
OUTCOMES: Mapping[Outcome, str] = {"answer": "直接回答", "suggest": "让客户选", "none": NOTHING}
# Lower ends of the classes of certainty, and what they are called.
CERTAINTIES = {0.9: "90%以上", 0.65: "65%到90%", 0.3: "30%到65%", 0.1: "10%到30%", 0.0: "10%以下"}

_GOOD_NAMES = {VERDICTS[verdict] for verdict in GOOD}


class BatchRow(BaseModel):
    """A row of the file."""

    text: Annotated[
        str,
        Field(max_length=TEXT_MAX),
        Column("问题", TEXT, "收割机补贴咋领", "客户会怎么问", ("客户问题", "问法", "问句", "测试问题")),
    ]
    expected: Annotated[
        str | None,
        Column(
            "该答的知识",
            TEXT,
            "收割机补贴怎么领？",
            f"知识的问题、问法或编号；写“{NONE_EXPECTED}”表示不该回答；不填就只看找到什么",
            ("标准问题", "答案", "应答", "期望"),
        ),
        Field(max_length=TEXT_MAX),
    ] = None


class ReportRow(BaseModel):
    """A row of the report; what the drafts would change stands beside it."""

    text: Annotated[str, Column("问题", TEXT, "")]
    expected: Annotated[str | None, Column("该答的知识", TEXT, "")] = None
    verdict: Annotated[str, Column("结果", TEXT, "")]
    found: Annotated[str | None, Column("找到的知识", TEXT, "")] = None
    score: Annotated[str, Column("把握", TEXT, "")]
    drafted_verdict: Annotated[str | None, Column("发布草稿后的结果", TEXT, "")] = None
    drafted_found: Annotated[str | None, Column("发布草稿后找到的知识", TEXT, "")] = None

    @property
    def is_good(self) -> bool:
        """Whether customers get what was expected."""
        return self.verdict in _GOOD_NAMES

    @property
    def is_good_drafted(self) -> bool:
        """Whether they would with the drafts."""
        return self.drafted_verdict in _GOOD_NAMES

    @property
    def is_changed(self) -> bool:
        """Whether the drafts change what customers get."""
        return self.drafted_verdict is not None and (self.verdict, self.found) != (
            self.drafted_verdict,
            self.drafted_found,
        )


@dataclass(frozen=True, slots=True)
class BatchReport:
    """All rows; how many came out in each way, the best first, also with the drafts; how certain the first hits are.

    `problems` say which rows of the file were not asked.
    """

    rows: Sequence[ReportRow]
    counts: Mapping[str, int]
    drafted_counts: Mapping[str, int]
    certainties: Mapping[str, int]
    problems: Sequence[str]


class BatchTests:
    """Each method raises RequestError: 403, 4xx for a file that cannot be read, 503 without the knowledge service."""

    def __init__(self, database: Database, drafts: EntryDrafts) -> None:
        self._database = database
        self._drafts = drafts

    async def test_file(self, staff: StaffView, content: bytes, *, with_drafts: bool) -> BatchReport:
        """The questions of an xlsx or csv; rows that cannot be read are left out and said."""
        rows, problems = await asyncio.to_thread(_read_rows, content)
        questions = [BatchQuestion(text=row.text, expected=_read_expected(row.expected)) for row in rows]
        return await self._test(staff, questions, problems, with_drafts=with_drafts)

    async def test_golden(self, staff: StaffView, *, with_drafts: bool) -> BatchReport:
        """The newest golden questions."""
        async with self._database.reading() as session:
            golden = await list_golden_questions(session)
        questions = [BatchQuestion(text=each.text, expected=each.entry_id or NOT_ANSWERED) for each in golden]
        left = len(questions) - QUESTIONS_MAX
        problems = [f"必测题有{len(questions)}道，这次试了最新的{QUESTIONS_MAX}道"] if left > 0 else []
        return await self._test(staff, questions[-QUESTIONS_MAX:], problems, with_drafts=with_drafts)

    async def _test(
        self, staff: StaffView, questions: Sequence[BatchQuestion], problems: Sequence[str], *, with_drafts: bool
    ) -> BatchReport:
        if not questions:
            raise RequestError(422, "no_questions", problems[0] if problems else "没有可以试的问题")
        found = await self._drafts.test_all(staff, questions, with_drafts=with_drafts)
        drafted = found.drafted or []
        rows = [_report(*each) for each in zip_longest(questions, found.published, drafted)]
        return BatchReport(rows, _count(found.published), _count(drafted), _class(found.published), problems)


def _read_rows(content: bytes) -> tuple[list[BatchRow], list[str]]:
    plan = make_plan(read_table(content), BatchRow, "text", {})
    rows = [row.values for row in plan.rows if row.values and not row.problems]
    if len(rows) > QUESTIONS_MAX:
        raise RequestError(413, "too_many_rows", f"一次最多试{QUESTIONS_MAX}个问题，请分几份")
    return rows, [*plan.notes, *plan.problems]


def _read_expected(expected: str | None) -> str | None:
    return NOT_ANSWERED if expected == NONE_EXPECTED else expected


def _report(question: BatchQuestion, asked: BatchAnswer, drafted: BatchAnswer | None) -> ReportRow:
    return ReportRow(
        text=question.text,
        expected=NONE_EXPECTED if question.expected == NOT_ANSWERED else asked.expected or question.expected,
        verdict=_name(asked),
        found=_name_first(asked),
        score=f"{asked.score:.0%}",
        drafted_verdict=_name(drafted) if drafted else None,
        drafted_found=_name_first(drafted) if drafted else None,
    )


def _name(asked: BatchAnswer) -> str:
    return VERDICTS.get(asked.verdict, OUTCOMES[asked.outcome])


def _name_first(asked: BatchAnswer) -> str | None:
    return asked.found[0] if asked.found and asked.outcome != "none" else None


def _count(asked: Sequence[BatchAnswer]) -> Mapping[str, int]:
    counted = Counter(_name(each) for each in asked)
    return {name: counted[name] for name in [*VERDICTS.values(), *OUTCOMES.values()] if counted[name]}


def _class(asked: Sequence[BatchAnswer]) -> Mapping[str, int]:
    counted = Counter(next(name for low, name in CERTAINTIES.items() if each.score >= low) for each in asked)
    return {name: counted[name] for name in CERTAINTIES.values()}
