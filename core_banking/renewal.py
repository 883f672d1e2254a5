"""Whether a loan may be renewed without repaying the principal first (金规〔2024〕13号): pure, by dated parameters."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from core_banking.interface import CoreLoan
from kit.clock import write_day
from kit.parameters import Parameter, load_unique

_FILE = Path(__file__).with_name("renewal_policy.yml")
RenewalCode = Literal[
    "eligible",
    "nothing_due",
    "overdue",
    "past_due",
    "too_late",
    "too_early",
    "not_business",
    "not_in_scope",
    "instalments",
    "bad_record",
    "often_late",
]


class RenewalCheck(BaseModel):
    """Whether a renewal may be asked for; `reason` is a sentence for the customer, empty if it may."""

    model_config = ConfigDict(frozen=True)

    code: RenewalCode
    reason: str = ""


@cache
def load_policy() -> Mapping[str, Parameter]:
    """The parameters of the file; raises pydantic.ValidationError for a wrong one."""
    return TypeAdapter(dict[str, Parameter]).validate_python(load_unique(_FILE.read_text(encoding="utf-8")))


def check_renewal(loan: CoreLoan, today: date) -> RenewalCheck:
    """What stands in the way of a renewal on a day: the first of what the customer cannot change first.

    Whether the business still runs and needs the money is theirs to say. To have been late a few times is no obstacle,
    and the risk class is not lowered for a renewal alone: neither is looked at here.
    """
    policy = load_policy()
    values = {name: parameter.get_value(today) for name, parameter in policy.items()}
    is_in_scope = policy[f"allows_{loan.borrower}"].get_value(max(loan.matures_on, today))
    days = (loan.matures_on - today).days
    due = write_day(loan.matures_on)
    if loan.balance == 0:
        return RenewalCheck(code="nothing_due", reason="这笔现在没有欠款，不用续贷。")
    if not loan.is_business:
        return RenewalCheck(code="not_business", reason="无还本续贷只办经营性贷款，这笔不是经营用途，续不了。")
    if not is_in_scope:
        return RenewalCheck(code="not_in_scope", reason="按现在的规定，这类客户的贷款不在无还本续贷范围里。")
    if loan.overdue_days:
        return RenewalCheck(code="overdue", reason=f"这笔贷款现在逾期{loan.overdue_days}天，要先还清才能续贷。")
    if days < 0:
        return RenewalCheck(code="past_due", reason=f"这笔贷款{due}已经到期，续贷要在到期前申请。")
    if loan.method not in ("interest_first", "bullet"):
        return RenewalCheck(code="instalments", reason="这笔贷款是分期还本的，到期时本金已经还完，不用续贷。")
    if loan.has_bad_record:
        return RenewalCheck(code="bad_record", reason="系统里有信用方面的记录要先核实，不能直接续贷。")
    if loan.late_times > values["late_times_max"]:
        reason = f"近12个月有{loan.late_times}次还款晚了，要客户经理先核实，不能直接续贷。"
        return RenewalCheck(code="often_late", reason=reason)
    if days < values["lead_days"]:
        reason = f"续贷要在到期前{values['lead_days']}天申请，这笔{due}到期，来不及走线上了。"
        return RenewalCheck(code="too_late", reason=reason)
    if days > values["early_days"]:
        since = write_day(loan.matures_on - timedelta(days=values["early_days"]))
        return RenewalCheck(code="too_early", reason=f"这笔贷款{due}到期，{since}起可以申请续贷，现在还早。")
    return RenewalCheck(code="eligible")
