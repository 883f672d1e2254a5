"""Runs one action the way Rasa has it run, by the SDK's executor, and puts its responses into domain.yml's words."""

import functools
import re
from dataclasses import dataclass
from typing import Any

import httpx
import yaml

from applications.client import ApplicationsClient
from bot.actions.clients import Clients
from bot.actions.server import DomainlessExecutor, list_actions
from forms.catalogue import load_catalogue
from kit.http import ServiceClient
from kit.settings import ROOT
from knowledge.client import KnowledgeClient
from scoring.client import ScoringClient

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


def make_clients(
    knowledge: httpx.AsyncBaseTransport = AWAY,
    scoring: httpx.AsyncBaseTransport = AWAY,
    applications: httpx.AsyncBaseTransport = AWAY,
    token: str = "",
) -> Clients:
    """Real clients of services that are away unless given."""

    def connect(name: str, transport: httpx.AsyncBaseTransport, token: str = "") -> ServiceClient:
        return ServiceClient(name, f"http://{name}", deadline=2, tries=1, token=token, transport=transport)

    return Clients(
        KnowledgeClient(connect("knowledge", knowledge)),
        ScoringClient(connect("scoring", scoring)),
        ApplicationsClient(connect("applications", applications, token)),
    )


def describe_call(
    action: str,
    slots: dict[str, Any],
    text: str = "",
    intent: str = "",
    *,
    entities: dict[str, Any] | None = None,
    is_button: bool = False,
    message_id: str = "message-1",
    conversation_id: str = "conversation-1",
    form: str | None = None,
) -> dict[str, Any]:
    """What Rasa posts to the action server."""
    return {
        "version": "3.6.21",
        "next_action": action,
        "sender_id": conversation_id,
        "tracker": {
            "sender_id": conversation_id,
            "slots": slots,
            "latest_message": {
                "text": text,
                "intent": {"name": intent, "confidence": 0.9},
                "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
                "message_id": message_id,
                "metadata": {"is_button": True} if is_button else {},
            },
            "active_loop": {"name": form} if form else {},
        },
    }


async def call_action(
    clients: Clients, action: str, slots: dict[str, Any], text: str = "", intent: str = "", **more: Any
) -> ActionResult:
    """Runs the action; see `describe_call`."""
    executor = DomainlessExecutor()
    for name, known in list_actions(clients, load_catalogue()).items():
        executor.register_function(name, known)
    result = await executor.run(describe_call(action, slots, text, intent, **more))
    assert result is not None
    return ActionResult(result.responses, result.events)
