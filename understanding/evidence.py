"""Asks the classifiers what they make of a message: the knowledge service and the Rasa server."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from knowledge.client import KnowledgeClient
from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE
from understanding.schemas import Evidence

T = TypeVar("T")
log = logging.getLogger(__name__)

# What both services take of a message, in characters.
_LENGTH_MAX = 2_000


class EvidenceSource(Protocol):
    """Something that knows what a message may mean."""

    async def find(self, text: str, parts: Sequence[str] = ()) -> Evidence:
        """The evidence for a text and the questions in it; empty where a service does not answer. Never raises."""
        ...


class ServiceEvidence:
    """From the services, each within `seconds`: a customer waits for both."""

    def __init__(self, knowledge: KnowledgeClient, rasa: ServiceClient, *, seconds: float = 1.0) -> None:
        self._knowledge = knowledge
        self._rasa = rasa
        self._seconds = seconds

    async def find(self, text: str, parts: Sequence[str] = ()) -> Evidence:
        """See EvidenceSource.find."""
        text = text[:_LENGTH_MAX]
        found = await self._wait(self._knowledge.read_evidence(text, parts), "knowledge evidence")
        asked = {"text": text} | ({"vector": found.vector, "fingerprint": found.fingerprint} if found else {})
        told = await self._wait(self._rasa.post("/intents", asked, _Intents), "intents")
        intents = told.intents if told else {}
        if found is None:
            return Evidence(intents=intents, lacks_entries=True)
        sure = {match.entry_id: match for match in found.parts if match and match.score >= ANSWER_SCORE}
        unsure = {match.entry_id: match for match in found.parts if match and match.score >= SUGGEST_SCORE}
        return Evidence(
            intents=intents,
            matches=tuple(found.matches),
            parts=tuple(sure.values()),
            unsure_parts=tuple(match for entry, match in unsure.items() if entry not in sure),
            dangers=found.dangers,
            acts=found.acts,
        )

    async def _wait(self, answer: Awaitable[T], what: str) -> T | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except (ServiceUnavailable, ServiceRefused, TimeoutError) as error:
            log.warning("no %s: %s", what, str(error) or type(error).__name__)
            return None


class _Intents(BaseModel):
    intents: dict[str, float]
