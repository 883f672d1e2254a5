"""What a customer was told of a quota before, on whatever channel: asked again, the same is told again."""

import logging
from datetime import date
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.clients import Clients
from bot.actions.describing import describe_answer, describe_summary
from bot.actions.form_filling import list_answered
from bot.actions.message import read_act
from bot.actions.slots import Slots, leave_context
from forms.catalogue import Catalogue, Form
from kit.clock import CHINA, read_clock
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.money import format_yuan
from products.catalogue import find_product
from quota_checks.schemas import QuotaCheckIn, QuotaCheckView
from scoring.schemas import DecisionView

log = logging.getLogger(__name__)


async def start_quota(
    clients: Clients, catalogue: Catalogue, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Opens the form, or shows a customer who comes back what they told last time: a yes gives the quota.

    They agreed to the check then: who withdraws that has nothing kept (privacy/rights/withdrawal.py).
    """
    form = catalogue.forms["quota_form"]
    is_begun = any(tracker.get_slot(question.slot) is not None for question in form.questions)
    checks = [] if is_begun or read_act(tracker).facts else await list_checks(clients, tracker.sender_id)
    known = ((each, product) for each in checks if (product := find_product(each.product)))
    check, product = next(known, (None, None))
    if check is None or product is None:
        return [FollowupAction(form.id)]
    answers = {**check.facts, "product": product.name}
    shown = describe_summary(list_answered(form, answers), answers)
    dispatcher.utter_message(response="utter_quota_known", day=_write_day(check), before=_write_quota(check), **shown)
    summary = summarise(check.product, check.facts, answers, check.product_revision, check.decision)
    return [SlotSet("quota_summary", summary), leave_context(tracker, last="recap")]


async def list_checks(clients: Clients, conversation_id: str) -> list[QuotaCheckView]:
    """The newest check of each product; none while they cannot be had: then everything is asked and decided anew."""
    try:
        return await clients.quota_checks.list_checks(conversation_id)
    except (ServiceUnavailable, ServiceRefused) as error:
        log.warning("earlier quota checks cannot be had: %s", error)
        return []


async def keep_check(clients: Clients, conversation_id: str, summary: dict[str, Any], key: str) -> None:
    """Keeps what the customer is told; if that fails, the next check decides anew."""
    kept = {name: summary[name] for name in ("product", "product_revision", "facts", "decision")}
    try:
        check = QuotaCheckIn(conversation_id=conversation_id, **kept)
        await clients.quota_checks.keep(check, idempotency_key=key)
    except (ServiceUnavailable, ServiceRefused) as error:
        log.warning("a quota check was not kept: %s", error)


def summarise(
    product: str, facts: Slots, answers: Slots, product_revision: str, decision: DecisionView
) -> dict[str, Any]:
    """What the slot `quota_summary` holds of a check."""
    return {
        "product": product,
        "facts": dict(facts),
        "answers": dict(answers),
        "product_revision": product_revision,
        "decision": decision.model_dump(mode="json"),
    }


def compare(form: Form, check: QuotaCheckView, facts: Slots) -> dict[str, str]:
    """What the wording `utter_quota_compared` needs: the day and the quota of before, and what changed since."""
    questions = [question for question in form.questions if question.slot in facts and question.slot in check.facts]
    changes = [
        f"{each.label}从{describe_answer(each, check.facts[each.slot])}变成{describe_answer(each, facts[each.slot])}"
        for each in questions
        if check.facts[each.slot] != facts[each.slot]
    ]
    same = "您的情况没变，按现在的规则重新算了"
    return {"day": _write_day(check), "before": _write_quota(check), "changes": "；".join(changes) or same}


def read_today() -> date:
    """Today in China; validity goes by it."""
    return read_clock().astimezone(CHINA).date()


def _write_day(check: QuotaCheckView) -> str:
    day = check.decided_at.astimezone(CHINA)
    return f"{day.month}月{day.day}日"


def _write_quota(check: QuotaCheckView) -> str:
    return format_yuan(check.decision.quota) if check.decision.quota else "没有给出额度"
