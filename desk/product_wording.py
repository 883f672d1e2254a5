"""A product's fields and values in words."""

from typing import Any

from kit.money import format_months, format_yuan
from products.schemas import FIELD_NAMES, KIND_NAMES, REPAYMENT_NAMES

_YUAN = ("amount_min", "online_limit", "amount_max", "spouse_consent_from")
_MONTHS = ("term_max", "term_ceiling")


def write_value(field: str, value: Any) -> str:
    """A value of a product's content in words; 无 for nothing, which of districts means all."""
    if field == "is_offered":
        return "在办" if value else "停办"
    if value in (None, "", []):
        return "全部" if field == "districts" else "无"
    if field in _YUAN:
        return format_yuan(value)
    if field in _MONTHS:
        return format_months(value)
    if field == "annual_rate":
        return write_rates(value)
    if field == "kind":
        return next((name for kind, name in KIND_NAMES.items() if kind == value), str(value))
    if field == "repayment":
        return "、".join(name for way, name in REPAYMENT_NAMES.items() if way in value)
    return "、".join(value) if isinstance(value, list) else str(value)


def write_rates(rates: Any) -> str:
    """4.90%至6.50%."""
    return "至".join(f"{float(rate):.2f}%" for rate in rates)


def name_field(field: str) -> str:
    """What a field is called where its value has its unit: 起贷金额."""
    return FIELD_NAMES.get(field, field).partition("（")[0]
