"""What forms, quota check and calculator tell customers of a product's figures, as customers read it."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kit.money import format_months, format_yuan
from products.schemas import Product
from scoring.policy_file import PolicyError, choose_policy, load_policies

_DOMAIN = Path(__file__).parents[1] / "domain.yml"


def list_form_texts(product: Product, day: date) -> dict[str, str]:
    """The texts on a day, by where they stand; those of the quota check without a policy that suits are left out."""
    least, most, longest = format_yuan(product.amount_min), format_yuan(product.amount_max), product.term_max
    texts = {
        "填表时金额太小": _find("utter_ask_amount", "too_low").replace("{hint_low}", least),
        "填表时金额太大": _find("utter_ask_amount", "too_high").replace("{hint_high}", most),
        "填表时期限太长": _find("utter_ask_term", "too_high").replace("{hint_high}", format_months(longest)),
        "申请要的材料": product.documents,
        "算还款": f"按{product.name}最高年利率{product.annual_rate[1]:.2f}%",
    }
    return texts | _list_quota_rates(product, day)


def _list_quota_rates(product: Product, day: date) -> dict[str, str]:
    try:
        policy = choose_policy(load_policies(), product, day)
    except PolicyError:
        return {}
    rates = (f"{grade}级{policy.get_rate(grade):.2f}%" for grade in policy.grade_margin)
    return {"测额度的年利率": "，".join(rates)}


def _find(response: str, hint: str) -> str:
    """The text of a response where a question is put again for a reason."""
    variants = _read_responses()[response]
    wanted = {"type": "slot", "name": "hint", "value": hint}
    return next(str(each["text"]) for each in variants if wanted in each.get("condition", ()))


@cache
def _read_responses() -> Mapping[str, Any]:
    content = yaml.load(_DOMAIN.read_text(encoding="utf-8"), yaml.CSafeLoader)
    responses: Mapping[str, Any] = content["responses"]
    return responses
