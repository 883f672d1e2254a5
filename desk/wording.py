"""What the staff site says: labels, values and times as staff read them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from applications.checklist import PAPER, Paper
from applications.schemas import ApplicationView
from applications.wording import name_wish
from conversations.handoff.schemas import HandoffEventView, HandoffView
from conversations.schemas import Window
from conversations.windows import is_open
from forms.catalogue import load_catalogue
from kit.clock import CHINA, write_day
from kit.masking import mask_personal_data
from kit.money import format_quantity, format_yuan
from products.catalogue import find_product

# To who saves what a colleague changed since it was shown.
CHANGED_MEANWHILE = "同事刚刚改过，请关掉再打开，看看新的内容再改"
REASONS = {
    "customer_request": "客户找人工",
    "account_manager": "找客户经理",
    "complaint": "投诉",
    "not_understood": "小禾没听懂",
    "credit_review": "额度待核定",
    "quota_review": "请求人工复核额度",
    "large_amount": "大额申请",
    "withdrawal": "客户要撤回申请",
    "appeal": "客户要求复核",
    "sensitive": "敏感话题",
    "bot_unavailable": "小禾不在线",
}
_own_reason_names: dict[str, str] = {}
RIGHTS_CHANGED = "同事的账号或角色有变动"  # why their work goes to others
TOPICS = {
    "life": "生命安全",
    "scam": "诈骗",
    "money_sent": "诈骗已转账",
    "stolen_money": "盗刷",
    "lost_phone": "手机丢失",
    "stolen_identity": "冒名贷款",
    "violence": "暴力催收",
    "law": "法律",
    "press": "媒体",
    "data_leak": "信息泄露",
    "death": "亲人身故",
}
WHYS = {
    "wanted": "同事转给会办这类事的人",
    "manager": "专属客户经理",
    "reason": "专门接待这类问题",
    "last_agent": "上次接待的同事",
    "village": "负责该村镇",
    "skill": "熟悉该产品",
    "load": "手头会话最少",
}
EVENTS = {
    "request": "转人工",
    "reopen": "再接待",
    "enqueue": "上班，进入排队",
    "defer": "下班，留到下个工作日",
    "assign": "分给",
    "accept": "接待",
    "decline": "没有接待",
    "take": "主动接待",
    "take_over": "接管",
    "transfer": "转给",
    "requeue": "放回排队",
    "return": "转回小禾",
    "book_callback": "预约回电",
    "cancel_callback": "客户取消回电",
    "rebook_callback": "另约了回电",
    "claim": "负责回电",
    "move_call": "改了回电时间",
    "miss_call": "没打通",
    "close": "结束",
}
AUTHORS = {"customer": "客户", "bot": "小禾", "agent": "人工", "system": "系统"}
CHANNELS = {"web": "网页", "wechat": "微信", "telegram": "Telegram", "wecom_service": "微信客服"}
DELIVERY_STATES = {
    "passive": "发送中",
    "pending": "发送中",
    "deferred": "等待发送",
    "failed": "发送失败",
    "expired": "已过期未发",
    "unanswered": "没能答复",
}
SOURCES = {"village": "村镇", "manager": "客户经理"}

# Slots recorded beside the answers to forms/catalogue.yml: label, unit.
_LABELS = {
    "outcome": ("测算结果", ""),
    "quota": ("测算额度", "元"),
    "term_months": ("单笔最长", "个月"),
    "annual_rate": ("年利率", "%"),
    "reasons": ("测算依据", ""),
    "valid_until": ("有效期至", ""),
    "application_number": ("申请编号", ""),
}
VALUES = {
    "approve": "通过",
    "review": "需客户经理核定",
    "decline": "未通过",
}
# Slots for programs only, or already said in the conversation.
_HIDDEN = {"decision_id", "policy_version", "product_revision", "improvement", "next_step", "compared"}


def name_value(value: str) -> str:
    """What staff call a code that was recorded: a product's id, an outcome."""
    product = find_product(value)
    return product.name if product else VALUES.get(value, value)


def get_label(name: str) -> tuple[str, str]:
    """What staff call a slot, a paper or another recorded value, and its unit."""
    if name.startswith(PAPER):
        return name.removeprefix(PAPER), ""
    question = load_catalogue().questions.get(name)
    return (question.label, question.unit) if question else _LABELS.get(name, (name, ""))


def describe_contact(day: date, today: date) -> str:
    """When to be in touch next: 今天要联系, 12月3日联系, 12月1日就该联系."""
    if day == today:
        return "今天要联系"
    when = f"{day.month}月{day.day}日" if day.year == today.year else write_day(day)
    return f"{when}就该联系" if day < today else f"{when}联系"


