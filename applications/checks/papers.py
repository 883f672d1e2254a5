"""Checks of what was typed against what pictures of papers say, and of the papers themselves.

Of several pictures of one kind of paper one that agrees is enough: husband and wife, or a helper, send theirs too.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from applications.checks.check import Check, CheckedApplication, Weight
from documents.schemas import DocumentKind, Value
from kit.clock import write_day
from kit.money import format_quantity, format_yuan

# Slots that papers tell too, and what they are called.
COMPARED: Mapping[DocumentKind, Mapping[str, str]] = {
    "identity_card": {"name": "姓名", "id_number": "身份证号"},
    "business_licence": {"company": "单位名称", "credit_code": "统一社会信用代码"},
}
_EXPIRING: Mapping[DocumentKind, tuple[str, Weight]] = {
    "identity_card_back": ("身份证", "high"),
    "land_contract": ("土地承包合同", "medium"),
}
_FOR_GOOD = "长期"
_DAYS_A_YEAR = 365
_LEFT_OUT = re.compile(r"[\s·•.,，。()（）\-]+")


def check_papers(case: CheckedApplication) -> Iterator[Check]:
    """What differs, is over, or is somebody else's; what no picture shows, or nobody typed, is not compared."""
    yield from _check_typed(case)
    yield from _check_validity(case)
    yield from _check_area(case)
    yield from _check_holder(case)
    yield from _check_income(case)


def _check_typed(case: CheckedApplication) -> Iterator[Check]:
    for kind, labels in COMPARED.items():
        for slot, label in labels.items():
            shown = {_plain(fields[slot]) for fields in case.list_fields(kind) if slot in fields}
            typed = _read_typed(case, slot)
            if shown and typed and typed not in shown:
                ask = f"照片上的{label}和您填的不一样，请再核对一下。"
                reason = f"照片上的{label}和填的不一样"
                yield Check(
                    f"{slot}_against_picture", "contradiction", "high", (slot,), reason, is_mendable=True, ask=ask
                )


def _check_validity(case: CheckedApplication) -> Iterator[Check]:
    for kind, (name, weight) in _EXPIRING.items():
        told = [str(fields["valid_until"]) for fields in case.list_fields(kind) if "valid_until" in fields]
        if not told or _FOR_GOOD in told:
            continue
        last = max(map(date.fromisoformat, told))
        if last < case.surroundings.today:
            yield Check(f"{kind}_expired", "suspicion", weight, (), f"{name}{write_day(last)}已经到期")


def _check_area(case: CheckedApplication) -> Iterator[Check]:
    told = case.read_number("land_mu")
    areas = {tuple(sorted(fields.items())): float(fields["land_mu"]) for fields in _list_contracts(case)}
    if told is None or not areas:
        return
    least, whole, tolerance = min(areas.values()), sum(areas.values()), case.limits.area_tolerance
    if least * (100 - tolerance) <= told * 100 <= whole * (100 + tolerance):
        return
    reason = f"土地承包合同上共{format_quantity(round(whole, 2), '亩')}，填的是{format_quantity(told, '亩')}"
    ask = "照片上的土地面积和您填的不一样，请再核对一下。"
    yield Check("land_against_contract", "contradiction", "medium", ("land_mu",), reason, is_mendable=True, ask=ask)


def _list_contracts(case: CheckedApplication) -> list[Mapping[str, Value]]:
    return [fields for fields in case.list_fields("land_contract") if "land_mu" in fields]


def _check_holder(case: CheckedApplication) -> Iterator[Check]:
    holders = {_plain(fields["name"]) for fields in case.list_fields("bank_statement") if "name" in fields}
    applicant, company = _read_typed(case, "name"), _read_typed(case, "company")
    own = {applicant, company, _read_typed(case, "legal_person")}
    for fields in case.list_fields("business_licence"):
        if _plain(fields.get("legal_person", "")) == applicant:
            own.add(_plain(fields.get("company", "")))
    if holders and not holders & own:
        yield Check("statement_of_another", "suspicion", "medium", ("name",), "银行流水的户名不是申请人")


def _check_income(case: CheckedApplication) -> Iterator[Check]:
    """What came in by the statements in a year, all accounts together, against what the customer says."""
    is_farmer, limits = case.product.kind == "farmer", case.limits
    slot, label = ("household_income", "家庭年收入") if is_farmer else ("annual_turnover", "年流水")
    # A farmer is paid at harvest: a quarter says little of a year.
    days_min = limits.farmer_statement_days if is_farmer else limits.statement_days
    told, by_account = case.read_number(slot), dict[Value, float]()
    for fields in case.list_fields("bank_statement"):
        if (yearly := _scale_to_year(fields, days_min)) is not None:
            account = fields.get("account", "")
            by_account[account] = max(yearly, by_account.get(account, 0))
    came = sum(by_account.values())
    if told and by_account and came * 100 < told * limits.statement_share:
        reason = f"银行流水一年进账约{format_yuan(round(came))}，填的{label}是{format_yuan(int(told))}"
        yield Check("statement_against_income", "contradiction", "medium", (slot,), reason)


def _scale_to_year(fields: Mapping[str, Value], days_min: int) -> float | None:
    """What came in, as if it went on so for a year; None for a statement of too few days to say."""
    if not {"total_in", "period_from", "period_to"} <= fields.keys():
        return None
    begin, end = (date.fromisoformat(str(fields[name])) for name in ("period_from", "period_to"))
    days = (end - begin).days + 1
    return float(fields["total_in"]) * _DAYS_A_YEAR / days if days >= days_min else None


def _read_typed(case: CheckedApplication, slot: str) -> str:
    return _plain(str(getattr(case.application, slot, None) or case.read_text(slot)))


def _plain(text: Value) -> str:
    return _LEFT_OUT.sub("", str(text)).upper()
