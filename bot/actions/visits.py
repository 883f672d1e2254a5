"""Actions of visits: plan one, ask when and where, book, move and cancel it."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.clients import Clients
from bot.actions.confirming import ask_to_confirm
from bot.actions.conversation import cancel
from bot.actions.message import read_act
from bot.actions.slots import await_confirmation, forget, leave_context
from forms.catalogue import Catalogue, Form
from kit.clock import CHINA, read_clock
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.security import hash_content
from kit.working_time import describe_moment
from visits.schemas import VisitIn, VisitOptions, VisitView
from visits.slots import choose_offered

# What the form goes by: the free times, who comes, and the visit that is to be moved, if it is one.
PLAN = "visit_plan"
NOBODY = "客户经理"
TITLE_LENGTH_MAX = 20
_WITHOUT_SUMMARY = {"declined": "utter_visit_not_confirmed", "not_yet": "utter_visit_not_confirmed"}


async def plan_visit(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Opens the form for a new visit, or for another time of the one that is booked, if there is anything to book."""
    act = read_act(tracker)
    options = await _list_options(clients, dispatcher, tracker, retry=f"/{act.name}")
    if options is None:
        return []
    booked, moves = options.booked, act.name == "move_visit" or bool(act.facts)
    if booked is None and act.name == "move_visit":
        dispatcher.utter_message(response="utter_visit_none")
    elif booked and not moves:
        dispatcher.utter_message(response="utter_visit_booked", **_describe(booked))
        return [leave_context(tracker, last="visit")]
    elif not options.may_book:
        dispatcher.utter_message(response="utter_visit_not_yet")
    elif not options.times:
        dispatcher.utter_message(response="utter_visit_full")
    else:
        return [*_open(options, tracker), FollowupAction(form.id)]
    return []


