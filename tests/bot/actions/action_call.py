"""Runs one action the way Rasa has it run, by the SDK's executor, and puts its responses into domain.yml's words."""

import functools
import re
from dataclasses import dataclass, replace
from typing import Any

import httpx
import yaml

from applications.client import ApplicationsClient
from bot.actions.clients import Clients
from bot.actions.server import DomainlessExecutor, list_actions
from forms.catalogue import load_catalogue
from kit.clock import Clock
from kit.database import Database
from kit.http import ServiceClient
from kit.placeholders import Placeholders
from kit.settings import ROOT
from kit.web import create_web_app
from knowledge.client import KnowledgeClient
from products.client import ProductsClient
from quota_checks.client import QuotaChecksClient
from scoring.client import ScoringClient
from tests.applications.making import make_router
from tests.fakes import agree_to_all
from tests.vaults import VAULT
from understanding.schemas import Act, Fact, FactKind
from visits.client import VisitsClient

TOKEN = "token-of-the-actions"
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
INTENTS: list[str] = DOMAIN["intents"]
RESPONSES = DOMAIN["responses"]


def refuse_connection(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody is there", request=request)


AWAY = httpx.MockTransport(refuse_connection)


@dataclass(frozen=True)
class ActionResult:
    """What an action did."""

    responses: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def said(self) -> list[str]:
        """Names of the responses."""
        return [response["response"] for response in self.responses]

    @property
    def slots(self) -> dict[str, Any]:
        """Slots that were set."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def heard(self) -> str:
        """The usual wording of all that was said; KeyError when a value that it needs was not given."""
        said = []
        for response in self.responses:
            wording = RESPONSES[response["response"]][-1]["text"]
            said.append(re.sub(r"{(\w+)}", functools.partial(_fill, response), wording))
        return "\n".join(said)


def _fill(values: dict[str, Any], name: re.Match[str]) -> str:
    return str(values[name[1]])


def serve_applications(database: Database, clock: Clock) -> Clients:
    """Clients whose applications service is the real one."""
    app = create_web_app("desk", checks={})
    app.include_router(make_router(database, clock, TOKEN))
    return replace(make_clients(applications=httpx.ASGITransport(app), token=TOKEN), clock=clock)


def make_clients(
    knowledge: httpx.AsyncBaseTransport = AWAY,
    scoring: httpx.AsyncBaseTransport = AWAY,
    applications: httpx.AsyncBaseTransport = AWAY,
    visits: httpx.AsyncBaseTransport = AWAY,
    quota_checks: httpx.AsyncBaseTransport = AWAY,
    token: str = "",
) -> Clients:
    """Real clients of services that are away unless given."""

    def connect(name: str, transport: httpx.AsyncBaseTransport, token: str = "") -> ServiceClient:
        return ServiceClient(name, f"http://{name}", deadline=60, tries=1, token=token, transport=transport)

    return Clients(
        KnowledgeClient(connect("knowledge", knowledge)),
        ScoringClient(connect("scoring", scoring), agree_to_all),
        ApplicationsClient(connect("applications", applications, token)),
        ProductsClient(connect("products", AWAY)),
        VisitsClient(connect("visits", visits)),
        QuotaChecksClient(connect("quota checks", quota_checks, token)),
    )


def describe_call(
    action: str,
    slots: dict[str, Any],
    act: Act | None = None,
    *,
    message_id: str = "message-1",
    conversation_id: str = "conversation-1",
    form: str | None = None,
    channel: str = "web",
) -> dict[str, Any]:
    """What Rasa posts to the action server."""
    act = act or Act(name="inform")
    return {
        "version": "3.6.21",
        "next_action": action,
        "sender_id": conversation_id,
        "tracker": {
            "sender_id": conversation_id,
            "slots": slots,
            "latest_message": {
                "text": "",
                "intent": {"name": act.name, "confidence": 1.0},
                "entities": [],
                "message_id": message_id,
                "act": act.model_dump(mode="json", exclude_defaults=True),
                "channel": channel,
            },
            "active_loop": {"name": form} if form else {},
        },
    }


async def call_action(
    clients: Clients, action: str, slots: dict[str, Any], act: Act | None = None, *, is_raw: bool = False, **more: Any
) -> ActionResult:
    """Runs the action; see `describe_call`. `is_raw`: with the placeholders that Rasa gets."""
    executor = DomainlessExecutor(VAULT, load_catalogue())
    for name, known in list_actions(clients, load_catalogue()).items():
        executor.register_function(name, known)
    call = describe_call(action, slots, act, **more)
    result = await executor.run(call)
    assert result is not None
    if is_raw:
        return ActionResult(result.responses, result.events)
    personal = Placeholders(VAULT, call["sender_id"])
    return ActionResult(personal.put_back(result.responses), personal.put_back(result.events))


def inform(*facts: Fact, **values: Any) -> Act:
    """The customer tells facts; `values` are answers by a button or a whole-message yes or no."""
    return Act(name="inform", facts=facts, values=values)


def sum_of(role: str, low: float, high: float | None = None, **more: Any) -> Fact:
    """A sum in yuan."""
    return Fact(kind="sum", role=role, low=low, high=low if high is None else high, **more)


def span_of(role: str, months: float, high: float | None = None, **more: Any) -> Fact:
    """A span in months."""
    return Fact(kind="span", role=role, low=months, high=months if high is None else high, **more)


def number_of(role: str, number: float, **more: Any) -> Fact:
    """A number without a unit."""
    return Fact(kind="number", role=role, low=number, high=number, **more)


def text_of(kind: FactKind, role: str, text: str, note: str = "") -> Fact:
    """A text, such as a place."""
    return Fact(kind=kind, role=role, text=text, note=note)
