"""Which entries an answer leads on to: those that its editor named, then those that other customers asked next."""

from collections.abc import Iterator, Mapping, Sequence

from knowledge.character_pairs import simplify_known
from knowledge.schemas import EntryView

FOLLOW_UPS_MAX = 3
AskedNext = Mapping[str, Sequence[str]]
"""Ids of the entries that answered customers' next questions, by the entry before, most frequent first."""


def list_follow_ups(entries: Mapping[str, EntryView], asked_next: AskedNext) -> dict[str, tuple[str, ...]]:
    """Ids of at most three others of the entries for each that has any.

    Editors name questions or similar questions; one that no entry has any more leads nowhere.
    """
    owners = {
        simplify_known(text): key for key, each in entries.items() for text in (each.question, *each.similar_questions)
    }
    found = {key: _choose(each, owners, asked_next.get(key, ()), entries) for key, each in entries.items()}
    return {key: ids for key, ids in found.items() if ids}


def _choose(
    entry: EntryView, owners: Mapping[str, str], asked_next: Sequence[str], entries: Mapping[str, EntryView]
) -> tuple[str, ...]:
    def list_all() -> Iterator[str]:
        named = map(simplify_known, entry.follow_ups)
        yield from (owners[question] for question in named if question in owners)
        yield from (key for key in asked_next if key in entries)

    return tuple(key for key in dict.fromkeys(list_all()) if key != entry.entry_id)[:FOLLOW_UPS_MAX]
