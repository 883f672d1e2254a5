"""Clients of the services the actions call."""

from dataclasses import dataclass

from pydantic import SecretStr

from applications.client import ApplicationsClient
from kit.http import ServiceClient
from kit.settings import Settings
from knowledge.client import KnowledgeClient
from products.client import ProductsClient
from scoring.client import ScoringClient

# A customer waits for all of a turn at most 4 s (bot/server/channel.py).
QUESTION_SECONDS = 1.5
DECISION_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Clients:
    """One client a service, shared by all actions."""

    knowledge: KnowledgeClient
    scoring: ScoringClient
    applications: ApplicationsClient
    products: ProductsClient


def create_clients(settings: Settings) -> Clients:
    """Clients for the services named in the settings; they connect on first use."""

    def connect(name: str, url: str, deadline: float, token: SecretStr) -> ServiceClient:
        return ServiceClient(name, url, deadline=deadline, token=token.get_secret_value())

    return Clients(
        KnowledgeClient(connect("knowledge", settings.knowledge_url, QUESTION_SECONDS, settings.knowledge_token)),
        ScoringClient(connect("scoring", settings.scoring_url, DECISION_SECONDS, settings.scoring_token)),
        ApplicationsClient(connect("applications", settings.desk_url, DECISION_SECONDS, settings.service_token)),
        ProductsClient(connect("products", settings.desk_url, DECISION_SECONDS, settings.service_token)),
    )
