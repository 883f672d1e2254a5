"""What is searched: the entries in force at a moment, and their index."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from knowledge.cutover import Edition
from knowledge.index import Entries, Index
from knowledge.links import write_answer
from knowledge.schemas import ANSWERS, EntryView, FollowUp, Match

_SHOWN = {"entry_id", "revision", "category", "question", "question_english", *ANSWERS}

_NAMED = {"entry_id", "question", "question_english"}


@dataclass(frozen=True, slots=True)
class Published:
    """The entries of an edition, by id; `texts` are what each is found by, with its paraphrases.

    `follow_ups` are the ids of the others that each leads on to. `internal` are those that only staff find, in an
    index of their own. `site` is where customers find the gateway.
    """

    edition: Edition
    entries: dict[str, EntryView]
    texts: Entries
    index: Index
    follow_ups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    internal: "Published | None" = None
    site: str = ""

    def list_entries(self) -> dict[str, EntryView]:
        """All of them, by id."""
        return self.entries | (self.internal.entries if self.internal else {})

    def has_expired(self, now: datetime) -> bool:
        """Whether one of the entries must not be served any more."""
        return any(entry.has_expired(now) for entry in self.list_entries().values())

    def show(self, found: Iterable[tuple[str, float]], now: datetime) -> list[Match]:
        """The entries found with their scores, but for those that have expired: the index learns of it later."""
        live = [(self.entries[entry_id], score) for entry_id, score in found]
        return [self._show(entry, score, now) for entry, score in live if not entry.has_expired(now)]

    def _show(self, entry: EntryView, score: float, now: datetime) -> Match:
        following = [self.entries[key] for key in self.follow_ups.get(entry.entry_id, ())]
        return Match(
            **self._fill(entry).model_dump(include=_SHOWN),
            follow_ups=[FollowUp(**each.model_dump(include=_NAMED)) for each in following if not each.has_expired(now)],
            score=score,
            is_internal=entry.is_internal or None,
        )

    def _fill(self, entry: EntryView) -> EntryView:
        """As customers read it now."""
        said = ((field, getattr(entry, field), language) for field, language in ANSWERS.items())
        filled = {field: write_answer(text, language, self.site) for field, text, language in said if text}
        return entry.model_copy(update=filled)
