"""The quota check: asks the scoring service, words its decision, and what if a fact were otherwise."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.clients import Clients
from bot.actions.describing import describe_answers, describe_summary
from bot.actions.form_filling import list_answered, take_facts
from bot.actions.known_quota import compare, keep_check, list_checks, read_today, summarise
from bot.actions.message import read_act
from bot.actions.product_limits import get_product, require_product
from bot.actions.slots import Slots, forget, lacks_consent, leave_context, read_context
from forms.catalogue import Catalogue, Form, Question
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.money import format_months, format_yuan
from kit.security import hash_content
from scoring.client import ScoringUnavailable
from scoring.estimate import list_obstacles
from scoring.schemas import DecisionView, parse_request


async def give_quota(
    clients: Clients, catalogue: Catalogue, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks the scoring service when the form is complete.

    A quota is told at once. Anything else only after the facts were shown and confirmed: nobody is refused for a
    misunderstanding. When the service is unavailable the answers are kept, so that one tap tries again.
    """
    form = catalogue.forms["quota_form"]
    if lacks_consent(form, tracker.slots):
        dispatcher.utter_message(response="utter_consent_declined")
        return [SlotSet(str(form.consent), None)]
    answers = {question.slot: tracker.slots[question.slot] for question in list_answered(form, tracker.slots)}
    events = await _decide(clients, form, answers, dispatcher, tracker)
    # The next check asks again; answers and decision stay for agents who take over.
    return [*events, *forget(catalogue, form, tracker.slots)] if events else []


