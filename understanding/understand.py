"""From a message and where the dialogue stands to an act: reads once, asks the classifiers if need be, decides once."""

import logging
from typing import NamedTuple

from forms.catalogue import load_catalogue
from understanding.bars import SURE_MATCH
from understanding.evidence import EvidenceSource
from understanding.query import (
    find_continuation,
    find_follow_up,
    find_matter,
    find_parts,
    find_query,
    hide_personal,
)
from understanding.read import read_message
from understanding.schemas import Act, Evidence, Reading, State
from understanding.table import choose_act

log = logging.getLogger(__name__)


class Understood(NamedTuple):
    """`evidence` is None if the message and the dialogue alone decided."""

    reading: Reading
    evidence: Evidence | None
    act: Act


def _rate_match(evidence: Evidence) -> float:
    return evidence.matches[0].score if evidence.matches else 0.0


class Understanding:
    """Understands messages; of each it reads at most `length_max` characters."""

    def __init__(self, evidence: EvidenceSource, length_max: int = 500) -> None:
        self._evidence = evidence
        self._length_max = length_max

    async def understand(self, text: str, state: State) -> Understood:
        """What a typed message says, and the act that follows."""
        asked = load_catalogue().questions.get(state.asked or "")
        reading = read_message(text[: self._length_max], asked.kind if asked else None)
        evidence = None if reading.plain else Evidence()
        act = choose_act(reading, state, evidence)
        if act is None:
            evidence = await self._find_evidence(reading, state)
            act = choose_act(reading, state, evidence)
        assert act is not None, "with evidence the last row always applies"  # noqa: S101 (tells the type checker)
        log.info("%s (%s)", act.name, act.row)
        return Understood(reading, evidence, act)

    async def _find_evidence(self, reading: Reading, state: State) -> Evidence:
        reading = hide_personal(reading)
        query = find_query(reading.plain)
        evidence = await self._evidence.find(query, find_parts(query))
        if follow_up := find_matter(reading, state.form) or find_follow_up(reading, state.topic):
            same = await self._evidence.find(follow_up)
            evidence = evidence.model_copy(update={"matches": same.matches})
        elif _rate_match(evidence) < SURE_MATCH and (longer := find_continuation(reading, state.topic)):
            more = await self._evidence.find(longer)
            evidence = evidence.model_copy(update={"matches": max(evidence, more, key=_rate_match).matches})
        return evidence
