"""Which golden questions a draft breaks, and which it does not."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from kit.database import Database
from knowledge.golden_questions import GoldenQuestion, add_golden_questions
from knowledge.schemas import EntryText
from knowledge.service import Knowledge
from knowledge.trials import QUESTIONS_MAX, DraftIn, Failure, Finding, choose_nearest, find_failures
from tests.fakes import FixedClock
from tests.knowledge.entries import CARD, ENTRIES, NOW, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder

LOST, OPEN, NONE = Finding("card-lost", True), Finding("card-open", True), Finding(None, False)
UNSURE = Finding("card-open", False)
TITLES = {"card-lost": "卡丢了怎么办", "card-open": "怎么开卡"}
QUESTION = "卡找不到了"


@pytest.mark.parametrize(
    ("entry_id", "before", "after", "new", "expected"),
    [
        ("card-lost", LOST, LOST, "card-lost", None),
        ("card-lost", LOST, OPEN, "card-open", ("卡丢了怎么办", "怎么开卡")),  # stolen
        ("card-lost", LOST, NONE, "", ("卡丢了怎么办", None)),
        ("card-lost", LOST, UNSURE, "card-open", ("卡丢了怎么办", "怎么开卡")),
        ("card-lost", OPEN, OPEN, "", None),  # was wrong before
        ("card-lost", OPEN, OPEN, "card-lost", ("卡丢了怎么办", "怎么开卡")),  # but a new entry must be found
        ("card-lost", OPEN, LOST, "card-lost", None),
        ("gone", LOST, OPEN, "card-open", None),  # there is no such entry any more
        (None, UNSURE, UNSURE, "", None),
        (None, NONE, OPEN, "", (None, "怎么开卡")),
        (None, OPEN, OPEN, "", None),
        (None, OPEN, NONE, "", None),
    ],
)
def test_a_draft_is_held_to_what_it_changes(
    entry_id: str | None, before: Finding, after: Finding, new: str, expected: tuple[str | None, str | None] | None
) -> None:
    questions = [GoldenQuestion(QUESTION, entry_id)]
    failures = list(find_failures(questions, {QUESTION: before}, {QUESTION: after}, {new}, TITLES))
    assert failures == ([Failure(text=QUESTION, expected=expected[0], found=expected[1])] if expected else [])


def test_of_many_questions_those_near_the_draft_are_asked() -> None:
    near, far = np.eye(3, dtype=np.float32)[:2]
    others = [GoldenQuestion(f"远{number}", None) for number in range(QUESTIONS_MAX + 5)]
    questions = [*others, GoldenQuestion("近", "card-lost")]
    vectors = {question.text: far for question in others} | {"近": near, "草稿": near}
    asked = choose_nearest(questions, ["草稿"], vectors)
    assert len(asked) == QUESTIONS_MAX
    assert questions[-1] in asked
    assert choose_nearest(questions[:3], ["草稿"], vectors) == questions[:3]


@pytest.fixture
async def knowledge(database: Database) -> AsyncIterator[Knowledge]:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    async with database.transaction() as session:
        add_golden_questions(session, ["我的卡丢了"], "card-lost", NOW)
        add_golden_questions(session, ["农户贷的利率是多少"], "loan-rate", NOW)
        add_golden_questions(session, ["玉米卖给谁"], None, NOW)
    opened = Knowledge(database, HashingEncoder(), FixedClock())
    await opened.open()
    yield opened
    await opened.close()


def draft(entry_id: str, question: str, *similar: str, is_retired: bool = False) -> DraftIn:
    content = EntryText(
        category="loans", question=question, similar_questions=list(similar), answer="好的", is_retired=is_retired
    )
    return DraftIn.read(entry_id, content)


async def test_a_harmless_draft_breaks_nothing(knowledge: Knowledge) -> None:
    trial = await knowledge.try_out([draft("branch-toilet", "网点有没有洗手间", "大厅能上厕所吗")])
    assert (trial.questions, trial.failures) == (3, [])


async def test_a_draft_that_takes_anothers_question_is_told(knowledge: Knowledge) -> None:
    trial = await knowledge.try_out([draft("card-found", "捡到别人的卡", "我的卡丢了", "我的卡丢了呀")])
    assert trial.failures == [Failure(text="我的卡丢了", expected=CARD[1], found="捡到别人的卡")]


async def test_a_draft_that_lists_anothers_text_is_told(knowledge: Knowledge) -> None:
    trial = await knowledge.try_out([draft("toilet", "网点有没有洗手间", "几点能上厕所", "周六上不上班？")])
    assert trial.failures == [Failure(text="周六上不上班？", expected="网点几点开门", found="网点有没有洗手间")]


async def test_two_drafts_with_the_same_text_are_told(knowledge: Knowledge) -> None:
    drafts = [draft("toilet", "网点有没有洗手间", "大厅有厕所吗"), draft("wc", "厕所在哪", "大厅有厕所吗？")]
    trial = await knowledge.try_out(drafts)
    assert trial.failures == [Failure(text="大厅有厕所吗？", expected="网点有没有洗手间", found="厕所在哪")]


async def test_a_text_may_move_from_one_entry_to_another(database: Database, knowledge: Knowledge) -> None:
    await store(database, make_entry("toilet", "网点有没有洗手间", ["大厅有厕所吗"]))
    await knowledge.refresh()
    drafts = [draft("toilet", "网点有没有洗手间"), draft("wc", "厕所在哪", "大厅有厕所吗")]
    assert (await knowledge.try_out(drafts)).failures == []


async def test_a_draft_that_answers_what_must_not_be_is_told(knowledge: Knowledge) -> None:
    trial = await knowledge.try_out([draft("corn", "玉米卖给谁", "哪里收玉米")])
    assert [(failure.text, failure.expected) for failure in trial.failures] == [("玉米卖给谁", None)]


async def test_a_trial_changes_nothing(knowledge: Knowledge) -> None:
    before = await knowledge.search("玉米卖给谁", 3)
    await knowledge.try_out([draft("corn", "玉米卖给谁")])
    assert await knowledge.search("玉米卖给谁", 3) == before


async def test_an_entry_whose_text_another_has_already_can_still_be_changed(
    database: Database, knowledge: Knowledge
) -> None:
    await store(database, make_entry("toilet", "网点有没有洗手间", ["周六上不上班"]))
    await knowledge.refresh()
    assert (await knowledge.try_out([draft("toilet", "网点有没有洗手间", "周六上不上班")])).failures == []


async def test_of_many_questions_a_draft_that_takes_back_a_text_is_tried_too(
    database: Database, knowledge: Knowledge
) -> None:
    await store(database, make_entry("toilet", "网点有没有洗手间", ["大厅能上厕所吗"]))
    async with database.transaction() as session:
        add_golden_questions(session, [f"第{n}个问题" for n in range(QUESTIONS_MAX)], None, NOW)
    await knowledge.refresh()
    for trial in (draft("toilet", "洗手间在哪"), draft("toilet", "洗手间在哪", is_retired=True)):
        assert (await knowledge.try_out([trial])).questions == QUESTIONS_MAX


async def test_the_questions_of_a_retired_entry_are_no_hindrance(knowledge: Knowledge) -> None:
    trial = await knowledge.try_out([draft("card-lost", CARD[1], is_retired=True)])
    assert trial.failures == []


async def test_texts_that_are_nearly_anothers_are_found(knowledge: Knowledge) -> None:
    found = (await knowledge.find_alike(["卡丢了怎么办呀", "网点有没有洗手间"], None)).alike
    assert [(each.text, each.nearest, each.entry_id) for each in found] == [
        ("卡丢了怎么办呀", "卡丢了怎么办", "card-lost")
    ]
    assert (await knowledge.find_alike(["卡丢了怎么办呀"], "card-lost")).alike == []
