"""An encoder is measured on questions it was not tuned with."""

from pathlib import Path

import pytest

from knowledge.golden_questions import GoldenQuestion
from knowledge.tuning.measuring import HELD_OUT_MAX, KEPT_LEAST, hold_out, measure
from knowledge.tuning.schemas import EncoderMetrics
from tests.knowledge.entries import ENTRIES, LESSONS
from tests.knowledge.hashing_encoder import HashingEncoder

BEFORE = EncoderMetrics(hit_at_1=0.6, hit_at_3=0.8, golden=0.9, false_alarms=0.02, missed_alarms=0.1)


def test_a_tenth_is_held_out_always_the_same() -> None:
    entries = {f"entry-{number}": [f"{number}号产品的第{text}种问法" for text in range(12)] for number in range(200)}
    found = hold_out(entries)
    assert 0.07 < len(found.queries) / 2400 < 0.13
    assert hold_out(dict(reversed(entries.items()))).queries == found.queries
    for entry_id, texts in entries.items():
        held_out = {text for text, owner in found.queries.items() if owner == entry_id}
        assert set(texts) == {*found.kept[entry_id], *held_out}


def test_what_has_few_texts_keeps_them() -> None:
    entries = {f"entry-{number}": [f"{number}的{text}" for text in range(KEPT_LEAST)] for number in range(100)}
    assert hold_out(entries).queries == {}
    assert hold_out(entries).kept == entries


def test_of_many_only_some_are_held_out() -> None:
    assert len(hold_out({"all": [f"第{number}种问法" for number in range(9000)]}).queries) == HELD_OUT_MAX


@pytest.mark.parametrize(
    ("change", "is_better"),
    [
        ({"hit_at_1": 0.61}, True),
        ({"hit_at_1": 0.6}, False),
        ({"hit_at_1": 0.7, "golden": 0.89}, False),
        ({"hit_at_1": 0.7, "missed_alarms": 0.105}, True),
        ({"hit_at_1": 0.7, "missed_alarms": 0.12}, False),
        ({"hit_at_1": 0.7, "false_alarms": 0.04}, False),
    ],
)
def test_only_what_is_better_is_kept(change: dict[str, float], is_better: bool) -> None:
    assert BEFORE.model_copy(update=change).is_better(BEFORE) == is_better


def test_metrics_are_of_held_out_golden_and_alarming_texts(tmp_path: Path) -> None:
    held_out = hold_out({entry_id: [question, *similar] for entry_id, question, similar, _ in ENTRIES})
    held_out = held_out._replace(queries={"我的卡丢了怎么办呀": "card-lost", "网点几点开门呢": "card-lost"})
    golden = [
        GoldenQuestion("银行卡丢了怎么挂失", "card-lost"),
        GoldenQuestion("贷款年利率是多少", "card-lost"),
        GoldenQuestion("今天天气怎么样", None),
        GoldenQuestion("这条已经下架", "gone"),
    ]
    alarms = {"scam": ["骗子让我转账", "利息多少"], "ordinary": ["手机没电了"]}
    shares: list[float] = []
    metrics = measure(HashingEncoder(), held_out, golden, LESSONS, alarms, tmp_path, shares.append)
    assert metrics.hit_at_1 == 0.5
    assert metrics.golden == round(2 / 3, 4)
    assert (metrics.missed_alarms, metrics.false_alarms) == (0.5, 0.0)
    assert (shares, shares[-1]) == (sorted(shares), 1.0)
