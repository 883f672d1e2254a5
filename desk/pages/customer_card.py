"""HTML cards of applications and customers for the account managers' page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from applications.schemas import ManagedApplication
from applications.stages import ENDED_STAGES, STAGE_NAMES, Stage, load_process
from applications.wording import name_party
from conversations.handoff.states import STATE_NAMES
from desk.customer_repository import ApplicationCard, Card, CustomerCard
from desk.pages.templates import render
from desk.wording import (
    CHANNELS,
    describe_contact,
    describe_source,
    describe_wait,
    format_time,
    get_label,
    name_application,
    name_customer,
)
from kit.clock import CHINA
from kit.masking import mask_personal_data
from kit.money import format_months, format_yuan


def draw_application(card: ApplicationCard, now: datetime, managers: Mapping[str, str] | None) -> str:
    """An application's card; `managers` (names by id) if it should show its manager."""
    application = card.application
    return _draw(
        card,
        name=application.name,
        stage=application.stage,
        what=_describe_wish(application),
        about=[
            "不能查征信" if application.credit_withdrawn_at else "",
            application.region,
            application.purpose,
            *_describe_origin(card),
        ],
        ball=describe_ball(application, is_own=managers is None),
        is_untold=card.is_untold,
        due=_describe_due(application, card, now),
        when=f"{describe_age(application.changed_at, now)}改为{STAGE_NAMES[application.stage]}",
        is_late=card.is_late,
        manager=_name_manager(application.manager_id, managers),
    )


def draw_customer(card: CustomerCard, now: datetime, managers: Mapping[str, str] | None) -> str:
    """A customer's card; `managers` as above."""
    quota = f"测过额度：{card.quota}" if card.quota else ""
    today = now.astimezone(CHINA).date()
    return _draw(
        card,
        name=name_customer(card.customer_id, card.name),
        stage=card.application.stage if card.application else None,
        what=_describe_wish(card.application) if card.application else [],
        about=[quota or ("" if card.application else "咨询过"), card.region, *_describe_origin(card)],
        ball=describe_ball(card.application) if card.application and card.application.stage in ENDED_STAGES else "",
        is_untold=False,
        due=describe_contact(card.contact_on, today) if card.contact_on else "",
        when=f"最近联系：{describe_age(card.last_at, now)}",
        tags=card.tags,
        is_late=bool(card.contact_on and card.contact_on < today),
        manager=_name_manager(card.manager_id, managers),
    )


def describe_ball(application: ManagedApplication, *, is_own: bool = False) -> str:
    """Whose turn it is, and for what: 轮到客户经理张敏：约客户签合同; what is lacking, or why it ended.

    `is_own`: as its manager reads it.
    """
    process = load_process()
    rule, reason = process.stages[application.stage], process.reasons.get(application.reason_class or "")
    if rule.who == "customer":
        return f"等客户{rule.do}：{'、'.join(get_label(item)[0] for item in application.items)}"
    if rule.who is None:
        return f"原因：{reason.name}" if reason else ""
    whose = "您" if is_own and rule.who == "account_manager" else name_party(application.stage, application.responsible)
    return f"轮到{whose}：{rule.do.replace('您', '客户')}"


def _describe_due(application: ManagedApplication, card: ApplicationCard, now: datetime) -> str:
    if application.due_at is None:
        return ""
    due = format_time(application.due_at, now)
    return f"已超期，应在{due}前" if card.is_late else f"最迟{due}"


def describe_age(moment: datetime, now: datetime) -> str:
    """A rough age: 刚刚, 5分钟前, 2小时前, 3天前."""
    age = now - moment
    if age < timedelta(minutes=1):
        return "刚刚"
    hours = age // timedelta(hours=1)
    return f"{hours}小时前" if 1 <= hours < 24 else f"{describe_wait(moment, now)}前"


def _draw(card: Card, *, stage: Stage | None, about: list[str], **texts: Any) -> str:
    return render(
        "customer_card.html",
        href=f"/people/{card.customer_id}",
        talk=card.talk,
        states=STATE_NAMES,
        stage=stage or "lead",
        stage_name=STAGE_NAMES[stage] if stage else "线索",
        about=[mask_personal_data(part) for part in about if part],
        **texts,
    )


def _describe_wish(application: ManagedApplication) -> list[str]:
    return [name_application(application), format_yuan(application.amount), format_months(application.term)]


def _describe_origin(card: Card) -> list[str]:
    channel = CHANNELS.get(card.channel, card.channel)
    return [channel, describe_source(card.source)] if card.source else [channel]


def _name_manager(manager_id: str | None, managers: Mapping[str, str] | None) -> str:
    if managers is None:
        return ""
    return f"客户经理：{managers.get(manager_id, '已离开')}" if manager_id else "还没有客户经理"