async def ask_time(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Puts the question for the time, with a button for each time offered: those nearest to what was wished for."""
    facts = [fact for fact in read_act(tracker).facts if fact.role == "visit_time" and fact.low is not None]
    wished = (facts[-1].low or 0, facts[-1].high or 0) if facts else None
    times = [datetime.fromisoformat(time) for time in (tracker.get_slot(PLAN) or {}).get("times", [])]
    now = read_clock()
    buttons = [
        {"title": describe_moment(time, now), "payload": f'/inform{{"visit_time": "{time.isoformat()}"}}'}
        for time in choose_offered(times, wished)
    ]
    dispatcher.utter_message(response="utter_ask_visit_time", buttons=buttons)
    return []


async def ask_place(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Puts the question for the place; the one that was told before is a button."""
    try:
        place = (await clients.visits.list_options(tracker.sender_id)).place
    except (ServiceUnavailable, ServiceRefused):
        place = ""
    is_short = 0 < len(place) <= TITLE_LENGTH_MAX
    buttons = [{"title": place, "payload": '/inform{"of": "visit_place"}'}] if is_short else []
    dispatcher.utter_message(response="utter_ask_visit_place", buttons=buttons)
    return []


async def ask_visit_confirmation(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks the customer to confirm time and place."""
    manager = (tracker.get_slot(PLAN) or {}).get("manager") or NOBODY
    return ask_to_confirm(form, dispatcher, tracker, "utter_visit_summary", _WITHOUT_SUMMARY, manager=manager)


async def book_visit(
    clients: Clients, catalogue: Catalogue, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Books or moves the visit. If the time was taken meanwhile, it is asked for anew, with those that are free."""
    form = catalogue.forms["visit_form"]
    plan: dict[str, Any] = tracker.get_slot(PLAN) or {}
    try:
        wanted = {"conversation_id": tracker.sender_id, "starts_at": tracker.slots["visit_time"]}
        visit = VisitIn.model_validate({**wanted, "place": tracker.slots["visit_place"]})
        if plan.get("moved"):
            booked = await clients.visits.move(plan["moved"], visit)
        else:
            # One plan is one visit, however often it is confirmed.
            key = hash_content(["visit", visit.model_dump(mode="json"), plan.get("as_of")])
            booked = await clients.visits.book(visit, idempotency_key=key)
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_service_down", retry="/book_visit")
        return [SlotSet("visit_confirmed", None)]
    except (ServiceRefused, ValidationError) as refused:
        if getattr(refused, "code", "") == "time_taken":
            return await _ask_other_time(clients, form, dispatcher, tracker)
        dispatcher.utter_message(response="utter_visit_refused")
        return [SlotSet(PLAN, None), *forget(catalogue, form, tracker.slots)]
    dispatcher.utter_message(response="utter_visit_done", **_describe(booked))
    done = forget(catalogue, form, tracker.slots)
    return [SlotSet(PLAN, None), *done, leave_context(tracker, last="visit")]


async def cancel_visit(
    clients: Clients, catalogue: Catalogue, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks whether to cancel the visit that is booked, and does so once that is confirmed.

    One that is only being planned is no more planned.
    """
    options = await _list_options(clients, dispatcher, tracker, retry="/cancel_visit")
    if options is None:
        return []
    if options.booked is None and tracker.active_loop_name == "visit_form":
        return await cancel(clients, catalogue, dispatcher, tracker, domain)
    if options.booked is None:
        dispatcher.utter_message(response="utter_visit_none")
        return []
    if not read_act(tracker).values.get("is_confirmed"):
        dispatcher.utter_message(response="utter_confirm_cancel_visit", **_describe(options.booked))
        return await_confirmation(tracker, "cancel_visit")
    try:
        await clients.visits.cancel(tracker.sender_id, options.booked.id)
    except (ServiceUnavailable, ServiceRefused):
        dispatcher.utter_message(response="utter_service_down", retry="/cancel_visit")
        return []
    dispatcher.utter_message(response="utter_visit_cancelled")
    return []


async def _ask_other_time(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[EventType]:
    options = await _list_options(clients, dispatcher, tracker, retry="/book_visit")
    unconfirmed = [SlotSet("visit_time", None), SlotSet("visit_confirmed", None)]
    if options is None or not options.times:
        dispatcher.utter_message(response="utter_visit_full")
        return unconfirmed
    dispatcher.utter_message(response="utter_visit_taken")
    plan = {**(tracker.get_slot(PLAN) or {}), "times": _write_times(options)}
    return [SlotSet(PLAN, plan), *unconfirmed, FollowupAction(form.id)]


def _open(options: VisitOptions, tracker: Tracker) -> list[EventType]:
    """The slots with which the form begins; a time that was answered before stands if it is still free."""
    times = _write_times(options)
    plan = {
        "times": times,
        "manager": options.manager_name,
        "moved": options.booked.id if options.booked else None,
        "as_of": read_clock().isoformat(timespec="seconds"),
    }
    before = tracker.get_slot("visit_time")
    slots: dict[str, Any] = {PLAN: plan, "visit_confirmed": None}
    if options.booked:
        slots |= {"visit_time": None, "visit_place": options.booked.place}
    elif before not in times:
        slots["visit_time"] = None
    return [SlotSet(slot, value) for slot, value in slots.items()]


def _write_times(options: VisitOptions) -> list[str]:
    return [time.astimezone(CHINA).isoformat() for time in options.times]


def _describe(visit: VisitView) -> dict[str, Any]:
    when = describe_moment(visit.starts_at, read_clock())
    return {"when": when, "place": visit.place, "manager": visit.manager_name or NOBODY}


async def _list_options(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, *, retry: str
) -> VisitOptions | None:
    """What can be booked; None when that was not to be had, which is said."""
    try:
        return await clients.visits.list_options(tracker.sender_id)
    except (ServiceUnavailable, ServiceRefused):
        dispatcher.utter_message(response="utter_service_down", retry=retry)
        return None
