"""The language data keeps its promises; checked in a second, without training."""

import re
from collections import Counter
from pathlib import Path

import pytest

from forms.catalogue import load_catalogue
from kit.settings import ROOT
from tests.data.nlu import read_examples
from understanding.read import read_message
from understanding.schemas import Evidence, State
from understanding.situation import Situation
from understanding.table import choose_act

TRAINING, HELD_OUT = ROOT / "bot" / "data" / "nlu", ROOT / "tests" / "bot" / "nlu"
EXAMPLES_MIN, HELD_OUT_MIN = 40, 10


def normalise(text: str) -> str:
    return re.sub(r"[\s,.!?，。！？~～…、]", "", text).lower() or text


def count(folder: Path) -> Counter[str]:
    return Counter(intent for _, intent in read_examples(folder))


def test_every_intent_has_enough_examples() -> None:
    assert {i: n for i, n in count(TRAINING).items() if n < EXAMPLES_MIN} == {}


def test_every_intent_is_held_out_in_a_file_of_the_same_name() -> None:
    assert {p.name for p in TRAINING.glob("*.yml")} == {p.name for p in HELD_OUT.glob("*.yml")}
    taught, counted = set(count(TRAINING)), count(HELD_OUT)
    assert taught == set(counted)
    assert {i: counted[i] for i in taught if counted[i] < HELD_OUT_MIN} == {}


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
    counted = Counter(normalise(text) for text, _ in read_examples(TRAINING) + read_examples(HELD_OUT))
    assert [text for text, n in counted.items() if n > 1] == []
