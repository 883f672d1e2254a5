"""A batch test: many questions asked as customers do, and what is to be thought of each answer."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, Field

from knowledge.character_pairs import simplify, simplify_known
from knowledge.index import judge
from knowledge.published import Published
from knowledge.schemas import Outcome, Unicode
from knowledge.trials import DRAFTS_MAX, DraftIn
from knowledge.vector_store import Vectors

QUESTIONS_MAX = 1000
TEXT_MAX = 500
FOUND_MAX = 3
Verdict = Literal["right", "offered", "missed", "wrong", "silent", "answered", "unknown", "untold"]
"""Of a question with an expected entry: answered by it, it was among those offered, it was not, another one answered.
Of one that must not be answered: it was not, it was. The expected entry is not published; nothing was expected.
"""
GOOD: frozenset[Verdict] = frozenset(("right", "silent"))
NOT_ANSWERED = ""


class BatchQuestion(BaseModel):
    """A question; `expected` is the id or a text of the entry that should answer it, "" if none may, None if unsaid."""

    text: Unicode = Field(min_length=1, max_length=TEXT_MAX)
    expected: Unicode | None = Field(None, max_length=TEXT_MAX)


class BatchTestIn(BaseModel):
    """Questions, and drafts with which they are asked too."""

    questions: list[BatchQuestion] = Field(min_length=1, max_length=QUESTIONS_MAX)
    drafts: list[DraftIn] = Field(default_factory=list, max_length=DRAFTS_MAX)


class BatchAnswer(BaseModel):
    """What became of a question.

    `expected` is the question of the entry expected, if that is published, `found` are those of the entries found, best
    first; `score` is the first one's.
    """

    verdict: Verdict
    expected: str | None
    outcome: Outcome
    found: list[str]
    score: float


class BatchTestView(BaseModel):
    """What customers get, in the order of the questions, and what they would get with the drafts."""

    published: list[BatchAnswer]
    drafted: list[BatchAnswer] | None = None


def ask_all(published: Published, questions: Sequence[BatchQuestion], vectors: Vectors) -> list[BatchAnswer]:
    """Asks as customers do."""
    owners = {simplify_known(text): key for key, own in published.texts.items() for text in (key, *own)}
    return [_ask(published, question, vectors, owners) for question in questions]


def _ask(published: Published, question: BatchQuestion, vectors: Vectors, owners: Mapping[str, str]) -> BatchAnswer:
    found = published.index.search(question.text, vectors[question.text], FOUND_MAX)
    outcome = judge([score for _, score in found])
    owner = owners.get(simplify(question.expected)) if question.expected else None
    return BatchAnswer(
        verdict=_judge(question.expected, owner, outcome, [key for key, _ in found]),
        expected=published.entries[owner].question if owner else None,
        outcome=outcome,
        found=[published.entries[key].question for key, _ in found],
        score=found[0][1] if found else 0.0,
    )


def _judge(expected: str | None, owner: str | None, outcome: Outcome, found: Sequence[str]) -> Verdict:
    if expected is None:
        return "untold"
    if expected == NOT_ANSWERED:
        return "answered" if outcome == "answer" else "silent"
    if owner is None:
        return "unknown"
    if outcome == "answer":
        return "right" if found[0] == owner else "wrong"
    return "offered" if outcome == "suggest" and owner in found else "missed"
