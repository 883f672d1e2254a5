"""When and how much is repaid early, as customers ask about it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.prepayments import find_prepayment
from understanding.read import read_message


def find(text: str) -> dict[str, int] | None:
    reading = read_message(text)
    return find_prepayment(reading.plain, reading.facts)


@pytest.mark.parametrize(
    ("text", "month", "prepaid"),
    [
        ("第12个月提前还5万能省多少利息", 12, 50_000),
        ("第十二个月提前还五万", 12, 50_000),
        ("第6期提前还3万省多少", 6, 30_000),
        ("一年后提前还5万能省多少", 12, 50_000),
        ("还了18个月提前还两万划算吗", 18, 20_000),
        ("第1年末提前还5万，能少还多少", 12, 50_000),
        ("要是半年后提前还款8000呢", 6, 8_000),
        ("借10万三年，第12个月提前还5万能省多少利息", 12, 50_000),
        ("prepay 50,000 in month 12", 12, 50_000),
        ("if I repay 50,000 yuan after 12 months how much do I save", 12, 50_000),
    ],
)
def test_a_sum_and_a_time(text: str, month: int, prepaid: int) -> None:
    assert find(text) == {"month": month, "prepaid": prepaid}


@pytest.mark.parametrize(
    "text", ["两年后一次还清能省多少利息", "第24个月提前结清", "借10万三年第24期全部还清", "pay off in month 24"]
)
def test_all_of_it(text: str) -> None:
    assert find(text) == {"month": 24}


@pytest.mark.parametrize(
    "text",
    [
        "提前还款能省多少利息",
        "提前还5万能省多少",
        "提前还清划算吗",
        "第12个月提前还一些能省吗",
        "how much do I save if I repay early",
    ],
)
def test_what_has_to_be_asked(text: str) -> None:
    assert find(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "提前还款有违约金吗",
        "能提前还款吗",
        "到期一次还清",
        "每月还多少",
        "借10万三年",
        "怎么提前还",
        "can I repay early",
        "5万",
    ],
)
def test_what_asks_nothing_of_the_kind(text: str) -> None:
    assert find(text) is None


@given(st.text("第十二0个月期年提前还清省5万元 repayearlymonth", max_size=40))
def test_reads_any_text(text: str) -> None:
    found = find(text)
    assert found is None or all(value > 0 for key, value in found.items() if key == "prepaid")


@pytest.mark.parametrize("piece", ["提前还", "第十", "repay ", "一次还清", "month "])
def test_takes_no_longer_for_repetitions(piece: str) -> None:
    started = time.thread_time()
    find_prepayment((piece * 1_000)[:1_000], ())
    assert time.thread_time() - started < 0.1