async def change_quota(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Decides again with some facts changed; asks for what is missing then."""
    before: dict[str, Any] = (tracker.get_slot("quota_summary") or {}).get("answers", {})
    known: dict[str, Any] = {**before, str(form.consent): True}
    update = take_facts(form, known, read_act(tracker).facts)
    if update.requested:
        # The form takes the same facts again, and asks.
        return [*(SlotSet(str(slot), value) for slot, value in known.items()), FollowupAction(form.id)]
    answers = {**before, **{slot: value for slot, value in update.values.items() if value is not None}}
    asked = list_answered(form, answers)
    changed = [question for question in asked if question.slot in (*update.changed, *update.noted)]
    if not changed:
        return _keep_quota(asked, before, dispatcher, tracker)
    dispatcher.utter_message(response="utter_changed", answers=describe_answers(changed, answers))
    answered = {question.slot: answers[question.slot] for question in asked}
    return await _decide(clients, form, answered, dispatcher, tracker)


def _keep_quota(
    asked: Sequence[Question], answers: Slots, dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[EventType]:
    """Nothing was named that the quota follows from: what it does follow from is shown."""
    if read_context(tracker).get("last") == "recap":
        hint = "没看明白要改哪项。"
        dispatcher.utter_message(response="utter_quota_recap", hint=hint, **describe_summary(asked, answers, [hint]))
    else:
        dispatcher.utter_message(response="utter_quota_unchanged", answers=describe_answers(asked, answers))
    return []


async def tell_quota(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Tells the decision whose facts were confirmed; decides anew if it holds no more."""
    summary: dict[str, Any] = tracker.slots["quota_summary"]
    decision, product = DecisionView.model_validate(summary["decision"]), get_product(summary["answers"])
    is_current = product and product.reference == summary["product_revision"]
    if is_current and read_today() <= decision.valid_until:
        return await _tell(clients, summary, dispatcher, tracker)
    return await _decide(clients, form, summary["answers"], dispatcher, tracker, is_confirmed=True)


async def explain_quota(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Says what the quota follows from, and whether the sum they name lies within it."""
    summary: dict[str, Any] = tracker.slots["quota_summary"]
    decision = DecisionView.model_validate(summary["decision"])
    values = _describe(decision, summary["answers"])
    wanted = next((fact.high for fact in read_act(tracker).facts if fact.role == "amount" and fact.high), None)
    if wanted is None or not decision.quota:
        dispatcher.utter_message(response="utter_explain_quota", **values)
    else:
        fits = "within" if wanted <= decision.quota else "above"
        dispatcher.utter_message(response=f"utter_wanted_{fits}", wanted=format_yuan(round(wanted)), **values)
    return []


def make_key(conversation_id: str, request: dict[str, Any], message_id: str) -> str:
    """The idempotency key: retries of one turn ask once. It begins with the conversation, so that it can be erased."""
    return f"{conversation_id}:{hash_content([request, message_id])[:40]}"


def build_request(form: Form, answers: Slots) -> dict[str, Any]:
    """The scoring service's request: only the facts that belong to the product."""
    product = require_product(answers)
    return {"product": product.id, "facts": {slot: answers[slot] for slot in form.list_answers(answers)}}


async def _decide(
    clients: Clients,
    form: Form,
    answers: dict[str, Any],
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    *,
    is_confirmed: bool = False,
) -> list[EventType]:
    """The same customer, asking the same inside the validity, is told the same; else the scoring service decides."""
    request, revision = build_request(form, answers), require_product(answers).reference
    checks = await list_checks(clients, tracker.sender_id)
    earlier = next((check for check in checks if check.product == request["product"]), None)
    if earlier and earlier.stands(revision, request["facts"], read_today()):
        decision = earlier.decision
    else:
        key = make_key(tracker.sender_id, request, tracker.latest_message["message_id"])
        try:
            decision = await clients.scoring.decide(parse_request(request), idempotency_key=key)
        except ScoringUnavailable:
            _tell_estimate(request, answers, dispatcher)
            return []
        except (ServiceUnavailable, ServiceRefused):
            dispatcher.utter_message(response="utter_quota_down")
            return []
    summary = summarise(request["product"], request["facts"], answers, revision, decision)
    if earlier and earlier.decision.decision_id != decision.decision_id:
        summary["compared"] = compare(form, earlier, request["facts"])
    if decision.outcome == "approve" or is_confirmed:
        return await _tell(clients, summary, dispatcher, tracker)
    hint = "有逾期的要先还清才能办。" if answers.get("has_overdue") else ""
    shown = describe_summary(list_answered(form, answers), answers, [hint] if hint else [])
    dispatcher.utter_message(response="utter_quota_recap", hint=hint, **shown)
    return [SlotSet("quota_summary", summary), leave_context(tracker, last="recap")]


def _tell_estimate(request: dict[str, Any], answers: Slots, dispatcher: CollectingDispatcher) -> None:
    """Without the scoring service: what the hard rules say, and that it is no more than that. Nothing of it is kept."""
    product = require_product(answers)
    obstacles = list_obstacles(parse_request(request), product, read_today())
    if obstacles is None:
        dispatcher.utter_message(response="utter_quota_down")
        return
    dispatcher.utter_message(
        response="utter_quota_obstacles" if obstacles else "utter_quota_estimate",
        product=product.name,
        least=format_yuan(product.amount_min),
        most=format_yuan(product.amount_max),
        reasons="\n".join(f"· {text}" for text in obstacles),
    )


async def _tell(
    clients: Clients, summary: dict[str, Any], dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[EventType]:
    decision = DecisionView.model_validate(summary["decision"])
    values = _describe(decision, summary["answers"])
    if compared := summary.pop("compared", None):
        dispatcher.utter_message(response="utter_quota_compared", **compared)
    card = {"card": _make_card(decision, values)} if decision.outcome == "approve" else {}
    dispatcher.utter_message(response=f"utter_quota_{decision.outcome}", json_message=card, **values)
    # By the decision: told again, it is kept once.
    await keep_check(clients, tracker.sender_id, summary, make_key(tracker.sender_id, summary["decision"], ""))
    return [SlotSet("quota_summary", summary), leave_context(tracker, last="quota")]


def _describe(decision: DecisionView, answers: Slots) -> dict[str, Any]:
    product = get_product(answers)
    quota, rate = format_yuan(decision.quota), f"{decision.annual_rate:g}" if decision.annual_rate else ""
    estimate = f"先按您说的估约{quota}，年利率{rate}%（年化单利，含全部费用），核实后才能定。" if rate else ""
    return {
        "product": product.name if product else "",
        "product_id": product.id if product else "",
        "quota": quota,
        "term": format_months(decision.term_months) if decision.term_months else "",
        "rate": rate,
        "estimate": estimate,
        "reasons": "\n".join(f"· {reason.text}" for reason in decision.reasons),
        "next_step": decision.improvement + decision.next_step,
        "valid_until": f"{decision.valid_until.month}月{decision.valid_until.day}日",
    }


def _make_card(decision: DecisionView, values: dict[str, Any]) -> dict[str, Any]:
    rows = {
        "额度": f"约{values['quota']}",
        "年利率": f"{values['rate']}%（年化单利，含全部费用）",
        "最长": values["term"],
        "结果保留到": values["valid_until"],
    }
    return {
        "kind": "result",
        "title": f"{values['product']}初步估算",
        "rows": [{"label": label, "value": value, "say": None} for label, value in rows.items()],
        "notes": [*(reason.text for reason in decision.reasons), values["next_step"]],
    }
