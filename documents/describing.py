"""What was read of a paper, in words for staff and for the customer's own copy of their data."""

from datetime import date

from documents.schemas import DocumentView, Value
from kit.clock import write_day
from kit.money import format_fen, format_quantity

LABELS = {
    "name": "姓名",
    "id_number": "身份证号",
    "sex": "性别",
    "birth_date": "出生",
    "address": "住址",
    "issued_by": "签发机关",
    "company": "名称",
    "credit_code": "统一社会信用代码",
    "company_type": "类型",
    "legal_person": "法定代表人",
    "founded_on": "成立日期",
    "place": "地址",
    "land_mu": "面积",
    "account": "账号尾号",
    "period_from": "流水从",
    "period_to": "流水到",
    "total_in": "收入合计",
    "total_out": "支出合计",
    "valid_until": "有效期至",
}
_OF_KIND = {("bank_statement", "name"): "户名", ("land_contract", "name"): "承包方"}
_DAYS = {"birth_date", "founded_on", "period_from", "period_to", "valid_until"}
_SUMS = {"total_in", "total_out"}


def describe_fields(view: DocumentView) -> list[tuple[str, str]]:
    """Labels and values, always in the same order."""
    return [
        (_OF_KIND.get((view.kind or "", field), label), _write(field, view.fields[field]))
        for field, label in LABELS.items()
        if field in view.fields
    ]


def _write(field: str, value: Value) -> str:
    if field in _SUMS:
        return format_fen(round(float(value) * 100))
    if field == "land_mu":
        return format_quantity(float(value), "亩")
    return write_day(date.fromisoformat(str(value))) if field in _DAYS and value != "长期" else str(value)
