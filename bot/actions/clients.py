"""Clients of the services the actions call."""

from dataclasses import dataclass

from applications.client import ApplicationsClient
from kit.http import ServiceClient
from kit.settings import Settings
from knowledge.client import KnowledgeClient
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


def create_clients(settings: Settings) -> Clients:
    """Clients for the services named in the settings; they connect on first use."""
    token = settings.service_token.get_secret_value()
    return Clients(
        KnowledgeClient(ServiceClient("knowledge", settings.knowledge_url, deadline=QUESTION_SECONDS)),
        ScoringClient(ServiceClient("scoring", settings.scoring_url, deadline=DECISION_SECONDS)),
        ApplicationsClient(ServiceClient("applications", settings.desk_url, deadline=DECISION_SECONDS, token=token)),
    )
