"""The action server: rasa-sdk's own, with our actions and a health page."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app as create_sdk_app
from rasa_sdk.events import EventType
from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult, CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import json as answer_json

from bot.actions.application import (
    ask_confirmation,
    check_application,
    show_process,
    submit_application,
    withdraw_application,
)
from bot.actions.application_form import fill_application
from bot.actions.calculation import calculate, show_calculation
from bot.actions.clients import Clients
from bot.actions.completion import ask_completion_confirmation, begin_completion, fill_completion, submit_completion
from bot.actions.conversation import ask_back, cancel, explain_question, keep_facts, show_answers
from bot.actions.english import CODES, translate_events, translate_responses
from bot.actions.form_action import fill_form
from bot.actions.knowledge import answer_question, repeat_answer, suggest_entries
from bot.actions.known_quota import start_quota
from bot.actions.picture import take_picture
from bot.actions.prepayment import compare
from bot.actions.product_choice import ask_product, ask_repayment
from bot.actions.quota import change_quota, explain_quota, give_quota, tell_quota
from bot.actions.schedule import show_schedule
from bot.actions.visits import ask_place, ask_time, ask_visit_confirmation, book_visit, cancel_visit, plan_visit
from forms.catalogue import PERSONAL_KINDS, Catalogue
from kit.logging import set_request_id
from kit.placeholders import Placeholders
from kit.security import is_same_secret, read_bearer
from kit.settings import is_local
from kit.vault import Vault
from products.following import follow_catalogue

log = logging.getLogger(__name__)

Action = Callable[[CollectingDispatcher, Tracker, DomainDict], Awaitable[list[EventType]]]


def list_actions(clients: Clients, catalogue: Catalogue) -> dict[str, Action]:
    """Every custom action of domain.yml by its name there; Rasa derives a form's from the form's name."""
    application, quota = catalogue.forms["application_form"], catalogue.forms["quota_form"]
    repayment, visit = catalogue.forms["repayment_form"], catalogue.forms["visit_form"]
    completion = catalogue.forms["completion_form"]
    return {
        **{f"validate_{form.id}": partial(fill_form, form) for form in catalogue.forms.values()},
        "validate_application_form": partial(fill_application, clients, application),
        "validate_completion_form": partial(fill_completion, completion),
        "action_give_quota": partial(give_quota, clients, catalogue),
        "action_start_quota": partial(start_quota, clients, catalogue),
        "action_tell_quota": partial(tell_quota, clients, quota),
        "action_change_quota": partial(change_quota, clients, quota),
        "action_explain_quota": explain_quota,
        "action_ask_application_form_application_confirmed": partial(ask_confirmation, clients, application),
        "action_ask_product": ask_product,
        "action_ask_repayment": ask_repayment,
        "action_submit_application": partial(submit_application, clients, catalogue),
        "action_take_picture": partial(take_picture, application),
        "action_complete_application": partial(begin_completion, clients, completion),
        "action_ask_completion_form_completion_confirmed": partial(ask_completion_confirmation, completion),
        "action_submit_completion": partial(submit_completion, clients, completion),
        "action_check_application": partial(check_application, clients),
        "action_show_process": partial(show_process, clients),
        "action_withdraw_application": partial(withdraw_application, clients),
        "action_calculate": partial(calculate, repayment),
        "action_show_calculation": partial(show_calculation, repayment),
        "action_show_schedule": show_schedule,
        "action_compare_prepayment": compare,
        "action_plan_visit": partial(plan_visit, clients, visit),
        "action_ask_visit_time": ask_time,
        "action_ask_visit_place": partial(ask_place, clients),
        "action_ask_visit_form_visit_confirmed": partial(ask_visit_confirmation, visit),
        "action_book_visit": partial(book_visit, clients, catalogue),
        "action_cancel_visit": partial(cancel_visit, clients, catalogue),
        "action_answer_question": partial(answer_question, clients),
        "action_suggest_entries": suggest_entries,
        "action_repeat_answer": repeat_answer,
        "action_cancel": partial(cancel, clients, catalogue),
        "action_explain_question": explain_question,
        "action_show_answers": partial(show_answers, catalogue),
        "action_ask_back": ask_back,
        "action_keep_facts": keep_facts,
    }


class DomainlessExecutor(ActionExecutor):
    """Runs actions without the domain, which Rasa does not send (bot/server/shortcuts.py).

    Actions know personal data, Rasa knows their placeholders.
    """

    def __init__(self, vault: Vault, catalogue: Catalogue) -> None:
        super().__init__()
        self._vault = vault
        questions = catalogue.questions.values()
        self._personal_slots = frozenset(question.slot for question in questions if question.kind in PERSONAL_KINDS)

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """An empty domain."""
        return {}

    async def run(self, action_call: dict[str, Any], *args: Any, **kwargs: Any) -> ActionExecutorRunResult | None:
        """As the parent, in the dialogue's language; log lines carry the ids of the message the action belongs to."""
        conversation_id, tracker = action_call.get("sender_id", ""), action_call.get("tracker", {})
        message = tracker.get("latest_message") or {}
        set_request_id(conversation_id, message.get("message_id") or "")
        log.info("%s", action_call.get("next_action"))
        placeholders = Placeholders(self._vault, conversation_id)
        known = {part: placeholders.put_back(tracker.get(part)) for part in ("slots", "latest_message")}
        result = await super().run({**action_call, "tracker": {**tracker, **known}}, *args, **kwargs)
        if result and message.get("act", {}).get("language") == "en":
            result.responses = translate_responses(result.responses)
            result.events = translate_events(result.events)
        if result:
            result.events = [self._take_out(event, placeholders) for event in result.events]
            result.responses = [take_out_words(response, placeholders) for response in result.responses]
        return result

    def _take_out(self, event: dict[str, Any], placeholders: Placeholders) -> dict[str, Any]:
        value = event.get("value")
        if event.get("name") in self._personal_slots and isinstance(value, str):
            placeholders.hide(value)
        return event if value is None else {**event, "value": placeholders.take_out(value)}


