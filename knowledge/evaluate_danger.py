"""How many alarms are caught, and how many ordinary messages alarmed, on files of examples by topic."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from knowledge.encoder import Encoder
from knowledge.evaluate import InputError
from knowledge.lessons import Lessons
from knowledge.message_classifier import MessageClassifier
from knowledge.schemas import ALARM_SCORE

BARS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class _Group(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    texts: tuple[str, ...]


_GROUPS = TypeAdapter(list[_Group])


def evaluate_danger(lessons: Lessons, groups: Mapping[str, Sequence[str]], encoder: Encoder) -> dict[str, Any]:
    """Learns from the lessons, and rates as `rate_alarms` does."""
    texts = lessons.list_texts()
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    return rate_alarms(MessageClassifier(lessons.classes, vectors), lessons, groups, encoder)


def rate_alarms(
    classifier: MessageClassifier, lessons: Lessons, groups: Mapping[str, Sequence[str]], encoder: Encoder
) -> dict[str, Any]:
    """Rates every text; groups named like a topic of the lessons are alarms, all others ordinary.

    `caught` and `false_alarms` are shares at the bar ALARM_SCORE, `by_topic` the share caught of each topic; `bars`
    gives both shares at other bars. The phrases of understanding/danger.yml are not among what is measured.
    """
    asked = list(dict.fromkeys(text for texts in groups.values() for text in texts))
    vectors = dict(zip(asked, encoder.encode(asked), strict=True))
    topics = {known.name for known in lessons.classes if known.kind == "danger"}
    scores = {
        name: np.array([max(classifier.rate(text, vectors[text]).dangers.values()) for text in texts])
        for name, texts in groups.items()
    }
    none = np.zeros(0)
    alarms = np.concatenate([none, *(own for name, own in scores.items() if name in topics)])
    ordinary = np.concatenate([none, *(own for name, own in scores.items() if name not in topics)])
    return {
        "caught": _share(alarms, ALARM_SCORE),
        "false_alarms": _share(ordinary, ALARM_SCORE),
        "bar": ALARM_SCORE,
        "alarms": len(alarms),
        "ordinary": len(ordinary),
        "by_topic": {name: _share(scores[name], ALARM_SCORE) for name in groups if name in topics},
        "bars": [{"bar": bar, "caught": _share(alarms, bar), "false_alarms": _share(ordinary, bar)} for bar in BARS],
    }


def read_groups(paths: Sequence[Path]) -> dict[str, list[str]]:
    """The texts of every group of the files, by its id; raises InputError."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        try:
            for group in _GROUPS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8"))):
                groups.setdefault(group.id, []).extend(group.texts)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
            raise InputError(f"{path}: {error}") from error
    return groups


def _share(scores: "np.typing.NDArray[np.float64]", bar: float) -> float | None:
    return round(float((scores >= bar).mean()), 4) if len(scores) else None
