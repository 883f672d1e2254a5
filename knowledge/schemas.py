"""The knowledge service's requests and responses."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from products.variables import Language

Outcome = Literal["answer", "suggest", "none"]

# Chosen on questions kept aside: docs/decisions/0022-probabilities-of-matches-and-danger.md.
ANSWER_SCORE = 0.65
SUGGEST_SCORE = 0.1
ALARM_SCORE = 0.6
# The fields with what is said on one channel only, by channel.
CHANNEL_ANSWERS: Mapping[str, str] = {
    channel: f"answer_{channel}" for channel in ("web", "wechat", "telegram", "wecom_service")
}
# All fields that customers read as an answer, with their language.
ANSWERS: Mapping[str, Language] = {
    "answer": "zh",
    **dict.fromkeys(CHANNEL_ANSWERS.values(), "zh"),
    "answer_english": "en",
}


class FollowUp(BaseModel):
    """Another entry that an answer leads on to."""

    entry_id: str
    question: str
    question_english: str | None = None


class Match(BaseModel):
    """An entry matching a question, by its revision in force; `score`: the probability that it answers it.

    English is None where not written, and so is what is said on one channel only. What is internal is shown to staff
    only.
    """

    entry_id: str
    revision: int
    category: str = ""
    question: str
    answer: str
    score: float
    question_english: str | None = None
    answer_english: str | None = None
    answer_web: str | None = None
    answer_wechat: str | None = None
    answer_telegram: str | None = None
    answer_wecom_service: str | None = None
    follow_ups: list[FollowUp] = Field(default_factory=list)
    is_internal: Literal[True] | None = None

    def word_for(self, channel: str) -> str:
        """The answer as it is said on a channel."""
        own: str | None = getattr(self, CHANNEL_ANSWERS.get(channel, "answer"))
        return own or self.answer


class SearchResult(BaseModel):
    """`answer`: the first match answers the question; `suggest`: one of them may; `none`: none. Best match first.

    `version` is that of the entries that were searched: it rises whenever one is published.
    """

    outcome: Outcome
    matches: list[Match]
    version: int = 0


class StaffMatches(BaseModel):
    """The best matches for staff, best first."""

    matches: list[Match]


class EntryText(BaseModel):
    """What the knowledge team writes of an entry; English questions are among the similar ones.

    `answer_web` and the like are said on that channel in place of the answer. `follow_ups` are questions of other
    entries that the answer leads on to. `source` names the law or rule that it
    states. From `expires_at` on, or once it is retired, an entry is neither found nor shown. What is internal only
    staff find.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: str
    question: str
    similar_questions: list[str]
    answer: str
    answer_web: str | None = None
    answer_wechat: str | None = None
    answer_telegram: str | None = None
    answer_wecom_service: str | None = None
    question_english: str | None = None
    answer_english: str | None = None
    follow_ups: list[str] = Field(default_factory=list)
    source: str | None = None
    expires_at: AwareDatetime | None = None
    is_internal: bool = False
    is_retired: bool = False

    def has_expired(self, now: datetime) -> bool:
        """Whether it must not be served any more."""
        return self.expires_at is not None and self.expires_at <= now


class EntryView(EntryText):
    """An entry as it is in force; `revision` is the number of the revision that says so."""

    entry_id: str
    revision: int


def _require_unicode(text: str) -> str:
    # JSON may hold half of a surrogate pair, which no encoder takes.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("half of a surrogate pair is no text")
    return text


Unicode = Annotated[str, AfterValidator(_require_unicode)]


class VectorsIn(BaseModel):
    """Texts to encode."""

    texts: list[Unicode] = Field(min_length=1, max_length=256)


class VectorsOut(BaseModel):
    """`vectors`: base64 of little-endian float32, shape (texts, dimension), each of length 1."""

    fingerprint: str
    dimension: int
    vectors: str

    @classmethod
    def pack(cls, fingerprint: str, matrix: NDArray[np.float32]) -> Self:
        """From a matrix (texts, dimension)."""
        packed = base64.b64encode(matrix.astype("<f4").tobytes()).decode()
        return cls(fingerprint=fingerprint, dimension=matrix.shape[1], vectors=packed)

    def unpack(self) -> NDArray[np.float32]:
        """The matrix (texts, dimension)."""
        return np.frombuffer(base64.b64decode(self.vectors), "<f4").reshape(-1, self.dimension)


class AlikeIn(BaseModel):
    """Texts that are written for an entry, None for a new one."""

    texts: list[Unicode] = Field(min_length=1, max_length=500)
    entry_id: str | None = None


class Alike(BaseModel):
    """A text that says nearly the same as `nearest`, a text of another entry, whose question is given."""

    text: str
    nearest: str
    entry_id: str
    question: str


class AlikeView(BaseModel):
    """Those of the texts that another entry has already, or nearly."""

    alike: list[Alike]


class EvidenceIn(BaseModel):
    """A message, and the clauses of it that may be questions of their own."""

    text: Unicode = Field(min_length=1, max_length=2000)
    parts: list[Annotated[Unicode, Field(min_length=1, max_length=2000)]] = Field(default_factory=list, max_length=3)


class EvidenceView(BaseModel):
    """All that the service can say of a text.

    `vector`: base64 of little-endian float32, of length 1, by the encoder of that fingerprint. `matches`: the three
    best, best first. `parts`: the best match of each clause, None without entries. `dangers`: the probability of each
    topic of danger; the likeliest carries the probability that the text is an alarm at all. `acts`: the probability of
    each class of acts (knowledge/lessons.py) that is not quite improbable.
    """

    fingerprint: str
    vector: str
    matches: list[Match]
    parts: list[Match | None] = Field(default_factory=list)
    dangers: dict[str, float] = Field(default_factory=dict)
    acts: dict[str, float] = Field(default_factory=dict)
