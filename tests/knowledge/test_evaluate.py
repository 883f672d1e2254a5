"""Metrics of an evaluation, and the errors of files that cannot be evaluated."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kit.settings import ROOT
from knowledge.__main__ import main
from knowledge.evaluate import Pair, Query, draw_curve, evaluate, measure_calibration, read_shipped
from tests.knowledge.hashing_encoder import HashingEncoder

METRICS = ["hit_at_1", "hit_at_3", "oos_auc", "pair_spearman", "encode_ms_p50", "search_ms_p50", "calibration_error"]
KEYS = [*METRICS, "entries", "queries", "curve"]
ENTRIES = {
    "lost": ["银行卡丢了怎么挂失", "卡丢了怎么办", "卡不见了"],
    "rate": ["农户贷利息多少", "贷款年利率是多少", "利率高不高"],
    "hours": ["网点几点开门", "周六上不上班", "银行几点下班"],
    "papers": ["办贷款要带什么材料", "贷款需要哪些证件", "贷款资料清单"],
}
FOREIGN = ["今天下雨吗", "给我唱首歌", "玉米卖给谁", "附近有药店吗", "你几岁了"]
ENTRY_LINE = '{"id": "lost", "question": "卡丢了", "similar_questions": ["卡不见了"], "answer": "请挂失。"}\n'
QUERY_LINE = '{"text": "卡丢了", "entry_id": "lost"}\n'


def test_the_curve_tells_how_often_a_score_is_right() -> None:
    assert draw_curve([0.95, 0.93, 0.12], [True, False, False]) == [
        {"queries": 1, "score": 0.12, "right": 0.0},
        {"queries": 2, "score": 0.94, "right": 0.5},
    ]


def test_what_ships_is_measured_on_texts_held_out_from_it() -> None:
    entries, queries = read_shipped()
    assert {query.entry_id for query in queries} == {None, *entries}
    assert not {query.text for query in queries} & {text for own in entries.values() for text in own}


def test_counts_hits_among_the_queries_that_have_an_entry() -> None:
    queries = [
        Query(text="我的银行卡丢了", entry_id="lost"),
        Query(text="贷款年利率是多少", entry_id="rate"),
        Query(text="网点几点开门", entry_id="lost"),  # labelled so that it is not the first
        Query(text="今天天气真好", entry_id=None),
        Query(text="讲个笑话", entry_id=None),
    ]
    measured = evaluate(ENTRIES, queries, None, HashingEncoder(), FOREIGN)
    assert list(measured) == KEYS
    assert measured["hit_at_1"] == pytest.approx(2 / 3, abs=1e-4)
    assert measured["oos_auc"] == 1
    assert measured["pair_spearman"] is None
    assert (measured["entries"], measured["queries"]) == (4, 5)


def test_hit_at_3_misses_only_the_fourth() -> None:
    queries = [Query(text="银行卡丢了怎么挂失", entry_id=entry_id) for entry_id in ENTRIES]
    measured = evaluate(ENTRIES, queries, None, HashingEncoder())
    assert (measured["hit_at_1"], measured["hit_at_3"]) == (0.25, 0.75)


def test_what_the_files_say_nothing_about_is_null() -> None:
    only_foreign = evaluate(ENTRIES, [Query(text="天气", entry_id=None)], None, HashingEncoder())
    assert (only_foreign["hit_at_1"], only_foreign["hit_at_3"], only_foreign["oos_auc"]) == (None, None, None)
    nothing = evaluate(ENTRIES, [], [], HashingEncoder())
    assert [nothing[key] for key in METRICS] == [None] * len(METRICS)


@pytest.mark.parametrize(
    ("scores", "is_right", "error"),
    [
        ([1.0, 1.0], [True, True], 0),
        ([0.95, 0.95], [False, False], 0.95),
        ([0.5, 0.5], [True, False], 0),
        ([0.9, 0.1, 0.1, 0.1], [True, False, False, False], 0.1),
        ([0.62, 0.68, 0.05, 0.0], [True, True, False, False], (0.7 + 0.05) / 4),
    ],
)
def test_the_calibration_error_is_what_scores_miss_by_bin(
    scores: list[float], is_right: list[bool], error: float
) -> None:
    assert measure_calibration(scores, is_right) == pytest.approx(error)


def test_pairs_are_ranked_by_their_cosine() -> None:
    alike = [Pair(a="卡丢了", b="卡丢了吗", same=1), Pair(a="利息多少", b="利息是多少", same=1)]
    unlike = [Pair(a="卡丢了", b="几点开门", same=0), Pair(a="利息多少", b="天气", same=0)]
    right = evaluate(ENTRIES, [], alike + unlike, HashingEncoder())["pair_spearman"]
    swapped = [pair.model_copy(update={"same": 1 - pair.same}) for pair in alike + unlike]
    wrong = evaluate(ENTRIES, [], swapped, HashingEncoder())["pair_spearman"]
    assert right is not None
    assert wrong == -right < -0.8


@pytest.mark.parametrize(
    ("entries", "queries", "pairs", "said"),
    [
        ("{\n", QUERY_LINE, None, "entries.jsonl:1: line: Invalid JSON"),
        (ENTRY_LINE + '{"id": "a", "answer": ""}\n', QUERY_LINE, None, "entries.jsonl:2: question: Field required"),
        (ENTRY_LINE * 2, QUERY_LINE, None, "entries.jsonl:2: id 'lost' is there twice"),
        (ENTRY_LINE.replace("卡不见了", " "), QUERY_LINE, None, "entries.jsonl:1: similar_questions.0: "),
        ("\n", QUERY_LINE, None, "entries.jsonl:1: no entries"),
        (ENTRY_LINE, '\n{"text": "卡"}\n', None, "queries.jsonl:2: entry_id: Field required"),
        (ENTRY_LINE, '{"text": "卡", "entry_id": "b"}', None, "queries.jsonl:1: there is no entry 'b'"),
        (ENTRY_LINE, QUERY_LINE, '{"a": "卡", "b": "卡", "same": "x"}', "pairs.jsonl:1: same: "),
        (ENTRY_LINE, None, None, "queries.jsonl: "),
    ],
)
def test_bad_input_is_named_in_one_line(
    entries: str,
    queries: str | None,
    pairs: str | None,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["evaluate"]
    for name, text in (("entries", entries), ("queries", queries), ("pairs", pairs)):
        path = tmp_path / f"{name}.jsonl"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        if name != "pairs" or text is not None:
            arguments += [f"--{name}", str(path)]
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert said in output.err


@pytest.mark.exhaustive
@pytest.mark.slow
def test_command_prints_one_json_object_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text(ENTRY_LINE, encoding="utf-8")
    (tmp_path / "q.jsonl").write_text(QUERY_LINE + '{"text": "天气", "entry_id": null}', encoding="utf-8")
    command = [sys.executable, "-m", "knowledge", "evaluate", "--encoder", str(ROOT / "models" / "encoder")]
    command += ["--entries", str(tmp_path / "e.jsonl"), "--queries", str(tmp_path / "q.jsonl")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout)
    assert list(measured) == KEYS
    assert (measured["hit_at_1"], measured["oos_auc"], measured["queries"]) == (1, 1, 2)