def take_out_words(response: dict[str, Any], placeholders: Placeholders) -> dict[str, Any]:
    """The response with placeholders in what is said; its codes hold nothing personal."""
    return {key: each if key in CODES else placeholders.take_out(each) for key, each in response.items()}


def is_action_call(body: Any) -> bool:
    """Whether a JSON body has the shape of Rasa's call of an action."""
    shape = {"next_action": str, "sender_id": str, "tracker": dict}
    return isinstance(body, dict) and all(isinstance(body.get(name), kind) for name, kind in shape.items())


def create_app(clients: Clients, catalogue: Catalogue, vault: Vault, *, token: str = "") -> Sanic[Any, Any]:
    """The server's application; `token` is what Rasa needs to call it."""
    executor = DomainlessExecutor(vault, catalogue)
    for name, action in list_actions(clients, catalogue).items():
        executor.register_function(name, action)
    app = create_sdk_app(executor, cors_origins=[])

    @app.after_server_start
    async def follow(app: Sanic[Any, Any]) -> None:
        app.ctx.following = asyncio.create_task(follow_catalogue(clients.products.read))

    @app.before_server_stop
    async def stop_following(app: Sanic[Any, Any]) -> None:
        app.ctx.following.cancel()

    @app.get("/healthz")
    async def answer_health(request: Request) -> HTTPResponse:
        return answer_json({"status": "ok"})

    @app.on_request
    async def require_token(request: Request) -> HTTPResponse | None:
        given = read_bearer(request.headers.get("authorization"))
        if not token or request.path == "/healthz" or is_same_secret(given, token):
            return None
        return answer_json({"error": {"code": "unauthorised", "reason": "the service's token is needed"}}, status=401)

    @app.on_request
    async def require_action_call(request: Request) -> HTTPResponse | None:
        if request.path != "/webhook" or request.method != "POST" or is_action_call(request.json):
            return None
        return answer_json({"error": {"code": "invalid_request", "reason": "no action call"}}, status=422)

    # rasa-sdk answers all of these with 500 and logs a traceback.
    @app.exception(SanicException)
    async def answer_refused(request: Request, error: SanicException) -> HTTPResponse:
        return answer_json({"error": {"code": "http_error", "reason": str(error)}}, status=error.status_code)

    @app.on_request
    async def require_own_name(request: Request) -> HTTPResponse | None:
        """So that no web page reaches the server of this machine by a name of its own."""
        if not is_local(urlsplit(f"//{request.host}").hostname):
            return answer_json({"error": {"code": "wrong_host", "reason": "not a name of this machine"}}, status=400)
        return None

    return app
