"""Training on the public data as the command does it: figures, files, and nothing learned from rows held out."""

import json
import re
import time
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main
from scoring.scorecards.fitting import fit_scorecard
from scoring.scorecards.options import TrainingOptions
from scoring.scorecards.scorecard_file import find_scorecard
from scoring.scorecards.training_data import read_training_data
from tests.scoring.scorecards.cards import make_table

DAY = date(2026, 11, 29)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("german") / "german.yml"
    started = time.perf_counter()
    with redirect_stdout(StringIO()) as printed:
        assert main(["train", "--demo", "german", "--since", "2026-11-29", "--out", str(out)]) == 0
    assert time.perf_counter() - started < 30
    return out, json.loads(printed.getvalue())


def test_german_credit_data_reach_the_published_range(trained: tuple[Path, dict[str, Any]]) -> None:
    _, told = trained
    assert told["rows"] == 1000
    assert 0.78 <= told["auc"] <= 0.80  # the mean of twenty folds, each row held out four times
    assert 0.43 < told["ks"] < 0.55
    assert told["brier"] < 0.175
    assert told["psi"] < 0.1
    assert abs(told["split"]["auc"] - told["auc"]) < 3 * told["auc_spread"]
    assert sum(each["rows"] for each in told["calibration"]) == 4000
    assert "reject inference" in told["caveat"]


def test_what_nobody_may_be_judged_by_has_no_points(trained: tuple[Path, dict[str, Any]]) -> None:
    out, told = trained
    card = find_scorecard(out, DAY)
    assert not {"personal_status_and_sex", "foreign_worker"} & set(card.characteristics)
    assert "decide nothing" in told["left_out"]["personal_status_and_sex"]
    with pytest.raises(ValueError, match="may not score customers"):
        card.require_approved()


def test_the_report_shows_four_plots_and_all_points(trained: tuple[Path, dict[str, Any]]) -> None:
    out, _ = trained
    page = out.with_suffix(".html").read_text("utf-8")
    titles = re.findall("<svg [^>]*><title>(.*?)</title>", page)
    assert [title.split(",")[0] for title in titles] == ["ROC", "KS", "Calibration", "Scores"]
    for characteristic in find_scorecard(out, DAY).characteristics.values():
        assert characteristic.reason in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")  # nothing to load


def test_rows_held_out_change_nothing() -> None:
    options = TrainingOptions()
    data = read_training_data(make_table(300).encode(), "went_bad", options)
    spoilt = data._replace(
        columns={name: [*column[:200], *["7"] * 100] for name, column in data.columns.items()},
        is_bad=[*data.is_bad[:200], *[True] * 100],
    )
    cards = [fit_scorecard(each, range(200), "went_bad", options, DAY).card for each in (data, spoilt)]
    assert cards[0] == cards[1]  # bands, points, and the bands of scores that PSI compares


def test_it_trains_on_a_table_of_the_banks_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loans.csv").write_text(make_table(), "utf-8")
    (tmp_path / "options.yml").write_text("{name: traders, columns: {years: {direction: rising}}}", "utf-8")
    command = ["train", str(tmp_path / "loans.csv"), "--target", "went_bad", "--out", str(tmp_path / "card.yml")]
    assert main([*command, "--options", str(tmp_path / "options.yml")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"auc", "ks", "brier", "psi", "rows"} <= set(told)
    assert find_scorecard(tmp_path / "card.yml", date.max).name == "traders"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--target", "went_bad"], "name a FILE.csv"),
        (["loans.csv"], "name a FILE.csv"),
        (["none.csv", "--target", "went_bad"], "none.csv"),
        (["loans.csv", "--target", "outcome"], "no column 'outcome'"),
        (["loans.csv", "--target", "went_bad", "--bad", "2"], "which of 0 and 1"),
    ],
)
def test_what_cannot_be_trained_is_explained(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loans.csv").write_text(make_table(), "utf-8")
    assert main(["train", *arguments, "--out", "card.yml"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert complaint in printed.err
    assert not Path("card.yml").exists()