def describe_slots(slots: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels and values of what a customer filled in, each once; nested records are read like slots."""
    rows: list[tuple[str, str]] = []
    for name, value in slots.items():
        if isinstance(value, Mapping):
            rows += describe_slots(value)
        elif name not in _HIDDEN and value not in (None, "", []):
            label, unit = get_label(name)
            rows.append((label, _write_possession(name, value) or _write_value(value, unit)))
    return list(dict.fromkeys(rows))


def describe_source(source: str) -> str:
    """The customer's source in words: `manager:张敏` is 来自客户经理：张敏."""
    kind, _, name = source.partition(":")
    return f"来自{SOURCES.get(kind, kind)}：{name}"


def describe_window(window: Window, now: datetime) -> str:
    """What the platform still lets us send before the customer writes again."""
    if not is_open(window, now):
        return "等客户再来消息才能回复"
    return f"还可回复{window.left}条，{format_time(window.until)}前"


def describe_call(handoff: HandoffView, now: datetime) -> str:
    """The call that was promised: 打138****1234，希望11月26日下午，最晚17:30，1次没打通."""
    parts = [
        f"打{mask_personal_data(handoff.callback_phone)}" if handoff.callback_phone else "",
        f"希望{handoff.callback_wish}" if handoff.callback_wish else "",
        f"最晚{format_time(handoff.due_at, now)}" if handoff.due_at else "",
        f"{handoff.missed_calls}次没打通" if handoff.missed_calls else "",
    ]
    return "，".join(filter(None, parts))


def describe_wait(since: datetime, now: datetime) -> str:
    """How long something has waited: 刚刚, 5分钟, 2小时10分, 3天."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 1:
        return "刚刚"
    hours, rest = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}天"
    return f"{hours}小时{rest}分" if hours else f"{minutes}分钟"


def replace_reason_names(own: Mapping[str, str]) -> None:
    """What this process calls reasons from now on, where the bank has names of its own (desk/reason_names.py)."""
    _own_reason_names.clear()
    _own_reason_names.update(own)


def name_reason(reason: str) -> str:
    """What staff call it."""
    return _own_reason_names.get(reason) or REASONS.get(reason, reason)


def name_reasons() -> dict[str, str]:
    """What staff call each of them."""
    return {reason: name_reason(reason) for reason in REASONS}


def describe_reason(reason: str, topic: str | None) -> str:
    """Why a human is wanted: 敏感话题·诈骗."""
    name = name_reason(reason)
    return f"{name}·{TOPICS.get(topic, topic)}" if topic else name


def describe_verified(is_verified: bool) -> str:
    """Whether a number is more than a claim."""
    return "号码已核实" if is_verified else "号码未核实，先问清是谁"


def describe_checklist(papers: Sequence[Paper]) -> list[str]:
    """What a helper says is ready, and what is not."""
    ready = "、".join(paper.name for paper in papers if paper.is_ready)
    missing = "、".join(paper.name for paper in papers if not paper.is_ready)
    return [f"{words}：{names}" for words, names in (("帮办人说备好了", ready), ("还没备", missing)) if names]


def name_customer(customer_id: str, name: str | None = None) -> str:
    """What staff call a customer: the name they gave, or else the beginning of the customer's id."""
    return name or f"客户{customer_id[:4].upper()}"


def read_customer_code(words: str) -> str:
    """The beginning of the id in what staff call a nameless customer, 客户3F2A or 3f2a; empty if it is none."""
    found = re.fullmatch(r"(?:客户)?([0-9A-Fa-f]{4})", words)
    return found[1].lower() if found else ""


def hide_given_name(name: str) -> str:
    """A name as notifications say it, which leave the house by mail and WeCom: 王**."""
    return f"{name[:1]}**"


def name_discreetly(customer_id: str, name: str | None = None) -> str:
    """What notifications call a customer: 王**, or else the beginning of the customer's id."""
    return name_customer(customer_id, name and hide_given_name(name))


def name_application(application: ApplicationView) -> str:
    """What it is for: 农户贷, 农户贷续贷."""
    return name_wish(name_value(application.product), application.kind)


def describe_application(application: ApplicationView) -> str:
    """What notifications call an application: 王** 农户贷 5万元 柳河镇."""
    what = f"{name_application(application)} {format_yuan(application.amount)}"
    return f"{hide_given_name(application.name)} {what} {application.region}"


def format_time(moment: datetime | str, now: datetime | None = None) -> str:
    """A moment, aware or written in ISO 8601, as the clock in China shows it: 7月1日 17:05, on the day itself 17:05."""
    there = (datetime.fromisoformat(moment) if isinstance(moment, str) else moment).astimezone(CHINA)
    if now and there.date() == now.astimezone(CHINA).date():
        return f"{there:%H:%M}"
    return f"{there.month}月{there.day}日 {there:%H:%M}"


def _write_possession(name: str, value: Any) -> str:
    question = load_catalogue().questions.get(name)
    if question is None or question.kind != "possession" or not isinstance(value, bool):
        return ""
    return "有" if value else "没有"


def _write_value(value: Any, unit: str = "") -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return format_quantity(value, unit)
    if isinstance(value, list):
        return "；".join(_write_value(item.get("text", item) if isinstance(item, Mapping) else item) for item in value)
    return name_value(str(value))


def describe_note(events: Sequence[HandoffEventView], names: Mapping[str, str]) -> str:
    """The note of the colleague who last passed the handoff on: 赵丽留言：老客户，急用钱.

    Numbers in it are masked; the side panel shows them once that was audited.
    """
    # The dispatcher's notes are codes, and what follows from a change of rights is nobody's words.
    by_staff = (event for event in reversed(events) if event.staff_id and event.note != RIGHTS_CHANGED)
    given = next((event for event in by_staff if event.event in ("assign", "transfer", "requeue")), None)
    if given is None or not given.note:
        return ""
    return f"{names.get(given.staff_id or '', '同事')}留言：{mask_personal_data(given.note)}"
