"""What customers say in numbers, and that there is none or some: fact_cases/ holds tables of text => facts.

A fact is written as `role value`, with - for no role: yuan have no unit, m are months, mu is land, ? is a number
without a unit. Then follow what else is known: /month, under, loss, part, more, (note).
"""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.catalogue import load_catalogue
from kit.money import format_months, format_yuan
from understanding.facts import find_facts
from understanding.schemas import Fact

TABLES = sorted((Path(__file__).parent / "fact_cases").glob("*.txt"))
CASES = [
    tuple(line.split(" => "))
    for table in TABLES
    for line in table.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
UNITS = {"sum": "", "span": "m", "area": "mu", "number": "?"}


def show(fact: Fact) -> str:
    """A fact in the tables' notation."""
    value = "-".join(f"{number:.12g}" for number in dict.fromkeys((fact.low, fact.high)) if number is not None)
    return " ".join(
        part
        for part in (
            fact.role or "-",
            value + UNITS.get(fact.kind, fact.kind),
            f"/{fact.period}" if fact.period else "",
            fact.bound,
            "loss" if fact.is_negative else "",
            "part" if fact.is_part else "",
            fact.change,
            f"({fact.note})" if fact.note else "",
        )
        if part
    )


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_facts(text: str, expected: str) -> None:
    assert "; ".join(map(show, find_facts(text))) == expected.replace("nothing", "")


def test_the_tables_name_each_text_once() -> None:
    texts = [text for text, _ in CASES]
    assert len(texts) > 900
    assert [text for text in set(texts) if texts.count(text) > 1] == []


def test_roles_are_questions_of_the_forms() -> None:
    roles = {fact.role for text, _ in CASES for fact in find_facts(text)}
    assert roles - {"", "other"} <= set(load_catalogue().questions)


# All that is said of a value goes with it, so that the rest is what else the message says.
RESTS = [
    ("一年收入8万左右", ""),
    ("做了5年了", ""),
    ("流水其实是80万", ""),
    ("不是8万是10万", ""),
    ("3456.78元", ""),
    ("二十亩地", ""),
    ("我想借5万块钱买化肥用一年", "买化肥"),
    ("有台拖拉机值6万", "有台"),
    ("以前欠5万 现在还清了", "以前"),
]


@pytest.mark.parametrize(("text", "rest"), RESTS)
def test_a_fact_covers_the_words_that_state_it(text: str, rest: str) -> None:
    characters = list(text)
    for fact in find_facts(text):
        characters[fact.start : fact.end] = [""] * (fact.end - fact.start)
    assert "".join(characters) == rest


PIECES = [
    *"0123456789.,，、。 一二两三四五六七八九十百千万亿半几点元块年月日天个亩期分到-的了是有不没无都还再多少加减快差",
    *(
        "欠",
        "借",
        "贷款",
        "收入",
        "流水",
        "农机",
        "拖拉机",
        "种",
        "地",
        "做了",
        "开店",
        "用",
        "房贷",
        "逾期",
        "征信",
        "还清",
    ),
    *(
        "每月",
        "一年",
        "一天",
        "不到",
        "左右",
        "大概",
        "不是",
        "写错了",
        "改成",
        "其中",
        "一共",
        "另外",
        "亏了",
        "没有",
        "月供",
    ),
    *("borrow ", "owe ", " years", " a year", "50k", "income "),
]
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))


@given(TEXTS)
@settings(max_examples=1_500)
def test_any_text_is_read(text: str) -> None:
    facts = find_facts(text)
    assert [fact.start for fact in facts] == sorted(fact.start for fact in facts)
    for fact in facts:
        assert 0 <= fact.start < fact.end <= len(text)
        if fact.kind in UNITS:
            assert fact.low is not None
            assert fact.high is not None
            assert 0 <= fact.low <= fact.high
        else:
            assert fact.kind in ("none", "some")
            assert fact.low is None


@given(TEXTS)
@settings(max_examples=300)
def test_reading_twice_says_the_same(text: str) -> None:
    assert find_facts(text) == find_facts(text)


BEFORE = ["", "你好，", "麻烦问下，", "老板，", "嗯，", "刚才没说，", "俺是柳河镇的，", "哦对了，"]
BEHIND = ["", "。", "，谢谢", "，你看行吗", "，别的没了", " 麻烦了", "，我也不太懂"]


@given(st.integers(1_000, 9_999_999), st.sampled_from(BEFORE), st.sampled_from(BEHIND))
def test_sums_survive_chatter(yuan: int, before: str, behind: str) -> None:
    for words, role in (("我想借", "amount"), ("一年收入", "household_income"), ("还欠信用社", "existing_debt")):
        (fact,) = [f for f in find_facts(f"{before}{words}{format_yuan(yuan)}{behind}") if f.kind == "sum"]
        assert (fact.role, fact.low, fact.high) == (role, yuan, yuan)


@given(st.integers(1, 240), st.sampled_from(BEFORE), st.sampled_from(BEHIND))
def test_spans_survive_chatter(months: int, before: str, behind: str) -> None:
    for words, role in (("想用", "term"), ("店开了", "years_in_business")):
        (fact,) = [f for f in find_facts(f"{before}{words}{format_months(months)}{behind}") if f.kind == "span"]
        assert (fact.role, fact.low, fact.high) == (role, months, months)


@given(st.integers(2, 999), st.integers(10_000, 900_000), st.integers(10_000, 900_000))
def test_several_facts_keep_to_their_words(mu: int, income: int, debt: int) -> None:
    text = f"种了{mu}亩地，一年收入{format_yuan(income)}，欠{format_yuan(debt)}"
    found = {fact.role: fact.low for fact in find_facts(text)}
    assert found == {"land_mu": mu, "household_income": income, "existing_debt": debt}


SLOW = [
    "欠5万",
    "收入8万，",
    "一年",
    "的话",
    "再加",
    "块钱",
    "点",
    "也就",
    "没有",
    "不是8万",
    "什么",
    "大概是",
    "都",
    "几",
    "1",
    "借",
    "borrow 5k ",
]


@pytest.mark.parametrize("piece", SLOW)
def test_long_texts_take_no_time(piece: str) -> None:
    started = time.process_time()
    find_facts((piece * 500)[:500])
    find_facts("收入" + (piece * 500)[:500] + "5万")
    assert time.process_time() - started < 1
