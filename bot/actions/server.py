"""The action server: rasa-sdk's own, with our actions and a health page."""

import logging
from typing import Any

from rasa_sdk.endpoint import create_app as create_sdk_app
from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult
from rasa_sdk.interfaces import Action
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json as answer_json

from bot.actions.application import AskConfirmation, CheckApplication, SubmitApplication
from bot.actions.clients import Clients
from bot.actions.conversation import Cancel, ExplainQuestion
from bot.actions.form_action import FormAction
from bot.actions.knowledge import AnswerQuestion
from bot.actions.quota import GiveQuota
from bot.actions.repayment import ShowRepayment
from forms.catalogue import Catalogue
from kit.logging import set_request_id

log = logging.getLogger(__name__)


def list_actions(clients: Clients, catalogue: Catalogue) -> list[Action]:
    """Every custom action of domain.yml."""
    application, quota = catalogue.forms["application_form"], catalogue.forms["quota_form"]
    return [
        *(FormAction(form) for form in catalogue.forms.values()),
        GiveQuota(clients, quota),
        AskConfirmation(application),
        SubmitApplication(clients, application),
        CheckApplication(clients),
        ShowRepayment(),
        AnswerQuestion(clients),
        Cancel(),
        ExplainQuestion(),
    ]


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
    for action in list_actions(clients, catalogue):
        executor.register_action(action)
    app = create_sdk_app(executor, cors_origins=[])

    @app.get("/healthz")
    async def answer_health(request: Request) -> HTTPResponse:
        return answer_json({"status": "ok"})

    return app
