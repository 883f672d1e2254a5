"""A hit test: which entries a question finds, how surely, and by which of their texts."""

from pydantic import AwareDatetime, BaseModel, Field

from knowledge.character_pairs import simplify
from knowledge.index import judge
from knowledge.published import Published
from knowledge.schemas import Outcome, Unicode
from knowledge.trials import DraftIn
from knowledge.vector_store import Vector

HITS = 5


class HitTestIn(BaseModel):
    """A question as a customer would ask it, a draft with which it is asked too, and a moment of the past."""

    question: Unicode = Field(min_length=1, max_length=500)
    draft: DraftIn | None = None
    at: AwareDatetime | None = None


class Hit(BaseModel):
    """An entry found; `nearest` is the text of it that comes nearest: by `meaning` (-1 to 1), the cosine of centred
    vectors, and `wording` (0 to 1), the share of characters and their pairs, of which `shared` are characters.
    """

    entry_id: str
    question: str
    score: float
    nearest: str
    meaning: float
    wording: float
    shared: str


class Hits(BaseModel):
    """What would be done, and the entries found, best first."""

    outcome: Outcome
    hits: list[Hit]


class HitTestView(BaseModel):
    """What customers get, what they would get with the draft, and what they would have got at that moment."""

    published: Hits
    drafted: Hits | None = None
    past: Hits | None = None


def find_hits(published: Published, question: str, vector: Vector) -> Hits:
    """Asks as a customer does."""
    found = published.index.search(question, vector, HITS)
    hits = [_explain(published, question, vector, *each) for each in found]
    return Hits(outcome=judge([score for _, score in found]), hits=hits)


def _explain(published: Published, question: str, vector: Vector, entry_id: str, score: float) -> Hit:
    nearest, meaning, wording = published.index.explain(question, vector, entry_id)
    known = set(simplify(nearest))
    shared = "".join(dict.fromkeys(character for character in simplify(question) if character in known))
    title = published.entries[entry_id].question
    why = {"nearest": nearest, "meaning": meaning, "wording": wording, "shared": shared}
    return Hit(entry_id=entry_id, question=title, score=score, **why)
