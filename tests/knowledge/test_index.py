"""Which entries a question finds, and when one of them is taken for the answer."""

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge.index import Entries, Index, judge
from tests.knowledge.hashing_encoder import HashingEncoder

ENCODER = HashingEncoder()
ENTRIES = {
    "card-lost": ["银行卡丢了怎么挂失", "卡丢了怎么办", "卡不见了想挂失", "银行卡被偷了"],
    "card-password": ["银行卡密码忘了怎么办", "取款密码记不得了", "卡密码输错锁住了", "怎么改密码"],
    "loan-rate": ["农户贷利息多少", "贷款年利率是多少", "借一万利息多少钱", "利率高不高"],
    "loan-documents": ["办贷款要带什么材料", "贷款需要哪些证件", "要不要带户口簿", "贷款资料清单"],
    "branch-hours": ["网点几点开门", "周六上不上班", "银行几点下班", "营业时间是几点"],
}
QUESTIONS = {
    "我的银行卡丢了": "card-lost",
    "卡密码忘记了": "card-password",
    "农户贷的利率是多少": "loan-rate",
    "贷款要什么证件": "loan-documents",
    "周六几点开门": "branch-hours",
}


FOREIGN = ["明天会下雨吗", "给我讲个故事", "西瓜苗子蔫了", "快递到了没有", "你会唱歌吗", "玉米卖给谁", "附近有药店吗"]


def build(entries: Entries, foreign: Sequence[str] = FOREIGN) -> Index:
    texts = [*(text for own in entries.values() for text in own), *foreign]
    return Index(entries, dict(zip(texts, ENCODER.encode(texts), strict=True)), foreign)


def search(index: Index, question: str, k: int = 3) -> tuple[str, list[tuple[str, float]]]:
    matches = index.search(question, ENCODER.encode([question])[0], k)
    return judge([score for _, score in matches]), matches


@pytest.fixture(scope="module")
def index() -> Index:
    return build(ENTRIES)


@pytest.mark.parametrize(("question", "entry_id"), QUESTIONS.items())
def test_question_in_other_words_finds_its_entry(index: Index, question: str, entry_id: str) -> None:
    outcome, matches = search(index, question)
    assert matches[0][0] == entry_id
    assert outcome != "none"


def test_every_question_that_an_entry_lists_is_answered_by_it(index: Index) -> None:
    for entry_id, texts in ENTRIES.items():
        for text in texts:
            outcome, matches = search(index, text)
            assert (outcome, matches[0][0]) == ("answer", entry_id)


@pytest.mark.parametrize("text", ["今天天气真好", "hello", "讲个笑话吧", "？？？", " "])
def test_foreign_text_finds_nothing(index: Index, text: str) -> None:
    assert search(index, text)[0] == "none"


def test_question_between_two_entries_finds_both_and_is_less_sure(index: Index) -> None:
    matches = search(index, "银行卡丢了密码也忘了怎么办")[1]
    assert {matches[0][0], matches[1][0]} == {"card-lost", "card-password"}
    assert matches[0][1] < search(index, "银行卡密码也忘了怎么办")[1][0][1]


def test_scores_lie_between_0_and_1_and_fall(index: Index) -> None:
    for question in QUESTIONS:
        scores = [score for _, score in search(index, question, k=5)[1]]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize(("k", "expected"), [(1, 1), (3, 3), (10, 5)])
def test_gives_at_most_k_matches(index: Index, k: int, expected: int) -> None:
    assert len(search(index, "银行卡丢了", k)[1]) == expected


def test_order_of_entries_does_not_matter(index: Index) -> None:
    reversed_index = build(dict(reversed(ENTRIES.items())))
    for question in QUESTIONS:
        here, there = search(index, question), search(reversed_index, question)
        assert [name for name, _ in here[1]] == [name for name, _ in there[1]]
        assert [score for _, score in here[1]] == pytest.approx([score for _, score in there[1]], abs=0.01)


def test_new_similar_question_is_found_after_rebuilding() -> None:
    question = "半夜能不能找人停卡"
    more = {"card-lost": [*ENTRIES["card-lost"], question]}
    assert search(build(ENTRIES | more), question)[1][0][0] == "card-lost"


def test_wording_tells_entries_apart_where_vectors_do_not() -> None:
    same = np.eye(4, dtype=np.float32)[0]
    index = Index(ENTRIES, {text: same for texts in ENTRIES.values() for text in texts})
    for question, entry_id in QUESTIONS.items():
        assert index.search(question, same)[0][0] == entry_id


def test_vectors_tell_entries_apart_where_wording_does_not(index: Index) -> None:
    for entry_id, (question, *_) in ENTRIES.items():
        vector = ENCODER.encode([question])[0]
        assert index.search("????", vector)[0][0] == entry_id


def test_index_without_entries_finds_nothing() -> None:
    assert search(build({}), "银行卡丢了") == ("none", [])


def test_one_entry_alone_answers_its_question_only() -> None:
    alone = build({"card-lost": ["银行卡丢了怎么挂失"]})
    assert search(alone, "银行卡丢了怎么挂失")[0] == "answer"
    assert search(alone, "今天天气真好")[0] == "none"


def test_two_entries_are_told_apart() -> None:
    two = build({name: ENTRIES[name] for name in ("card-lost", "card-password")})
    assert search(two, "卡被偷了")[1][0][0] == "card-lost"
    assert search(two, "密码锁住了")[1][0][0] == "card-password"


def test_same_text_in_two_entries_is_suggested_not_answered() -> None:
    twins = {"a": ["怎么取消", "取消一下"], "b": ["怎么取消", "撤销申请"], **ENTRIES}
    outcome, matches = search(build(twins), "怎么取消")
    assert outcome == "suggest"
    assert {matches[0][0], matches[1][0]} == {"a", "b"}


def test_text_without_a_vector_is_an_error() -> None:
    with pytest.raises(KeyError, match="卡丢了怎么办"):
        Index({"lost": ["丢卡", "卡丢了怎么办"]}, {"丢卡": np.ones(4, np.float32)})
