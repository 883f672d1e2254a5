"""Many questions are asked at once, as customers would, and judged by what was expected."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from knowledge.batch_tests import BatchQuestion, BatchTestIn, Verdict
from knowledge.service import Knowledge
from knowledge.trials import DraftIn
from tests.knowledge.entries import CARD, ENTRIES, LESSONS, RATE, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder


@pytest.fixture
async def knowledge(database: Database) -> AsyncIterator[Knowledge]:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    opened = Knowledge(database, HashingEncoder(), lessons=LESSONS)
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("text", "expected", "verdict"),
    [
        ("卡丢了怎么办", "card-lost", "right"),
        ("卡丢了怎么办", CARD[1], "right"),
        ("卡丢了怎么办", " 卡不见了想挂失。", "right"),
        ("卡丢了怎么办", "loan-rate", "wrong"),
        ("玉米卖给谁", "loan-rate", "missed"),
        ("玉米卖给谁", "", "silent"),
        ("卡丢了怎么办", "", "answered"),
        ("卡丢了怎么办", "没有这条知识", "unknown"),
        ("卡丢了怎么办", None, "untold"),
    ],
)
async def test_an_answer_is_judged_by_what_was_expected(
    knowledge: Knowledge, text: str, expected: str | None, verdict: Verdict
) -> None:
    test = BatchTestIn(questions=[BatchQuestion(text=text, expected=expected)])
    assert [asked.verdict for asked in (await knowledge.test_all(test)).published] == [verdict]


async def test_it_asks_as_the_search_does_in_the_order_of_the_questions(knowledge: Knowledge) -> None:
    texts = ["我的卡丢了呀", "玉米卖给谁", "借一万利息多少钱", "我的卡丢了呀"]
    found = await knowledge.test_all(BatchTestIn(questions=[BatchQuestion(text=text) for text in texts]))
    assert found.drafted is None
    for text, asked in zip(texts, found.published, strict=True):
        searched = await knowledge.search(text, 3)
        assert (asked.outcome, asked.found) == (searched.outcome, [match.question for match in searched.matches])
        assert asked.score == pytest.approx(searched.matches[0].score, abs=1e-6)


async def test_several_drafts_are_tried_together(knowledge: Knowledge) -> None:
    drafts = [
        DraftIn(entry_id="toilet", question="网点有没有洗手间", similar_questions=["大厅能上厕所吗"]),
        DraftIn(entry_id="loan-rate", question=RATE[1], similar_questions=[], is_retired=True),
    ]
    questions = [
        BatchQuestion(text="网点有没有洗手间", expected="toilet"),
        BatchQuestion(text=RATE[1], expected="loan-rate"),
    ]
    found = await knowledge.test_all(BatchTestIn(questions=questions, drafts=drafts))
    assert [asked.verdict for asked in found.published] == ["unknown", "right"]
    assert found.drafted is not None
    assert [asked.verdict for asked in found.drafted] == ["right", "unknown"]
