"""What members of a campaign are told; no approval is promised, and the rate stands beside the quota."""

from datetime import date
from typing import NamedTuple

from campaigns.schemas import CampaignKind
from conversations.schemas import Reply, ReplyButton
from kit.money import format_yuan
from products.catalogue import find_product

CHECK = ReplyButton(title="自己测额度", payload='/check_quota{"is_anew": true}')
UNSUBSCRIBE = "回复“退订”不再收到。"


class Invitation(NamedTuple):
    """A quota in yuan of a product until a day; `annual_rate` is percent a year, empty for the range of the product."""

    kind: CampaignKind
    product: str
    last_day: date
    village: str
    quota: int
    annual_rate: str


def greet(invitation: Invitation) -> Reply:
    """Told once, when the customer writes."""
    return _make(f"{_name_list(invitation)}{describe(invitation)}要申请，点“申请贷款”就行。", invitation)


def answer_quota(invitation: Invitation) -> Reply:
    """To the question how much they can borrow."""
    return _make(
        f"{_name_list(invitation)}{describe(invitation)}可以直接申请，也可以按您现在的情况自己测。",
        invitation,
        CHECK,
    )


def invite(invitation: Invitation) -> Reply:
    """Sent to who agreed to be told of products."""
    until = f"{invitation.last_day.month}月{invitation.last_day.day}日前可以申请。"
    return _make(f"{_name_list(invitation)}{describe(invitation)}{until}{UNSUBSCRIBE}", invitation).model_copy(
        update={"author": "system"}
    )


def _name_list(invitation: Invitation) -> str:
    return f"您在{invitation.village}整村授信名单里，" if invitation.kind == "village" else "您在本行白名单里，"


def describe(invitation: Invitation) -> str:
    """The quota with its rate: 农户贷预授信额度8万元（以实际审批为准），年利率5.5%（单利）。"""
    product = find_product(invitation.product)
    name = product.name if product else "贷款"
    if invitation.annual_rate or product is None:
        rate = invitation.annual_rate
    else:
        lowest, highest = product.annual_rate
        rate = f"{lowest:f}%—{highest:f}".removesuffix("%")
    return f"{name}预授信额度{format_yuan(invitation.quota)}（以实际审批为准），年利率{rate}%（单利）。"


def _make(text: str, invitation: Invitation, *others: ReplyButton) -> Reply:
    apply = ReplyButton(title="申请贷款", payload=f'/apply_for_loan{{"product": "{invitation.product}"}}')
    return Reply(text=text, buttons=[apply, *others])
