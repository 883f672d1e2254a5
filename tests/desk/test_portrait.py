"""Tags follow from the record by rule, each with its reason."""

from datetime import date
from decimal import Decimal

import pytest

from core_banking.interface import CreditLine, LoanFacts
from desk.portrait import CampaignQuota, PortraitFacts, list_tags
from products.catalogue import find_product

TODAY = date(2026, 11, 29)
LOAN = LoanFacts(
    tail="3017",
    product="farmer_loan",
    product_name="农户贷",
    method="interest_first",
    annual_rate=Decimal("5.4"),
    balance=8_000_000,
    started_on=date(2026, 1, 1),
    matures_on=date(2027, 1, 1),
    months_left=2,
    account_tail="6608",
)
LATER = LOAN.model_copy(update={"matures_on": date(2027, 6, 1)})
REPAID = LOAN.model_copy(update={"balance": 0})
OVERDUE = LOAN.model_copy(update={"overdue_days": 12, "overdue": 59_000})
UNTIL, REVIEW = date(2028, 12, 18), date(2026, 12, 19)
LINE = LATER.model_copy(
    update={"line": CreditLine(limit=20_000_000, used=8_000_000, until=UNTIL, term_max=12, review_on=REVIEW)}
)
FARMER = find_product("farmer_loan")


@pytest.mark.parametrize(
    ("known", "name", "reason"),
    [
        (PortraitFacts(region="柳河镇"), "柳河镇", "客户说的地址"),
        (PortraitFacts(product=FARMER), "农户", "申请的是农户贷，给"),
        (PortraitFacts(stage="checking", since=date(2026, 11, 20)), "审核中", "申请2026年11月20日到这一步"),
        (
            PortraitFacts(region="柳河镇", campaign=CampaignQuota("整村一期", "青山村", 80_000)),
            "青山村",
            "在活动“整村一期”的名单里，预授信额度8万元",
        ),
        (
            PortraitFacts(stage="drawn", since=date(2025, 12, 31), months=12),
            "快到期",
            "2026年12月31日到期（按放款日和期限1年推算），可以谈续贷",
        ),
        (PortraitFacts(loans=(LOAN,)), "快到期", "农户贷（尾号3017）2027年1月1日到期，可以谈续贷"),
        (PortraitFacts(loans=(LOAN,)), "农户贷", "尾号3017，还欠本金80000.00元，2027年1月1日到期"),
        (PortraitFacts(loans=(OVERDUE,)), "本行逾期", "农户贷（尾号3017）逾期12天，欠590.00元"),
        (PortraitFacts(loans=(LINE,)), "要年审", "农户贷（尾号3017）额度要在2026年12月19日前做年审"),
        (PortraitFacts(loans=(LINE,)), "农户贷", "尾号3017，额度还能用120000.00元，2028年12月18日止"),
        (PortraitFacts(ratings=(5, 2)), "可能流失", "最近90天给人工服务打过2分"),
        (
            PortraitFacts(ratings=(1,), repay_early_asked=date(2026, 11, 1)),
            "可能流失",
            "最近90天给人工服务打过1分；2026年11月1日问过提前还款",
        ),
    ],
)
def test_a_tag_has_its_reason(known: PortraitFacts, name: str, reason: str) -> None:
    found = {tag.name: tag.reason for tag in list_tags(known, TODAY)}
    assert found[name].startswith(reason)


@pytest.mark.parametrize(
    "known",
    [
        PortraitFacts(),
        PortraitFacts(ratings=(3, 5)),
        PortraitFacts(loans=(LATER,)),
        PortraitFacts(loans=(REPAID,), stage="drawn", since=date(2025, 12, 31), months=12),
        PortraitFacts(stage="approved", months=12),
    ],
)
def test_without_a_rule_there_is_no_tag_to_act_on(known: PortraitFacts) -> None:
    assert [tag for tag in list_tags(known, TODAY) if tag.is_urgent] == []


def test_a_short_month_ends_the_term() -> None:
    known = PortraitFacts(stage="drawn", since=date(2026, 1, 31), months=13)
    (tag,) = [each for each in list_tags(known, date(2027, 2, 1)) if each.is_urgent]
    assert tag.reason.startswith("2027年2月28日到期")
