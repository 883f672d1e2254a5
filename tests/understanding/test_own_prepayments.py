"""Wishes to repay one's own loan early, and everything else that is said with the same words."""

import pytest

from understanding.normalise import normalise
from understanding.own_prepayments import prepays_all, wants_prepayment

OWN = """
    我的贷款想提前还清 | 我想把贷款提前还清 | 我想把我的贷款提前还了 | 我的贷款提前还3万能省多少 | 我贷款想提前还
    | 我打算把我那笔贷款一次性还清 | 我的贷款想提前还一部分 | 我的贷款全部还清能省多少利息 | 我的贷款能提前还多少
    | i want to pay off my loan early
"""
OF_ONE_SHOWN = """
    提前还3万能省多少 | 提前还清省多少 | 能提前还多少 | 最多能提前还多少 | 想提前还 | 我想提前还5万 | 提前还款
    | 提前结清
    | 全部还清能省多少利息 | 一次性还清能少多少利息 | 我想提前还清了 | 我想把剩下的全还了 | 早点还清能省多少
    | 现在提前还3万能少多少利息 | 我要把它提前还清
"""
NEVER = """
    骗子叫我把我的贷款提前还清再贷低息的 | 骗子让我把贷款提前还清 | 有人打电话说我的贷款提前还清能降利率
    | 别人用我的身份证贷款提前还清了 | 中介说帮我把贷款提前还清 | 对方要我先把我的贷款还清
    | 客服让我把我的贷款提前还清转到安全账户 | 有人冒充你们让我提前还清
    | 我爸的贷款提前还清 | 我家娃的贷款全部还清 | 我爸也想提前还清 | 我老公想把我的贷款提前还清
    | 我没提前还我的贷款 | 我的贷款已经全部还清了 | 别提前还款我的贷款 | 我不提前还清 | 他们让我提前还清我不干
    | 不想提前还我的贷款了 | 我的贷款提前还清了 | 提前还清了没有 | 我没说要提前还我的贷款 | 我的贷款上个月提前还了
    | 我的贷款提前还清了为啥还扣钱 | 我的贷款全还完了咋还有短信
    | 我在建行的房贷想提前还清 | 我在邮储的贷款想提前还 | 我的网贷提前还清 | 花呗提前还清
    | 我的贷款提前还有违约金吗 | 我的贷款怎么提前还清 | 提前还款怎么办手续 | 我的贷款能不能提前还清
"""


def split(texts: str) -> list[str]:
    return [text.strip() for text in texts.split("|")]


@pytest.mark.parametrize("text", split(OWN))
def test_a_loan_called_ones_own(text: str) -> None:
    assert wants_prepayment(normalise(text), is_shown=False)


@pytest.mark.parametrize("text", split(OF_ONE_SHOWN))
def test_a_loan_just_shown(text: str) -> None:
    assert wants_prepayment(normalise(text), is_shown=True)
    assert not wants_prepayment(normalise(text), is_shown=False)


@pytest.mark.parametrize("is_shown", [False, True])
@pytest.mark.parametrize("text", split(NEVER))
def test_fraud_reports_refusals_and_other_loans(text: str, is_shown: bool) -> None:
    assert not wants_prepayment(normalise(text), is_shown=is_shown)


@pytest.mark.parametrize(("text", "is_all"), [("我想提前还清", True), ("我的贷款全部还清", True), ("想提前还", False)])
def test_all_of_it_is_meant_where_it_is_said(text: str, is_all: bool) -> None:
    assert prepays_all(text) == is_all
