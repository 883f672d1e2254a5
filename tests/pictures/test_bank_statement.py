"""Statements: whose, when, what came in and went out; the balances must agree."""

import pytest

from pictures.bank_statement import read_statement
from tests.pictures.pages import make_page


def write_statement(came: str = "12,345.60", went: str = "2,000.00", closing: str = "20,345.60") -> str:
    return f"""
个人账户交易明细
户名：朱春国        账号：6229990072435954590
起止日期：2026-04-01 至 2026-06-29
交易日期    摘要    收入金额    支出金额    余额
        期初余额                10,000.00
2026-04-03    货款    12,345.60        22,345.60
        期末余额                {closing}
收入合计：{came}        支出合计：{went}
"""


def test_a_statement_is_read() -> None:
    assert read_statement(make_page(write_statement())) == {
        "name": "朱春国",
        "account": "4590",
        "period_from": "2026-04-01",
        "period_to": "2026-06-29",
        "total_in": 12345.6,
        "total_out": 2000.0,
    }


def test_no_more_of_the_account_is_given_than_its_end() -> None:
    assert "62299900" not in str(read_statement(make_page(write_statement())))


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("balances that contradict the sums", write_statement(came="12,845.60")),
        ("a sum without cents", write_statement(went="2,000")),
        ("no sum", write_statement(came="")),
        ("no name", write_statement().replace("户名：朱春国", "")),
    ],
)
def test_what_is_not_certain_is_refused(what: str, text: str) -> None:
    assert read_statement(make_page(text)) == {}, what


def test_an_unsure_statement_is_refused() -> None:
    assert read_statement(make_page(write_statement(), 0.85)) == {}


def test_a_period_that_ends_before_it_begins_is_left_out() -> None:
    fields = read_statement(make_page(write_statement().replace("2026-06-29", "2025-06-29")))
    assert "period_from" not in fields
    assert fields["total_in"] == 12345.6
