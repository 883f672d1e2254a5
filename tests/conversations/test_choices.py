"""Which choices last, and which one a typed text stands for; what may mean something else is left alone."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.choices import is_answer, is_lasting, match_choice


@dataclass(frozen=True)
class Shown:
    title: str
    number: int | None


TRADES = [Shown("种地养殖", 1), Shown("开店、摆摊", 2), Shown("转人工！", 3)]
MANY = [Shown(f"第{n}项业务", n) for n in range(1, 12)]
UNNUMBERED = [Shown("还没想好", None), Shown("5万", None)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("１", 1),
        ("①", 1),
        ("1.", 1),
        ("1。", 1),
        ("1、", 1),
        ("1)", 1),
        ("1）", 1),
        (" 1 \n", 1),
        ("(1)", 1),
        ("（1）", 1),
        ("【1】", 1),
        ("「1」", 1),
        ("选1", 1),
        ("我选1", 1),
        ("第1", 1),
        ("第一", 1),
        ("第1个", 1),
        ("第一个", 1),
        ("选第一个", 1),
        ("我选第一个", 1),
        ("我选第一个。", 1),
        ("1号", 1),
        ("第一项", 1),
        ("一", 1),
        ("二", 2),
        ("2", 2),
        ("03", 3),
        ("3！", 3),
        ("第三个！", 3),
        ("种地养殖", 1),
        ("「种地养殖」", 1),
        ("种地养殖。", 1),
        ("开店、摆摊", 2),
        (" 开店、摆摊！", 2),
        ("转人工", 3),
        ("转人工!", 3),
        ("转人工！", 3),
    ],
)
def test_a_choice_is_taken_by_its_title_or_number(text: str, number: int) -> None:
    found = match_choice(text, TRADES)
    assert found
    assert found.number == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "。",
        "0",
        "4",
        "10",
        "十",
        "100",
        "5万",
        "1万",
        "1年",
        "一年",
        "1%",
        "1亩",
        "1.5",
        "12",
        "1-2",
        "1 2",
        "1和2",
        "-1",
        "我要1个",
        "我有1个孩子",
        "第一次贷款",
        "一样的",
        "不选1",
        "一二",
        "十一",
        "种地",
        "我种地养殖",
        "种地养殖贷款要什么材料",
        "不要转人工",
        "你好",
    ],
)
def test_a_text_of_its_own_is_no_choice(text: str) -> None:
    assert match_choice(text, TRADES) is None


@pytest.mark.parametrize(("text", "number"), [("10", 10), ("十", 10), ("第十个", 10), ("11", 11), ("1", 1)])
def test_long_lists_are_numbered_on(text: str, number: int) -> None:
    assert match_choice(text, MANY) == MANY[number - 1]


@pytest.mark.parametrize("text", ["1", "2", "第一个", "一", "5"])
def test_no_number_chooses_where_the_question_awaits_one(text: str) -> None:
    assert match_choice(text, UNNUMBERED) is None


@pytest.mark.parametrize(("text", "title"), [("还没想好", "还没想好"), ("5万", "5万"), ("５万。", "5万")])
def test_titles_do(text: str, title: str) -> None:
    found = match_choice(text, UNNUMBERED)
    assert found
    assert found.title == title


def test_a_title_comes_before_a_number() -> None:
    years = [Shown("2", 1), Shown("1", 2)]
    assert match_choice("1", years) == years[1]


def test_where_nothing_was_shown_nothing_is_chosen() -> None:
    assert match_choice("1", []) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert match_choice(text, TRADES) in [None, *TRADES]


@pytest.mark.parametrize(
    "payload",
    [
        "/check_quota",
        "/apply_for_loan",
        '/apply_for_loan{"product": "商户贷"}',
        "/request_human",
        "/ask_question",
        '/ask_question{"entry_id": "loans/rate"}',
        "/check_application_status",
        '/check_application_status{"number": "QH20261126ABCD"}',
        "/calculate_repayment",
        "/words",
        "/withdraw",
        '/withdraw{"number": "QH20261126ABCD"}',
    ],
)
def test_what_starts_or_asks_lasts(payload: str) -> None:
    assert is_lasting(payload)


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "/",
        "check_quota",
        "/affirm",
        "/deny",
        "/cancel",
        "/inform",
        '/inform{"product": "check_quota"}',
        '/inform{"x": "/check_quota"}',
        "/check_quotas",
        "/apply_for_loan_now",
        "/resume_application",
        "/withdraw_confirmed",
        '/withdraw{"number": "QH20261126ABCD", "is_confirmed": true}',
        "/handoff_return",
        "/handoff_callback",
    ],
)
def test_what_agrees_submits_or_answers_does_not(payload: str) -> None:
    assert not is_lasting(payload)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [('/affirm{"of": "application_confirmed"}', True), ("/deny", True), ("/affirmed", False), ("/inform", False)],
)
def test_what_agrees_or_disagrees_is_an_answer(payload: str, expected: bool) -> None:
    assert is_answer(payload) is expected
