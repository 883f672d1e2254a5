"""The action server: rasa-sdk's own, with our actions and a health page."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from rasa_sdk.endpoint import create_app as create_sdk_app
from rasa_sdk.events import EventType
from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult, CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json as answer_json

from bot.actions.application import ask_confirmation, check_application, submit_application
from bot.actions.clients import Clients
from bot.actions.conversation import cancel, explain_question
from bot.actions.fields import make_fields
from bot.actions.form_action import fill_form
from bot.actions.knowledge import answer_question
from bot.actions.quota import give_quota
from bot.actions.repayment import show_repayment
from forms.catalogue import Catalogue
from kit.logging import set_request_id

log = logging.getLogger(__name__)


Action = Callable[[CollectingDispatcher, Tracker, DomainDict], Awaitable[list[EventType]]]


def list_actions(clients: Clients, catalogue: Catalogue) -> dict[str, Action]:
    """Every custom action of domain.yml by its name there; Rasa derives a form's from the form's name."""
    application, quota = catalogue.forms["application_form"], catalogue.forms["quota_form"]
    return {
        **{f"validate_{form.id}": partial(fill_form, form, make_fields(form)) for form in catalogue.forms.values()},
        "action_give_quota": partial(give_quota, clients, quota),
        "action_ask_application_form_application_confirmed": partial(ask_confirmation, application),
        "action_submit_application": partial(submit_application, clients, application),
        "action_check_application": partial(check_application, clients),
        "action_show_repayment": show_repayment,
        "action_answer_question": partial(answer_question, clients),
        "action_cancel": cancel,
        "action_explain_question": explain_question,
    }


class DomainlessExecutor(ActionExecutor):
    """Runs actions without the domain, which Rasa does not send (bot/server/shortcuts.py)."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """An empty domain."""
        return {}

    async def run(self, action_call: dict[str, Any], *args: Any, **kwargs: Any) -> ActionExecutorRunResult | None:
        """As the parent; log lines carry the ids of the message that the action belongs to."""
        message = action_call.get("tracker", {}).get("latest_message") or {}
        set_request_id(action_call.get("sender_id", ""), message.get("message_id") or "")
        log.info("%s", action_call.get("next_action"))
        return await super().run(action_call, *args, **kwargs)


def create_app(clients: Clients, catalogue: Catalogue) -> Sanic[Any, Any]:
    """The server's application."""
    executor = DomainlessExecutor()
    for name, action in list_actions(clients, catalogue).items():
        executor.register_function(name, action)
    app = create_sdk_app(executor, cors_origins=[])

    @app.get("/healthz")
    async def answer_health(request: Request) -> HTTPResponse:
        return answer_json({"status": "ok"})

    return app
