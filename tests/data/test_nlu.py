"""The language data keeps its promises; checked in a second, without training."""

import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from dev.nlu_examples import HELD_OUT, TRAINING, read_examples, read_merged_intents
from forms.catalogue import load_catalogue
from understanding.read import read_message
from understanding.schemas import Evidence, State
from understanding.situation import Situation
from understanding.table import choose_act

EXAMPLES_MIN, HELD_OUT_MIN = 100, 15
LIKENESS_MAX = 0.7
# The names that evaluation sets use; bot/data/merged_intents.yml says what became of the others.
FIRST_INTENTS = [
    "greet",
    "goodbye",
    "thank",
    "affirm",
    "deny",
    "apply_for_loan",
    "check_quota",
    "calculate_repayment",
    "check_application_status",
    "renew_loan",
    "draw_loan",
    "repay_loan",
    "ask_question",
    "request_human",
    "request_account_manager",
    "complain",
    "inform",
    "correct_information",
    "cancel",
    "skip",
    "ask_why",
    "resume_application",
    "chitchat",
    "bot_challenge",
    "out_of_scope",
]


def list_intents() -> set[str]:
    merged = read_merged_intents()
    return {merged.get(intent, intent) for intent in FIRST_INTENTS}


def normalise(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower() or text


def list_bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def count(folder: Path) -> Counter[str]:
    return Counter(example.intent for example in read_examples(folder))


def test_merged_intents_are_first_ones_and_have_no_examples_of_their_own() -> None:
    merged = read_merged_intents()
    assert set(merged) <= set(FIRST_INTENTS)
    assert not set(merged) & set(merged.values())
    taught = {item["intent"] for path in TRAINING.glob("*.yml") for item in yaml.safe_load(path.read_text())["nlu"]}
    assert taught == list_intents()


def test_every_intent_has_enough_examples() -> None:
    counted = count(TRAINING)
    assert {i: counted[i] for i in list_intents() if counted[i] < EXAMPLES_MIN} == {}


def test_every_intent_is_held_out_in_a_file_of_the_same_name() -> None:
    assert {p.name for p in TRAINING.glob("*.yml")} == {p.name for p in HELD_OUT.glob("*.yml")}
    counted = count(HELD_OUT)
    assert {i: counted[i] for i in list_intents() if counted[i] < HELD_OUT_MIN} == {}
    assert set(counted) == list_intents()


def test_the_table_looks_only_for_intents_that_are_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: set[str] = set()

    def see(situation: Situation, *intents: str) -> float:
        looked_for.update(intents)
        return 0.0

    monkeypatch.setattr(Situation, "sees_intent", see)
    asked = [State(form=form.id, asked=q.slot) for form in load_catalogue().forms.values() for q in form.questions]
    for state in (State(), State(paused=("quota_form",)), *asked):
        for text in ("石头剪刀布", "10万", "10万两年"):
            choose_act(read_message(text), state, Evidence())
    assert looked_for
    assert looked_for <= set(count(TRAINING))


def test_no_sentence_is_taught_twice_or_also_tested() -> None:
    counted = Counter(normalise(example.text) for example in read_examples(TRAINING) + read_examples(HELD_OUT))
    assert [text for text, n in counted.items() if n > 1] == []


def test_no_held_out_sentence_is_nearly_one_that_was_taught() -> None:
    taught = {normalise(example.text) for example in read_examples(TRAINING)}
    having = defaultdict(set)
    for text in taught:
        for bigram in list_bigrams(text):
            having[bigram].add(text)
    alike = []
    for example in read_examples(HELD_OUT):
        own = list_bigrams(normalise(example.text))
        shared = Counter(text for bigram in own for text in having[bigram])
        alike += [
            (example.text, text)
            for text, n in shared.items()
            if len(text) > 3 and n > LIKENESS_MAX * len(own | list_bigrams(text))
        ]
    assert alike == []
