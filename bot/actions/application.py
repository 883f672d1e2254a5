"""Actions of the pre-application: confirm it, submit it, report its progress, withdraw it."""

from collections.abc import Sequence

from pydantic import ValidationError
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from applications.schemas import ApplicationIn, ApplicationView
from bot.actions.clients import Clients
from bot.actions.describing import describe_summary
from bot.actions.form_filling import list_answered
from bot.actions.message import read_act
from bot.actions.product_limits import require_product
from bot.actions.slots import await_confirmation, forget, lacks_consent, leave_context
from forms.catalogue import Catalogue, Form
from kit.clock import CHINA
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.money import format_months, format_yuan
from kit.security import hash_content
from products.catalogue import find_product

CONSENT_VERSION = "2026-12"
STAGE_TEXTS = {
    "submitted": "已收到，客户经理会在1个工作日内联系您",
    "contacted": "客户经理已联系过您",
    "collecting": "正在收材料",
    "forwarded": "已转审批",
    "closed": "已办结",
    "withdrawn": "已按您的要求撤回",
}
SHOWN_MAX = 3
_WITHOUT_SUMMARY = {"declined": "utter_application_not_confirmed", "not_yet": "utter_application_not_yet"}
CONFLICT = 409


async def ask_confirmation(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks the customer to confirm the application, with a summary; after a "no", explains how to change it.

    A yes counts for this `version` of the content only.
    """
    questions = list_answered(form, tracker.slots)
    answers = {question.slot: tracker.slots[question.slot] for question in questions}
    version = hash_content(answers)[:12]
    context = leave_context(tracker, version=version)
    if response := _WITHOUT_SUMMARY.get(tracker.get_slot("hint") or ""):
        dispatcher.utter_message(response=response, version=version)
        return [context]
    if previous := tracker.get_slot("application_number"):
        dispatcher.utter_message(response="utter_application_before", number=previous)
    shown = describe_summary(questions, answers)
    dispatcher.utter_message(response="utter_application_summary", version=version, **shown)
    return [context]


async def submit_application(
    clients: Clients, catalogue: Catalogue, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Submits the application.

    When the service is unavailable the answers are kept, so that one tap tries again.
    """
    form = catalogue.forms["application_form"]
    if lacks_consent(form, tracker.slots):
        dispatcher.utter_message(response="utter_consent_declined")
        return [SlotSet(str(form.consent), None)]
    product = require_product(tracker.slots)
    values = {slot: tracker.slots[slot] for slot in form.list_answers(product.id)}
    try:
        application = ApplicationIn.model_validate(
            {
                "conversation_id": tracker.sender_id,
                "product": product.id,
                "consent_version": CONSENT_VERSION,
                **values,
            }
        )
        key = make_key(application, str(tracker.slots.get("application_number")))
        stored = await clients.applications.submit(application, idempotency_key=key)
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_application_down")
        return [SlotSet("application_confirmed", None)]
    except (ServiceRefused, ValidationError):
        dispatcher.utter_message(response="utter_application_refused")
        return [SlotSet("application_confirmed", None)]
    is_large = stored.amount > product.online_limit
    dispatcher.utter_message(
        response="utter_application_submitted_large" if is_large else "utter_application_submitted",
        number=stored.number,
        phone=f"{stored.phone[:3]}****{stored.phone[-4:]}",
        documents=product.documents,
    )
    done = forget(catalogue, form, tracker.slots)
    return [SlotSet("application_number", stored.number), *done, leave_context(tracker, last="submitted")]


async def check_application(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Reports this conversation's applications, or one of them by its number: nobody can ask for somebody else's."""
    values = read_act(tracker).values
    found = await _list_applications(clients, dispatcher, tracker, retry="/check_application_status")
    if found is None:
        return []
    number = str(values.get("number") or "").upper()
    chosen = [application for application in found if application.number == number] if number else found
    if not chosen:
        response = "utter_application_unknown" if number else "utter_application_none"
        dispatcher.utter_message(response=response, number=number)
    elif values.get("is_count") or (len(chosen) > 1 and not number):
        lines = "\n".join(f"· {_describe_stage(application)}" for application in chosen[:SHOWN_MAX])
        dispatcher.utter_message(response="utter_application_list", count=len(chosen), applications=lines)
    else:
        dispatcher.utter_message(response="utter_application_status", application=_describe_stage(chosen[0]))
    return []


async def withdraw_application(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks whether to withdraw the newest open application, and does so once that is confirmed.

    What staff have begun to work on is theirs to withdraw: it becomes their task.
    """
    found = await _list_applications(clients, dispatcher, tracker, retry="/withdraw")
    if found is None:
        return []
    newest = next((each for each in found if each.stage not in ("closed", "withdrawn")), None)
    if newest is None:
        dispatcher.utter_message(response="utter_withdraw_nothing")
        return []
    if not read_act(tracker).values.get("is_confirmed"):
        dispatcher.utter_message(response="utter_confirm_withdraw", application=_describe(newest))
        return await_confirmation(tracker, "withdraw")
    key = hash_content(["withdraw", newest.number])
    try:
        await clients.applications.withdraw(tracker.sender_id, newest.number, idempotency_key=key)
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_service_down", retry="/withdraw")
        return []
    except ServiceRefused as refused:
        if refused.status != CONFLICT:
            raise
        dispatcher.utter_message(response="utter_withdraw_by_staff", number=newest.number)
        return []
    dispatcher.utter_message(response="utter_withdrawn", number=newest.number)
    return [SlotSet("application_number", None), leave_context(tracker, last="withdrawn")]


def make_key(application: ApplicationIn, previous_number: str) -> str:
    """The idempotency key: the same content is one application until the service has acknowledged it."""
    return hash_content([application.model_dump(mode="json"), previous_number])


async def _list_applications(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, *, retry: str
) -> Sequence[ApplicationView] | None:
    """This conversation's applications, newest first; None when that was not to be had, which is said."""
    try:
        return await clients.applications.list_applications(tracker.sender_id)
    except (ServiceUnavailable, ServiceRefused):
        dispatcher.utter_message(response="utter_service_down", retry=retry)
        return None


def _describe(application: ApplicationView) -> str:
    product = find_product(application.product)
    day = application.created_at.astimezone(CHINA)
    name = product.name if product else ""
    sums = f"{format_yuan(application.amount)}、{format_months(application.term)}"
    return f"{day.month}月{day.day}日的{name}申请（编号{application.number}，{sums}）"


def _describe_stage(application: ApplicationView) -> str:
    return f"{_describe(application)}：{STAGE_TEXTS[application.stage]}"
