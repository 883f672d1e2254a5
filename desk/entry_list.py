"""Entries as the page lists them: their state on a day, their owner, and which of them were asked for. Pure."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.rot import DEAD_AFTER, EXPIRES_WITHIN
from knowledge.character_pairs import simplify
from knowledge.entry_fields import read_moment
from knowledge.schemas import ANSWERS
from revisions import rules
from revisions.schemas import RevisionView

ALL = ""
EXPIRING_DAYS = EXPIRES_WITHIN.days
STATES = {
    ALL: "全部",
    "draft": "等审核",
    "published": "在用",
    "scheduled": "还没生效",
    "expiring": f"{EXPIRING_DAYS}天内到期",
    "dead": f"{DEAD_AFTER.days}天没人问到",
    "ended": "已到期或下架",
}


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry's revisions, with the one to show: in force, or else the next, or else the last."""

    revisions: Sequence[RevisionView]
    today: date

    @property
    def key(self) -> str:
        return self.revisions[0].key

    @property
    def draft(self) -> RevisionView | None:
        return rules.find_draft(self.revisions)

    @property
    def current(self) -> RevisionView | None:
        return rules.find_effective(self.revisions, self.today)

    @property
    def scheduled(self) -> list[RevisionView]:
        return rules.list_scheduled(self.revisions, self.today)

    @property
    def shown(self) -> RevisionView:
        return rules.find_shown(self.revisions, self.today)

    @property
    def owner(self) -> str:
        """Who drafted it last; empty for the seed."""
        return next((each.writers[-1] for each in reversed(self.revisions) if each.writers), "")

    @property
    def expires_in(self) -> int | None:
        """In how many days it expires, if it does."""
        expires = read_moment(self.shown.content.get("expires_at"))
        return (expires - self.today).days if expires else None

    @property
    def state(self) -> str:
        """One of STATES; empty if it was never approved."""
        if self.current is None:
            return "scheduled" if self.scheduled else ""
        has_ended = self.shown.content.get("is_retired") or (self.expires_in is not None and self.expires_in <= 0)
        return "ended" if has_ended else "published"

    def is_in(self, state: str, dead: Container[str] = ()) -> bool:
        """Whether it is in a state; `dead` are those that have answered nobody for long (analytics/report.py)."""
        if state == "draft":
            return self.draft is not None
        if state == "scheduled":
            return bool(self.scheduled)
        if state == "expiring":
            days = self.expires_in
            return self.state == "published" and days is not None and days <= EXPIRING_DAYS
        if state == "dead":
            return self.key in dead
        return state in (ALL, self.state)

    def says(self, words: str) -> bool:
        """Whether a text of it has these words."""
        content = (self.draft or self.shown).content
        texts = (content["question"], *content["similar_questions"], *(content.get(field) or "" for field in ANSWERS))
        return any(words in simplify(text) for text in texts)


def find_listed(entries: Iterable[ListedEntry], words: str, alike: Sequence[str]) -> list[ListedEntry]:
    """Those that say the words, with a draft first; then those of the ids `alike`, which mean the same, in their order.

    All of them without words.
    """
    entries, words = list(entries), simplify(words)
    said = [entry for entry in entries if not words or entry.says(words)]
    said.sort(key=lambda entry: entry.draft is None)
    if not words:
        return said
    rest = {entry.key: entry for entry in entries}
    for entry in said:
        del rest[entry.key]
    return [*said, *(rest[key] for key in alike if key in rest)]
