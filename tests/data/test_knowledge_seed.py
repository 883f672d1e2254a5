"""The seed entries keep their promises."""

import re
from collections import Counter

import pytest

from applications.stages import Stage, load_process
from knowledge.seeding import SeedEntry, read_seed
from products.variables import fill_variables
from understanding.language import find_language

ENTRIES = [entry for _, entry in read_seed()]
SIMILAR_MIN, ENTRIES_MIN, ANSWER_LENGTH_MAX = 6, 200, 160
ENGLISH = [entry for entry in ENTRIES if entry.english]
ENGLISH_MIN, ENGLISH_LENGTH_MAX = 60, 300
# On the way of an application that is approved after a visit.
STAGES: tuple[Stage, ...] = ("submitted", "checking", "visit")
# Rates, sums and phone numbers that must be the same in either language.
FACT = re.compile(r"\d+\.\d+%|\d{3}-\d{3}-\d{4}|\b(?:110|96110|123\d\d)\b|\d{1,2}:\d{2}|[\d,]+,000")


def test_there_are_enough_entries_each_with_its_own_id() -> None:
    assert len(ENTRIES) >= ENTRIES_MIN
    assert [i for i, n in Counter(e.id for e in ENTRIES).items() if n > 1] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.id)
def test_an_entry_has_enough_similar_questions_and_a_short_answer(entry: SeedEntry) -> None:
    assert len(entry.similar_questions) >= SIMILAR_MIN
    assert 10 <= len(fill_variables(entry.answer)) <= ANSWER_LENGTH_MAX


def test_no_question_stands_twice() -> None:
    texts = Counter(re.sub(r"\W", "", q) for e in ENTRIES for q in [e.question, *e.list_similar()])
    assert [text for text, n in texts.items() if n > 1] == []


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.follow_ups], ids=lambda e: e.id)
def test_an_answer_leads_on_to_other_entries(entry: SeedEntry) -> None:
    questions = {other.question for other in ENTRIES if other is not entry}
    assert set(entry.follow_ups) <= questions
    assert len(entry.follow_ups) == len(set(entry.follow_ups))


def test_the_entries_asked_most_have_their_english() -> None:
    assert len(ENGLISH) >= ENGLISH_MIN


@pytest.mark.parametrize("entry", ENGLISH, ids=lambda e: e.id)
def test_english_is_as_true_and_short_as_the_chinese(entry: SeedEntry) -> None:
    assert entry.english
    english = fill_variables(entry.english.answer, "en")
    assert len(english) <= ENGLISH_LENGTH_MAX
    assert {find_language(text.lower()) for text in entry.english.similar_questions} <= {"en", None}
    chinese = re.sub(r"(\d+)万", lambda sum_: f"{int(sum_[1]) * 10_000:,}", fill_variables(entry.answer))
    chinese = re.sub(r"(?<!\d)(\d)(\d{3})元", r"\1,\2", chinese)
    assert [fact for fact in FACT.findall(english) if fact not in chinese] == []


def test_how_long_an_application_takes_is_what_the_process_says() -> None:
    (answer,) = (entry.answer for entry in ENTRIES if entry.id == "loan-decision-time")
    rules = [load_process().stages[stage] for stage in STAGES]
    published = [str(list(rule.working_days.values())[-1]) for rule in rules if rule.working_days]
    assert re.findall(r"(\d+)个工作日", answer) == published
