"""The language data keeps its promises; checked in a second, without training."""

import re
from collections import Counter
from pathlib import Path

import yaml

from kit.settings import ROOT
from tests.data.nlu import read_examples

TRAINING, HELD_OUT = ROOT / "bot" / "data" / "nlu", ROOT / "tests" / "bot" / "nlu"
EXAMPLES_MIN, HELD_OUT_MIN = 40, 10


def list_intents() -> set[str]:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return set(domain["intents"]) - {"nlu_fallback"}


def normalise(text: str) -> str:
    return re.sub(r"[\s,.!?，。！？~～…、]", "", text).lower() or text


def count(folder: Path) -> Counter[str]:
    return Counter(intent for _, intent in read_examples(folder))


def test_every_intent_has_enough_examples_and_no_other_has_any() -> None:
    counted = count(TRAINING)
    assert set(counted) == list_intents()
    assert {i: n for i, n in counted.items() if n < EXAMPLES_MIN} == {}


def test_every_intent_is_held_out_in_a_file_of_the_same_name() -> None:
    assert {p.name for p in TRAINING.glob("*.yml")} == {p.name for p in HELD_OUT.glob("*.yml")}
    counted = count(HELD_OUT)
    assert {i: counted[i] for i in list_intents() if counted[i] < HELD_OUT_MIN} == {}


def test_no_sentence_is_taught_twice_or_also_tested() -> None:
    counted = Counter(normalise(text) for text, _ in read_examples(TRAINING) + read_examples(HELD_OUT))
    assert [text for text, n in counted.items() if n > 1] == []
