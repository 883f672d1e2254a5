"""How well an encoder finds entries: on questions that were held out, on the golden ones, and on alarms."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from knowledge.adapter.texts import Groups
from knowledge.encoder import Encoder
from knowledge.evaluate import HITS
from knowledge.evaluate_danger import rate_alarms
from knowledge.golden_questions import GoldenQuestion
from knowledge.index import Index, calibrate
from knowledge.index_builder import learn_lessons
from knowledge.lessons import Lessons
from knowledge.trials import find_first
from knowledge.tuning.schemas import EncoderMetrics

# One text of so many is held out, of entries that keep enough; so many at most.
HELD_OUT_OF = 10
KEPT_LEAST = 3
HELD_OUT_MAX = 400


class HeldOut(NamedTuple):
    """Texts by entry: those to learn from, and for each held-out text the entry it asks for."""

    kept: Groups
    queries: dict[str, str]


def hold_out(entries: Groups) -> HeldOut:
    """Takes every tenth text out, always the same ones."""
    picked = [
        (_hash(text), text, entry_id)
        for entry_id, texts in entries.items()
        if len(texts) > KEPT_LEAST
        for text in texts
        if _hash(text) % HELD_OUT_OF == 0
    ]
    queries = {text: entry_id for _, text, entry_id in sorted(picked)[:HELD_OUT_MAX]}
    kept = {entry_id: [text for text in texts if text not in queries] for entry_id, texts in entries.items()}
    return HeldOut({entry_id: texts for entry_id, texts in kept.items() if texts}, queries)


def measure(
    encoder: Encoder,
    held_out: HeldOut,
    golden: Sequence[GoldenQuestion],
    lessons: Lessons,
    alarms: Mapping[str, Sequence[str]],
    kept: Path,
    progress: Callable[[float], None] = lambda share: None,
) -> EncoderMetrics:
    """The metrics of an encoder, with an index of the texts that were kept; a minute or two.

    `alarms`: rate_alarms' groups. What is learned from the lessons is taken from the folder `kept`, or kept there: a
    service that gets the encoder needs it too.
    """
    taught, classifier = learn_lessons(encoder, lessons, kept)
    progress(0.5)
    known = [question for question in golden if question.entry_id is None or question.entry_id in held_out.kept]
    asked = [*held_out.queries, *(question.text for question in known)]
    own = [text for texts in held_out.kept.values() for text in texts]
    texts = [text for text in dict.fromkeys([*own, *lessons.foreign, *asked]) if text not in taught]
    vectors = {**taught, **dict(zip(texts, encoder.encode(texts), strict=True))}
    progress(0.7)
    index = Index(held_out.kept, vectors, lessons.foreign, calibrate(held_out.kept, vectors, lessons.foreign))
    progress(0.9)
    ranks = []
    for text, entry_id in held_out.queries.items():
        found = [each for each, _ in index.search(text, vectors[text], HITS)]
        ranks.append(found.index(entry_id) if entry_id in found else HITS)
    first = find_first(index, [question.text for question in known], vectors)
    right = [
        first[each.text].entry_id == each.entry_id if each.entry_id else not first[each.text].is_answer
        for each in known
    ]
    danger = rate_alarms(classifier, lessons, alarms, encoder) if classifier else {"caught": 1, "false_alarms": 0}
    progress(1.0)
    return EncoderMetrics(
        hit_at_1=_share([rank < 1 for rank in ranks]),
        hit_at_3=_share([rank < HITS for rank in ranks]),
        golden=_share(right),
        false_alarms=danger["false_alarms"],
        missed_alarms=round(1 - danger["caught"], 4),
    )


def _share(right: Sequence[bool]) -> float:
    return round(float(np.mean(right)), 4) if right else 0.0


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
