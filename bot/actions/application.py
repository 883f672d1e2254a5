"""Actions of the pre-application: confirm it, submit it, report its progress, withdraw it."""

import logging
from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from applications.checklist import PAPER
from applications.schemas import ApplicationIn, ApplicationView
from applications.stages import OPEN_STAGES, find_days, load_process
from applications.wording import describe_standing, name_wish
from bot.actions.clients import Clients, try_call
from bot.actions.confirming import ask_to_confirm
from bot.actions.message import read_act
from bot.actions.product_limits import require_product
from bot.actions.slots import await_confirmation, forget, lacks_consent, leave_context, read_context
from forms.catalogue import LEFT_OPEN, Catalogue, Form, load_catalogue
from kit.clock import CHINA
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.money import format_months, format_yuan
from kit.security import hash_content
from privacy.purposes import APPLICATION, load_purposes
from products.catalogue import find_product

log = logging.getLogger(__name__)

STATUS_RESPONSES = {"incomplete": "utter_application_incomplete", "declined": "utter_application_declined"}
SHOWN_MAX = 3
_WITHOUT_SUMMARY = {"declined": "utter_application_not_confirmed", "not_yet": "utter_application_not_yet"}
CONFLICT = 409


async def ask_confirmation(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks the customer to confirm the application; after a "no", explains how to change it.

    What does not go together is named before the summary.
    """
    is_summary = (tracker.get_slot("hint") or "") not in _WITHOUT_SUMMARY
    if is_summary and (doubts := await _find_doubts(clients, form, tracker)):
        dispatcher.utter_message(response="utter_application_doubts", doubts=doubts)
    return ask_to_confirm(form, dispatcher, tracker, "utter_application_summary", _WITHOUT_SUMMARY)


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
    try:
        application = _build(form, tracker)
        key = hash_content(application.model_dump(mode="json"))
        stored = await clients.applications.submit(application, idempotency_key=key)
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_application_down")
        return [SlotSet("application_confirmed", None)]
    except (ServiceRefused, ValidationError) as error:
        is_second = isinstance(error, ServiceRefused) and error.code == "already_applied"
        dispatcher.utter_message(response="utter_application_second" if is_second else "utter_application_refused")
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


def _build(form: Form, tracker: Tracker) -> ApplicationIn:
    """The application that the answers make; raises pydantic.ValidationError."""
    told = {slot: tracker.slots.get(slot) for slot in form.list_answers(tracker.slots)}
    answers = {slot: value for slot, value in told.items() if value not in (None, LEFT_OPEN)}
    details = {slot: value for slot, value in answers.items() if slot not in ApplicationIn.model_fields}
    return ApplicationIn.model_validate(
        {
            "conversation_id": tracker.sender_id,
            "product": require_product(tracker.slots).id,
            "consent_version": load_purposes()[APPLICATION].version,
            "details": details,
            **{slot: value for slot, value in answers.items() if slot not in details},
        }
    )


async def _find_doubts(clients: Clients, form: Form, tracker: Tracker) -> str:
    """What the customer had better look at again, in a sentence each; without the service nothing is doubted."""
    try:
        found = await try_call(clients.applications.find_mendable(_build(form, tracker)))
    except (ServiceUnavailable, ServiceRefused, ValidationError) as error:
        log.warning("the application was not checked before it was shown: %s", type(error).__name__)
        return ""
    told = (each for each in found if all(tracker.slots.get(slot) not in (None, LEFT_OPEN) for slot in each.slots))
    return "\n".join(f"· {each.ask}" for each in told)


async def check_application(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Reports this conversation's applications, or one of them by its number: nobody can ask for somebody else's."""
    values = read_act(tracker).values
    found = await list_applications(clients, dispatcher, tracker, retry="/check_application_status")
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
        _tell_status(clients, dispatcher, chosen[0])
    return []


async def show_process(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Tells the published process: who does what within which time."""
    process, today = load_process(), clients.clock().astimezone(CHINA).date()
    lines = (
        f"· {stage.name}：{process.who[stage.who]}{find_days(stage.working_days, today)}个工作日内{stage.do}"
        for stage in process.stages.values()
        if stage.who and stage.working_days
    )
    dispatcher.utter_message(response="utter_process", stages="\n".join(lines))
    return []


async def withdraw_application(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks whether to withdraw an open application, of the number named or the newest, and does so once confirmed.

    What staff have begun to work on is theirs to withdraw: it becomes their task.
    """
    found = await list_applications(clients, dispatcher, tracker, retry="/withdraw")
    if found is None:
        return []
    values = read_act(tracker).values
    is_confirmed = bool(values.get("is_confirmed"))
    named = values.get("number") or (read_context(tracker).get("number") if is_confirmed else "")
    number = str(named or "").upper()
    chosen = next((each for each in found if each.stage in OPEN_STAGES and number in ("", each.number)), None)
    if chosen is None:
        dispatcher.utter_message(response="utter_withdraw_nothing")
        return []
    if not is_confirmed:
        dispatcher.utter_message(
            response="utter_confirm_withdraw", application=describe_application(chosen), number=chosen.number
        )
        return await_confirmation(tracker, "withdraw", number=chosen.number)
    key = hash_content(["withdraw", chosen.number])
    try:
        await clients.applications.withdraw(tracker.sender_id, chosen.number, idempotency_key=key)
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_service_down", retry="/withdraw")
        return []
    except ServiceRefused as refused:
        if refused.status != CONFLICT:
            raise
        dispatcher.utter_message(response="utter_withdraw_by_staff", number=chosen.number)
        return []
    dispatcher.utter_message(response="utter_withdrawn", number=chosen.number)
    return [SlotSet("application_number", None), leave_context(tracker, last="withdrawn")]


async def list_applications(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, *, retry: str
) -> Sequence[ApplicationView] | None:
    """This conversation's applications, newest first; None when that was not to be had, which is said."""
    try:
        return await clients.applications.list_applications(tracker.sender_id)
    except (ServiceUnavailable, ServiceRefused):
        dispatcher.utter_message(response="utter_service_down", retry=retry)
        return None


def describe_application(application: ApplicationView) -> str:
    """Which application it is: its day, product, number, sum and term."""
    product = find_product(application.product)
    day = application.created_at.astimezone(CHINA)
    name = name_wish(product.name if product else "", application.kind)
    sums = f"{format_yuan(application.amount)}、{format_months(application.term)}"
    return f"{day.month}月{day.day}日的{name}申请（编号{application.number}，{sums}）"


def tell_standing(application: ApplicationView, now: datetime) -> str:
    """Why an application stands where it does, what comes next, by whom and until when."""
    why = application.stage, application.reason_class, application.reason
    items = name_items(application.items)
    return describe_standing(*why, items, application.responsible, application.due_at, now)


def name_items(items: Sequence[str]) -> list[str]:
    """What an application lacks: the labels of answers, and papers."""
    questions = load_catalogue().questions
    return [questions[item].label if item in questions else item.removeprefix(PAPER) for item in items]


def _describe_stage(application: ApplicationView) -> str:
    return f"{describe_application(application)}：{load_process().stages[application.stage].told}"


def _tell_status(clients: Clients, dispatcher: CollectingDispatcher, application: ApplicationView) -> None:
    """Where it stands, why, what comes next, by whom and until when; what the customer may do about it as buttons."""
    standing = tell_standing(application, clients.clock())
    over = "utter_application_status" if application.stage in OPEN_STAGES else "utter_application_over"
    dispatcher.utter_message(
        response=STATUS_RESPONSES.get(application.stage, over),
        application=f"{_describe_stage(application)}。{standing}",
        number=application.number,
    )
