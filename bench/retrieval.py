"""`make bench-knowledge`: our search beside BM25, tf-idf, cosine and Rasa's ResponseSelector, on files of questions."""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from kit.rasa_environment import RASA, quiet
from kit.settings import ROOT
from knowledge.encoder import load_encoder
from knowledge.evaluate import Query, read_entries, read_queries, read_shipped
from knowledge.index import Entries, Index, calibrate
from knowledge.lessons import read_lessons
from knowledge.settings import KnowledgeSettings

Ranking = Sequence[tuple[str, float]]
"""Ids of entries with their scores, best first."""
Vectors = Mapping[str, NDArray[np.float32]]

KEPT = 3
PRECISION = 0.95
# Usual values of BM25's two numbers.
SATURATION, LENGTH_SHARE = 1.2, 0.75


class Ranked(NamedTuple):
    """What one way found. Where the scores are probabilities, what is left of 1 is that of no entry."""

    rankings: list[Ranking]
    seconds: float
    are_probabilities: bool = False


class Measured(NamedTuple):
    """Shares of the questions that have an entry; `coverage`: of all questions, answered with PRECISION right."""

    hit_at_1: float
    hit_at_3: float
    oos_auc: float
    coverage: float
    search_ms: float


def main() -> None:
    """Prints one table, and writes var/bench-knowledge.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    parser.add_argument("--entries", type=Path, help="JSONL; by default the seed, on the texts held out from it")
    parser.add_argument("--queries", type=Path, help="JSONL, with --entries")
    parser.add_argument("--without-rasa", action="store_true", help="training the ResponseSelector takes minutes")
    options = parser.parse_args()
    threadpool_limits(1)  # as the service has it
    entries: Entries
    if options.entries:
        entries = read_entries(options.entries)
        queries = read_queries(options.queries, entries)
    else:
        entries, queries = read_shipped()
    foreign = read_lessons().foreign
    encoder = load_encoder(KnowledgeSettings().encoder)
    texts = list(
        dict.fromkeys([*(text for own in entries.values() for text in own), *(q.text for q in queries), *foreign])
    )
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    ways: dict[str, Callable[[], Ranked]] = {
        "BM25": lambda: rank_by_words(entries, queries, build_bm25),
        "tf-idf": lambda: rank_by_words(entries, queries, build_tf_idf),
        "cosine": lambda: rank_by_cosine(entries, queries, vectors),
        "ours": lambda: rank_by_us(entries, queries, vectors, foreign),
    }
    if not options.without_rasa:
        ways["Rasa's ResponseSelector"] = lambda: rank_by_rasa(entries, queries)
    report = {}
    print("| | first hit | among three | telling foreign | coverage at 95 % | ms |\n|---|---|---|---|---|---|")
    for name, rank in ways.items():
        measured = measure(rank(), queries)
        report[name] = measured._asdict()
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in measured) + " |", flush=True)
    target = ROOT / "var" / "bench-knowledge.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(report, indent=2))


def measure(ranked: Ranked, queries: Sequence[Query]) -> Measured:
    """The metrics of one way."""
    first = [ranking[0] if ranking else ("", 0.0) for ranking in ranked.rankings]
    scores = np.array([score for _, score in first])
    is_right = np.array([found == query.entry_id for (found, _), query in zip(first, queries, strict=True)])
    inside = [
        (ranking, query.entry_id) for ranking, query in zip(ranked.rankings, queries, strict=True) if query.entry_id
    ]
    among = [entry_id in [found for found, _ in ranking[:3]] for ranking, entry_id in inside]
    is_inside = [query.entry_id is not None for query in queries]
    known = [sum(score for _, score in ranking) for ranking in ranked.rankings] if ranked.are_probabilities else scores
    order = np.argsort(-scores, kind="stable")
    precision = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    return Measured(
        hit_at_1=float(is_right.sum() / len(inside)),
        hit_at_3=float(np.mean(among)),
        oos_auc=float(roc_auc_score(is_inside, known)) if len(set(is_inside)) == 2 else float("nan"),
        coverage=float((enough.max() + 1) / len(order)) if len(enough) else 0.0,
        search_ms=ranked.seconds / len(queries) * 1000,
    )


def rank_by_us(entries: Entries, queries: Sequence[Query], vectors: Vectors, foreign: Sequence[str]) -> Ranked:
    """As `python -m knowledge evaluate` does; `foreign` are the texts that no entry answers."""
    index = Index(entries, vectors, foreign, calibrate(entries, vectors, foreign))
    ranked = _time(queries, lambda query: index.search(query.text, vectors[query.text], KEPT))
    return ranked._replace(are_probabilities=True)


def rank_by_cosine(entries: Entries, queries: Sequence[Query], vectors: Vectors) -> Ranked:
    """The entry of the nearest vector."""
    matrix = np.stack([vectors[text] for own in entries.values() for text in own])
    return _time(queries, lambda query: _rank(entries, matrix @ vectors[query.text]))


def rank_by_words(
    entries: Entries, queries: Sequence[Query], build: Callable[[list[str]], Callable[[str], NDArray[np.float64]]]
) -> Ranked:
    """The entry of the text with the highest score of characters and their pairs."""
    score = build([text for own in entries.values() for text in own])
    return _time(queries, lambda query: _rank(entries, score(query.text)))


def build_tf_idf(texts: list[str]) -> Callable[[str], NDArray[np.float64]]:
    """Cosines of tf-idf vectors."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2))
    matrix = vectorizer.fit_transform(texts)
    return lambda query: (matrix @ vectorizer.transform([query]).T).toarray().ravel()


def build_bm25(texts: list[str]) -> Callable[[str], NDArray[np.float64]]:
    """Okapi BM25."""
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(1, 2))
    counts = csr_array(vectorizer.fit_transform(texts), dtype=np.float64)
    lengths = counts.sum(axis=1)
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5))
    norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths / lengths.mean())
    rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
    counts.data = rarity[counts.indices] * counts.data * (SATURATION + 1) / (counts.data + norm[rows])
    return lambda query: (counts @ (vectorizer.transform([query]) > 0).astype(float).T).toarray().ravel()


def rank_by_rasa(entries: Entries, queries: Sequence[Query]) -> Ranked:
    """Trained and asked in Rasa's environment; its time is that of a whole parse."""
    with tempfile.TemporaryDirectory(prefix="xiaohe-bench-") as name:
        folder = Path(name)
        (folder / "entries.json").write_text(json.dumps(entries))
        (folder / "queries.json").write_text(json.dumps([query.text for query in queries]))
        command = [str(RASA), str(ROOT / "bench" / "response_selector.py"), name]
        subprocess.run(command, check=True, cwd=folder, env={**os.environ, **quiet()}, capture_output=True)
        answer = json.loads((folder / "ranking.json").read_text())
    return Ranked(answer["ranked"], answer["seconds"])


def _rank(entries: Entries, scores: NDArray[np.floating]) -> Ranking:
    """Entries by the highest score of their texts."""
    starts = np.cumsum([0, *(len(own) for own in entries.values())])[:-1]
    best = np.maximum.reduceat(scores, starts)
    ids = list(entries)
    return [(ids[number], float(best[number])) for number in np.argsort(-best, kind="stable")[:KEPT].tolist()]


def _time(queries: Sequence[Query], rank: Callable[[Query], Ranking]) -> Ranked:
    started = time.perf_counter()
    rankings = [rank(query) for query in queries]
    return Ranked(rankings, time.perf_counter() - started)


if __name__ == "__main__":
    main()
