"""Clients of the services the actions call."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import SecretStr

from applications.client import ApplicationsClient
from kit.breaker import CircuitBreaker
from kit.clock import Clock, read_clock
from kit.errors import ServiceUnavailable
from kit.http import ServiceClient
from kit.settings import Settings
from knowledge.client import KnowledgeClient
from products.client import ProductsClient
from quota_checks.client import QuotaChecksClient
from scoring.client import ScoringClient
from visits.client import VisitsClient

# A customer waits for all of a turn at most 4 s (bot/server/channel.py).
QUESTION_SECONDS = 1.5
DECISION_SECONDS = 2.5
# Before and after a decision; it is told without them too.
CHECK_SECONDS = 0.6
# A turn may make three calls that it can do without.
OPTIONAL_SECONDS = 0.8

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Clients:
    """One client a service, shared by all actions."""

    knowledge: KnowledgeClient
    scoring: ScoringClient
    applications: ApplicationsClient
    products: ProductsClient
    visits: VisitsClient
    quota_checks: QuotaChecksClient
    clock: Clock = read_clock


def create_clients(settings: Settings) -> Clients:
    """Clients for the services named in the settings; they connect on first use."""

    def connect(
        name: str, url: str, deadline: float, token: SecretStr, breaker: CircuitBreaker | None = None
    ) -> ServiceClient:
        return ServiceClient(name, url, deadline=deadline, token=token.get_secret_value(), breaker=breaker)

    # A bank's own may be down for long: a customer need not wait each time to hear that.
    scoring = connect("scoring", settings.scoring_url, DECISION_SECONDS, settings.scoring_token, CircuitBreaker())
    applications = ApplicationsClient(
        connect("applications", settings.desk_url, DECISION_SECONDS, settings.service_token)
    )
    return Clients(
        KnowledgeClient(connect("knowledge", settings.knowledge_url, QUESTION_SECONDS, settings.knowledge_token)),
        ScoringClient(scoring, applications.list_consents),
        applications,
        ProductsClient(connect("products", settings.desk_url, DECISION_SECONDS, settings.service_token)),
        VisitsClient(connect("visits", settings.desk_url, QUESTION_SECONDS, settings.service_token)),
        QuotaChecksClient(connect("quota checks", settings.desk_url, CHECK_SECONDS, settings.service_token)),
    )


async def try_call(call: Awaitable[Result]) -> Result:
    """The result of a call that the turn can do without: a service that hangs must not take the turn with it.

    Raises ServiceUnavailable after OPTIONAL_SECONDS, besides what the call raises.
    """
    try:
        async with asyncio.timeout(OPTIONAL_SECONDS):
            return await call
    except TimeoutError:
        raise ServiceUnavailable(f"no answer within {OPTIONAL_SECONDS} s") from None
