"""Counts the questions of some time from its turns: how many were answered, how well, and by which entries."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from analytics.schemas import EntryMetrics, QuestionMetrics
from conversations.turn_view import GivenAnswer, TurnView, find_following
from unanswered.reasons import TRIED, find_unanswered, is_taken
from understanding.choice import read_choice

Answers = Mapping[int, Sequence[GivenAnswer]]
"""What the knowledge answered in each turn that it answered in, by the turn's id."""


class MetricsBuilder:
    """Counts what was asked from `since` until before `until`, as it is known `now`."""

    def __init__(self, since: datetime, until: datetime, now: datetime) -> None:
        self._since, self._until, self._now = since, until, now
        self._total: Counter[str] = Counter()
        self._entries: defaultdict[str, Counter[str]] = defaultdict(Counter)

    @property
    def total(self) -> QuestionMetrics:
        """All questions."""
        return QuestionMetrics.model_validate(dict(self._total))

    @property
    def entries(self) -> dict[str, EntryMetrics]:
        """Each entry that answered."""
        return {entry_id: EntryMetrics.model_validate(dict(counts)) for entry_id, counts in self._entries.items()}

    def add(self, turns: Sequence[TurnView], answers: Answers) -> None:
        """Counts one conversation, its turns oldest first; those around the time tell what is about which."""
        own = [turn for turn in turns if self._since <= turn.at < self._until]
        self._count_talk(own, answers)
        unanswered = find_unanswered(turns, self._now)
        for place, turn in enumerate(turns):
            if self._since <= turn.at < self._until:
                is_right = turn.id not in unanswered
                if read_choice(turn).act in TRIED and not _takes_offer(turns, place):
                    self._count_question(turn, find_following(turns, place), answers, is_right=is_right)
                for given in answers.get(turn.id, ()):
                    self._count_answer(given, is_right=is_right)

    def _count_talk(self, turns: Sequence[TurnView], answers: Answers) -> None:
        if all(turn.kind == "event" for turn in turns):  # they followed an account, and wrote nothing
            return
        is_contained = not any(turn.handoff for turn in turns)
        used = {given.entry_id for turn in turns for given in answers.get(turn.id, ())}
        for counts in (self._total, *(self._entries[entry_id] for entry_id in used)):
            counts["talks"] += 1
            counts["contained"] += is_contained

    def _count_question(self, turn: TurnView, following: TurnView | None, answers: Answers, *, is_right: bool) -> None:
        self._total["asked"] += 1
        if read_choice(turn).act == "suggest":
            has_taken = following is not None and is_taken(following)
            self._total["offered"] += 1
            self._total["taken"] += has_taken
            self._total["answered"] += has_taken and following is not None and following.id in answers
        elif turn.id in answers:
            self._total["answered"] += 1
            self._total["right"] += is_right

    def _count_answer(self, given: GivenAnswer, *, is_right: bool) -> None:
        counts = self._entries[given.entry_id]
        counts["answers"] += 1
        counts["right"] += is_right
        if given.thumb:
            counts[given.thumb] += 1
            self._total[given.thumb] += 1


def _takes_offer(turns: Sequence[TurnView], place: int) -> bool:
    """Whether the turn presses what the one before offered: it belongs to that question."""
    turn = turns[place]
    if not (place and turn.is_pressed and is_taken(turn)):
        return False
    return read_choice(turns[place - 1]).act == "suggest" and find_following(turns, place - 1) is turn
