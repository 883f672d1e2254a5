"""What the staff site says: labels, values and times as staff read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kit.clock import CHINA

REASONS = {"customer_request": "客户要求", "account_manager": "找客户经理", "complaint": "投诉"}
SENDERS = {"customer": "客户", "bot": "小禾", "agent": "人工", "system": "系统"}
CHANNELS = {"web": "网页", "wechat": "微信", "telegram": "Telegram"}

# Name of what the bot or the scoring service recorded: label, unit.
LABELS = {
    "name": ("姓名", ""),
    "phone": ("电话", ""),
    "region": ("所在乡镇", ""),
    "product": ("产品", ""),
    "amount": ("想借金额", "元"),
    "term": ("期限", "个月"),
    "purpose": ("用途", ""),
    "land_mu": ("土地", "亩"),
    "machinery_value": ("农机现值", "元"),
    "household_income": ("家庭年收入", "元"),
    "annual_turnover": ("年流水", "元"),
    "years_in_business": ("经营年限", "年"),
    "existing_debt": ("现有欠款", "元"),
    "has_overdue": ("有逾期", ""),
    "outcome": ("测算结果", ""),
    "quota": ("测算额度", "元"),
    "term_months": ("单笔最长", "个月"),
    "annual_rate": ("年利率", "%"),
    "reasons": ("测算依据", ""),
    "valid_until": ("有效期至", ""),
    "application_number": ("申请编号", ""),
    "quota_consent": ("同意测额度", ""),
    "application_consent": ("同意办申请", ""),
    "application_confirmed": ("已确认申请", ""),
}
VALUES = {
    "farmer_loan": "农户贷",
    "trader_loan": "商户贷",
    "firm_loan": "小微企业贷",
    "approve": "通过",
    "review": "需客户经理核定",
    "decline": "未通过",
}
# Of use to programs only, or said to the customer in the conversation.
_HIDDEN = {"decision_id", "policy_version", "next_step"}


def describe_slots(slots: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels and values of what a customer filled in, each once; nested records are read like slots."""
    rows: list[tuple[str, str]] = []
    for name, value in slots.items():
        if isinstance(value, Mapping):
            rows += describe_slots(value)
        elif name not in _HIDDEN and value not in (None, "", []):
            label, unit = LABELS.get(name, (name, ""))
            rows.append((label, _write_value(value, unit)))
    return list(dict.fromkeys(rows))


def format_time(moment: datetime | str) -> str:
    """A moment, aware or written in ISO 8601, as the clock in China shows it: 7月1日 17:05."""
    there = (datetime.fromisoformat(moment) if isinstance(moment, str) else moment).astimezone(CHINA)
    return f"{there.month}月{there.day}日 {there:%H:%M}"


def _write_value(value: Any, unit: str = "") -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return f"{value:,.12g}{unit}"
    if isinstance(value, list):
        return "；".join(_write_value(item.get("text", item) if isinstance(item, Mapping) else item) for item in value)
    return VALUES.get(str(value), str(value))
