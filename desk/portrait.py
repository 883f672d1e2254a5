"""Tags of a customer for the account manager, each with its reason: by rules, from the record alone; pure.

What is no rule here is no tag: nothing is guessed, and customers never see them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from applications.stages import STAGE_NAMES, Stage
from core_banking.interface import LoanFacts
from kit.clock import write_day
from kit.money import format_fen, format_months, format_yuan
from products.schemas import KIND_NAMES, Product

RENEWAL_AHEAD = timedelta(days=60)
REVIEW_AHEAD = timedelta(days=30)
LOW_RATING = 2
SIGNAL_DAYS = 90  # how long a sign of leaving counts


class Tag(NamedTuple):
    """A tag and why it is given; `is_urgent`: something to do about it."""

    name: str
    reason: str
    is_urgent: bool = False


class CampaignQuota(NamedTuple):
    """The customer is a member of a running campaign."""

    campaign: str
    village: str
    quota: int


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """What is on record. `stage`, `since` (the day of the stage) and `months` are those of the newest application.

    `loans` are those that the bank's core tells. `ratings` and `repay_early_asked` (the day) are of the last
    SIGNAL_DAYS days.
    """

    product: Product | None = None
    stage: Stage | None = None
    since: date | None = None
    months: int = 0
    region: str = ""
    loans: tuple[LoanFacts, ...] = ()
    ratings: tuple[int, ...] = ()
    repay_early_asked: date | None = None
    campaign: CampaignQuota | None = None


def list_tags(known: PortraitFacts, today: date) -> list[Tag]:
    """The tags, what is to be done first."""
    tags = [*_list_loans(known.loans, today), *_list_due(known, today), *_list_risks(known)]
    tags.sort(key=lambda tag: not tag.is_urgent)
    if known.campaign:
        quota = f"预授信额度{format_yuan(known.campaign.quota)}"
        tags.append(Tag(known.campaign.village, f"在活动“{known.campaign.campaign}”的名单里，{quota}"))
    elif known.region:
        tags.append(Tag(known.region, "客户说的地址"))
    if known.product:
        tags.append(Tag(KIND_NAMES[known.product.kind], f"申请的是{known.product.name}，给{known.product.audience}"))
    if known.stage and known.since:
        tags.append(Tag(STAGE_NAMES[known.stage], f"申请{write_day(known.since)}到这一步"))
    return tags


def _list_loans(loans: Sequence[LoanFacts], today: date) -> Iterator[Tag]:
    """What each loan is, and first what is due of it."""
    for loan in loans:
        title = f"{loan.product_name}（尾号{loan.tail}）"
        if loan.overdue_days:
            yield Tag("本行逾期", f"{title}逾期{loan.overdue_days}天，欠{format_fen(loan.overdue)}", is_urgent=True)
        if loan.balance and today <= loan.matures_on <= today + RENEWAL_AHEAD:
            yield Tag("快到期", f"{title}{write_day(loan.matures_on)}到期，可以谈续贷", is_urgent=True)
        if loan.line and loan.line.review_on and today <= loan.line.review_on <= today + REVIEW_AHEAD:
            yield Tag("要年审", f"{title}额度要在{write_day(loan.line.review_on)}前做年审", is_urgent=True)
        if loan.line:
            until = write_day(loan.line.until)
            yield Tag(loan.product_name, f"尾号{loan.tail}，额度还能用{format_fen(loan.line.left)}，{until}止")
        elif loan.balance:
            until = write_day(loan.matures_on)
            yield Tag(loan.product_name, f"尾号{loan.tail}，还欠本金{format_fen(loan.balance)}，{until}到期")


def _list_due(known: PortraitFacts, today: date) -> list[Tag]:
    """Without the core's word, by the newest application."""
    if known.loans or known.stage != "drawn" or not known.since or not known.months:
        return []
    due, term = _add_months(known.since, known.months), format_months(known.months)
    if not today <= due <= today + RENEWAL_AHEAD:
        return []
    return [Tag("快到期", f"{write_day(due)}到期（按放款日和期限{term}推算），可以谈续贷", is_urgent=True)]


def _list_risks(known: PortraitFacts) -> list[Tag]:
    reasons = []
    if known.ratings and min(known.ratings) <= LOW_RATING:
        reasons.append(f"最近{SIGNAL_DAYS}天给人工服务打过{min(known.ratings)}分")
    if known.repay_early_asked:
        reasons.append(f"{write_day(known.repay_early_asked)}问过提前还款")
    return [Tag("可能流失", "；".join(reasons), is_urgent=True)] if reasons else []


def _add_months(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
