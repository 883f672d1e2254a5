"""Unanswered questions as staff see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from conversations.schemas import Value
from unanswered.reasons import Reason

State = Literal["open", "dismissed", "drafted"]
STATE_NAMES: dict[State, str] = {"open": "要处理", "drafted": "写了答案", "dismissed": "不用管"}
Order = Literal["count", "trend", "cost"]


class QuestionView(Value):
    """A question as it was asked, masked, and what the customer missed in the answer."""

    turn_id: int
    conversation_id: str
    text: str
    missing: str | None
    reasons: tuple[Reason, ...]
    at: datetime


class ClusterView(Value):
    """Questions that mean the same, of those asked since it was last decided on: the newest, and counts of all.

    `recent` were asked in the last seven days, `before` in the seven before; `handed_over` cost a colleague's time.
    """

    id: str
    state: State
    entry_id: str | None
    decided_by: str | None
    decided_at: datetime | None
    questions: tuple[QuestionView, ...]
    count: int
    recent: int
    before: int
    handed_over: int

    @property
    def title(self) -> str:
        """What is asked."""
        return choose_title([question.text for question in self.questions])


def choose_title(texts: Sequence[str]) -> str:
    """What questions of one cluster ask: the words used most often, of those the shortest."""
    return max(texts, key=lambda text: (texts.count(text), -len(text)), default="")
