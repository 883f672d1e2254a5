"""The action server: rasa-sdk's own, with our actions and a health page."""

from typing import Any

from rasa_sdk.endpoint import create_app as create_sdk_app
from rasa_sdk.executor import ActionExecutor
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
    """Runs actions without the domain, which Rasa then need not send with every call (`selective_domain`)."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """An empty domain."""
        return {}


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
