"""What the knowledge team may write."""

from typing import Any

import pytest

from knowledge.entry_fields import CATEGORY_NAMES, clean_entry, find_problems
from knowledge.seeding import read_seed
from tests.knowledge.entries import NOW

GOOD: dict[str, Any] = {
    "category": "loans",
    "question": "农户贷利息多少？",
    "similar_questions": ["贷款利率"],
    "answer": "年利率{rate:农户贷}。",
}


def test_a_good_draft_has_no_problems() -> None:
    assert find_problems(clean_entry(GOOD), NOW) == {}


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"category": None}, "category", "请填写主题"),
        ({"category": "shoes"}, "category", "请选择主题"),
        ({"question": " "}, "question", "请填写2到60字的问题"),
        ({"question": "长" * 61}, "question", "请填写2到60字的问题"),
        ({"similar_questions": ["长" * 129]}, "similar_questions", "每条最多128字"),
        ({"similar_questions": [f"问法{i}" for i in range(501)]}, "similar_questions", "最多500条"),
        ({"answer": ""}, "answer", "请填写5到300字的答案"),
        ({"answer": "年利率{rate:果园贷}。"}, "answer", "产品目录里没有{rate:果园贷}"),
        ({"answer": "年利率{price:农户贷}。"}, "answer", "产品目录里没有{price:农户贷}"),
        ({"answer": "年利率{rate:农户贷。"}, "answer", "产品目录里没有{"),
        ({"answer_wechat": "年利率{rate:果园贷}。"}, "answer_wechat", "产品目录里没有{rate:果园贷}"),
        ({"answer_telegram": "长" * 301}, "answer_telegram", "最多300字"),
        ({"answer_web": "见https://thief.example"}, "answer_web", "链接只能指向www.bank.example"),
        ({"question_english": "Why?", "answer_english": "x" * 301}, "answer_english", "最多300字"),
        ({"answer": "见https://thief.example"}, "answer", "链接只能指向www.bank.example"),
        (
            {"question_english": "How much?", "answer_english": "See http://www.bank.example"},
            "answer_english",
            "网址要以https://开头",
        ),
        ({"question_english": "How much?"}, "answer_english", "英文问题和英文答案要一起填"),
        ({"answer_english": "A lot."}, "question_english", "英文问题和英文答案要一起填"),
        ({"question_english": "x" * 49, "answer_english": "A lot."}, "question_english", "最多48个字符"),
        ({"source": "据" * 201}, "source", "最多200字"),
        ({"expires_at": "2026-06-30T00:00:00+08:00"}, "expires_at", "到期要晚于生效和现在"),
        ({"expires_at": "soon"}, "expires_at", "请填写到期"),
    ],
)
def test_what_will_not_do_is_said_beside_its_field(changes: dict[str, Any], field: str, reason: str) -> None:
    problems = find_problems(clean_entry(GOOD | changes), NOW, ("www.bank.example",))
    assert list(problems) == [field]
    assert problems[field].startswith(reason)


def test_a_retired_entry_needs_no_answer() -> None:
    assert find_problems(clean_entry(GOOD | {"answer": "", "is_retired": True}), NOW) == {}


def test_similar_questions_are_cleaned_and_each_stands_once() -> None:
    given = ["贷款利率", " 贷款利率？ ", "", "农户贷利息多少", "利息\u200b高吗"]
    assert clean_entry(GOOD | {"similar_questions": given})["similar_questions"] == ["贷款利率", "利息高吗"]


def test_every_entry_of_the_seed_could_have_been_written_by_the_team() -> None:
    problems = {}
    for category, entry in read_seed():
        english = entry.english
        content = clean_entry(
            {
                "category": category,
                "question": entry.question,
                "similar_questions": entry.list_similar(),
                "answer": entry.answer,
                "question_english": english and english.question,
                "answer_english": english and english.answer,
                "source": entry.source,
            }
        )
        if found := find_problems(content, NOW):
            problems[entry.id] = found
    assert problems == {}


def test_every_topic_of_the_seed_has_a_name() -> None:
    assert {category for category, _ in read_seed()} <= CATEGORY_NAMES.keys()
