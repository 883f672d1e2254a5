"""The seed entries keep their promises."""

import re
from collections import Counter

import pytest

from knowledge.seeding import SeedEntry, read_seed

ENTRIES = [entry for _, entry in read_seed()]
SIMILAR_MIN, ENTRIES_MIN, ANSWER_LENGTH_MAX = 6, 80, 160


def test_there_are_enough_entries_each_with_its_own_id() -> None:
    assert len(ENTRIES) >= ENTRIES_MIN
    assert [i for i, n in Counter(e.id for e in ENTRIES).items() if n > 1] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.id)
def test_an_entry_has_enough_similar_questions_and_a_short_answer(entry: SeedEntry) -> None:
    assert len(entry.similar_questions) >= SIMILAR_MIN
    assert 10 <= len(entry.answer) <= ANSWER_LENGTH_MAX


def test_no_question_stands_twice() -> None:
    texts = Counter(re.sub(r"\W", "", q) for e in ENTRIES for q in [e.question, *e.similar_questions])
    assert [text for text, n in texts.items() if n > 1] == []
