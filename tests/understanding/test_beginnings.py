"""Since when a business is run, and how long that is."""

from datetime import date

import pytest

from understanding.beginnings import count_since
from understanding.read import read_message

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2019年开的", 83, 83),
        ("一九年成立的", 83, 83),
        ("二零一八年注册", 95, 95),
        ("98年就干起了", 335, 335),
        ("2024年3月才开业", 32, 32),
        ("2024年", 23, 34),
        ("2019吧", 83, 83),
        ("大前年", 35, 46),
        ("前年底开的店", 23, 23),
        ("去年开的", 11, 22),
        ("去年10月份开的张", 13, 13),
        ("今年刚开的", 1, 10),
        ("今年3月份才开始做", 8, 8),
        ("今年12月开", 0, 0),
    ],
)
def test_a_beginning_is_counted_until_today(text: str, low: int, high: int) -> None:
    (fact,) = read_message(text, "years").facts
    counted = count_since(fact, TODAY)
    assert (counted.kind, counted.role, counted.low, counted.high) == ("span", "years_in_business", low, high)


def test_other_facts_of_the_message_stay() -> None:
    facts = read_message("我2019年开的店，一年流水60万", "years").facts
    assert [(fact.role, fact.kind) for fact in facts] == [("years_in_business", "since"), ("annual_turnover", "sum")]
    assert count_since(facts[1], TODAY) == facts[1]


@pytest.mark.parametrize("text", ["去年开始生意不好", "去年收入8万", "2019年开的户", "去年开通的网银", "今年想借5万"])
def test_another_event_of_a_year_is_no_beginning(text: str) -> None:
    assert "since" not in {fact.kind for fact in read_message(text, "years").facts}


def test_a_year_alone_is_one_only_where_it_was_asked() -> None:
    assert "since" not in {fact.kind for fact in read_message("2019年", "yearly_amount").facts}
