"""Asks the classifiers what they make of a message: the knowledge service and the Rasa server."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from knowledge.client import KnowledgeClient
from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE, EvidenceView
from understanding.schemas import Evidence

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
        found = await self._read_evidence(text, parts)
        intents = await self._find_intents(text, found.vector if found else None)
        if found is None:
            return Evidence(intents=intents, lacks_entries=True)
        sure = {match.entry_id: match for match in found.parts if match and match.score >= ANSWER_SCORE}
        unsure = {match.entry_id: match for match in found.parts if match and match.score >= SUGGEST_SCORE}
        return Evidence(
            intents=intents,
            matches=tuple(found.matches),
            parts=tuple(sure.values()),
            unsure_parts=tuple(match for entry, match in unsure.items() if entry not in sure),
            topics=found.topics,
        )

    async def _read_evidence(self, text: str, parts: Sequence[str]) -> EvidenceView | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._knowledge.read_evidence(text, parts)
        except (ServiceUnavailable, ServiceRefused, TimeoutError) as error:
            log.warning("no knowledge evidence: %s", error or type(error).__name__)
            return None

    async def _find_intents(self, text: str, vector: str | None) -> dict[str, float]:
        try:
            async with asyncio.timeout(self._seconds):
                return (await self._rasa.post("/intents", {"text": text, "vector": vector}, _Intents)).intents
        except (ServiceUnavailable, ServiceRefused, TimeoutError) as error:
            log.warning("no intents: %s", error or type(error).__name__)
            return {}


class _Intents(BaseModel):
    intents: dict[str, float]
