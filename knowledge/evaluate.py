"""Retrieval metrics on files of entries, queries and labelled pairs."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, SupportsFloat, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, StringConstraints, ValidationError
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from knowledge.adapter.texts import HELD_OUT, read_entry_texts, read_groups
from knowledge.encoder import Encoder
from knowledge.index import Entries, Index, calibrate
from knowledge.lessons import read_paraphrases

HITS = 3
BINS = 10
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line = TypeVar("Line", bound=BaseModel)


class EntryLine(BaseModel):
    """A line of an entries file."""

    id: Text
    question: Text
    similar_questions: list[Text] = []
    answer: str


class Query(BaseModel):
    """A line of a queries file; without an entry the text must not be answered."""

    text: Text
    entry_id: str | None


class Pair(BaseModel):
    """A line of a pairs file: two texts and how much they mean the same (0 to 1)."""

    a: Text
    b: Text
    same: float


class InputError(ValueError):
    """A file that cannot be evaluated; the message names the file and the line."""


def evaluate(
    entries: Entries,
    queries: Sequence[Query],
    pairs: Sequence[Pair] | None,
    encoder: Encoder,
    foreign: Sequence[str] = (),
) -> dict[str, Any]:
    """Builds a throw-away index of the entries, and of the `foreign` texts that none answers, and searches it.

    `hit_at_1`, `hit_at_3`: share of the queries with an entry whose entry is first, or among the first three.
    `oos_auc`: ROC AUC of the matches' scores together at telling queries with an entry from those without.
    `calibration_error`: by how much the first match's score misses the share of right ones, see measure_calibration.
    `curve`: the first matches in bins of their score: how many, their mean score, and the share that is right.
    `pair_spearman`: rank correlation of cosine and `same`. `encode_ms_p50` is for one text, `search_ms_p50` for a
    search with its vector at hand, both medians in ms. A metric without data is None.
    """
    texts = list(dict.fromkeys([*(text for own in entries.values() for text in own), *foreign]))
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    index = Index(entries, vectors, foreign, calibrate(entries, vectors, foreign))
    encode_ms, search_ms, ranks, scores, first, is_right = [], [], [], [], [], []
    for query in queries:
        started = time.perf_counter()
        vector = encoder.encode([query.text])[0]
        encoded = time.perf_counter()
        matches = index.search(query.text, vector, HITS)
        search_ms.append((time.perf_counter() - encoded) * 1000)
        encode_ms.append((encoded - started) * 1000)
        scores.append(sum(score for _, score in matches))
        first.append(matches[0][1] if matches else 0.0)
        found = [entry_id for entry_id, _ in matches]
        is_right.append(found[:1] == [query.entry_id])
        if query.entry_id is not None:
            ranks.append(found.index(query.entry_id) if query.entry_id in found else HITS)
    is_inside = [query.entry_id is not None for query in queries]
    return {
        "hit_at_1": _round(np.mean(np.array(ranks) < 1)) if ranks else None,
        "hit_at_3": _round(np.mean(np.array(ranks) < HITS)) if ranks else None,
        "oos_auc": _round(roc_auc_score(is_inside, scores)) if len(set(is_inside)) == 2 else None,
        "pair_spearman": measure_pairs(pairs, encoder) if pairs else None,
        "encode_ms_p50": _round(np.median(encode_ms)) if queries else None,
        "search_ms_p50": _round(np.median(search_ms)) if queries else None,
        "calibration_error": _round(measure_calibration(first, is_right)) if queries else None,
        "entries": len(entries),
        "queries": len(queries),
        "curve": draw_curve(first, is_right),
    }


def draw_curve(scores: Sequence[float], is_right: Sequence[bool]) -> list[dict[str, float]]:
    """The bins that measure_calibration takes, without the empty ones, the lowest scores first."""
    bins = _find_bins(scores)
    own = [(np.array(scores)[bins == number], np.array(is_right)[bins == number]) for number in range(BINS)]
    return [
        {"queries": len(found), "score": _round(found.mean()), "right": _round(right.mean())}
        for found, right in own
        if len(found)
    ]


def _find_bins(scores: Sequence[float]) -> NDArray[np.int64]:
    return np.minimum((np.array(scores) * BINS).astype(np.int64), BINS - 1)


def measure_calibration(scores: Sequence[float], is_right: Sequence[bool]) -> float:
    """Expected calibration error in BINS bins: the mean distance of score and share of right ones, by their numbers."""
    bins = _find_bins(scores)
    misses = np.bincount(bins, np.array(scores) - np.array(is_right), minlength=BINS)
    return float(np.abs(misses).sum() / len(scores))


def measure_pairs(pairs: Sequence[Pair], encoder: Encoder) -> float | None:
    """Spearman correlation of the pairs' cosines with `same`; None when either never varies."""
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.a, pair.b)))
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    cosines = [float(vectors[pair.a] @ vectors[pair.b]) for pair in pairs]
    labels = [pair.same for pair in pairs]
    if len(set(labels)) < 2 or len(set(cosines)) < 2:
        return None
    return _round(spearmanr(cosines, labels).statistic)


def read_shipped() -> tuple[Entries, list[Query]]:
    """The entries of the seed with their paraphrases, and the texts that were held out from them."""
    paraphrases = read_paraphrases()
    entries = {name: [*texts, *paraphrases.get(name, ())] for name, texts in read_entry_texts().items()}
    held_out = read_groups(HELD_OUT / "entries.yml")
    queries = [
        Query(text=text, entry_id=name if name in entries else None) for name, own in held_out.items() for text in own
    ]
    return entries, queries


def read_entries(path: Path) -> Entries:
    """Entries of a JSONL file. Raises InputError, also for an id given twice."""
    entries: dict[str, list[str]] = {}
    for number, line in _read_lines(path, EntryLine):
        if line.id in entries:
            raise InputError(f"{path}:{number}: id {line.id!r} is there twice")
        entries[line.id] = [line.question, *line.similar_questions]
    if not entries:
        raise InputError(f"{path}:1: no entries")
    return entries


def read_queries(path: Path, entries: Entries) -> list[Query]:
    """Queries of a JSONL file. Raises InputError, also for an entry that does not exist."""
    queries = []
    for number, query in _read_lines(path, Query):
        if query.entry_id is not None and query.entry_id not in entries:
            raise InputError(f"{path}:{number}: there is no entry {query.entry_id!r}")
        queries.append(query)
    return queries


def read_pairs(path: Path) -> list[Pair]:
    """Pairs of a JSONL file. Raises InputError."""
    return [pair for _, pair in _read_lines(path, Pair)]


def _read_lines(path: Path, kind: type[Line]) -> list[tuple[int, Line]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                rows.append((number, kind.model_validate_json(line)))
            except ValidationError as error:
                problem = error.errors()[0]
                place = ".".join(map(str, problem["loc"])) or "line"
                raise InputError(f"{path}:{number}: {place}: {problem['msg']}") from error
    return rows


def _round(value: SupportsFloat) -> float:
    return round(float(value), 4)
