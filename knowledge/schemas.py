"""The knowledge service's requests and responses."""

from typing import Literal

from pydantic import BaseModel, Field

Outcome = Literal["answer", "suggest", "none"]


class Match(BaseModel):
    """An entry matching a question; `score` between 0 and 1. English is None where it is not written."""

    entry_id: str
    question: str
    answer: str
    score: float
    question_english: str | None = None
    answer_english: str | None = None


class SearchResult(BaseModel):
    """`answer`: the first match answers the question; `suggest`: one of them may; `none`: none. Best match first."""

    outcome: Outcome
    matches: list[Match]


class EntryView(BaseModel):
    """One entry; English questions are among the similar ones."""

    entry_id: str
    category: str
    question: str
    similar_questions: list[str]
    answer: str
    question_english: str | None = None
    answer_english: str | None = None


class VectorsIn(BaseModel):
    """Texts to encode."""

    texts: list[str] = Field(min_length=1, max_length=256)


class VectorsOut(BaseModel):
    """`vectors`: base64 of little-endian float32, shape (texts, dimension), each of length 1."""

    fingerprint: str
    dimension: int
    vectors: str


class EvidenceIn(BaseModel):
    """A message, and the clauses of it that may be questions of their own."""

    text: str = Field(min_length=1)
    parts: list[str] = Field(default_factory=list, max_length=3)


class EvidenceView(BaseModel):
    """What the entries and the examples of danger say about a text: see `VectorsOut` for the vector."""

    fingerprint: str
    vector: str
    matches: list[Match]
    parts: list[Match | None] = Field(default_factory=list)
    topics: dict[str, float] = Field(default_factory=dict)
