"""The knowledge service's requests and responses."""

from typing import Literal

from pydantic import BaseModel, Field

Outcome = Literal["answer", "suggest", "none"]


class Match(BaseModel):
    """An entry matching a question; `score` between 0 and 1."""

    entry_id: str
    question: str
    answer: str
    score: float


class SearchResult(BaseModel):
    """`answer`: the first match answers the question; `suggest`: one of them may; `none`: none. Best match first."""

    outcome: Outcome
    matches: list[Match]


class EntryView(BaseModel):
    """One entry."""

    entry_id: str
    category: str
    question: str
    similar_questions: list[str]
    answer: str


class VectorsIn(BaseModel):
    """Texts to encode."""

    texts: list[str] = Field(min_length=1, max_length=256)


class VectorsOut(BaseModel):
    """`vectors`: base64 of little-endian float32, shape (texts, dimension), each of length 1."""

    fingerprint: str
    dimension: int
    vectors: str
