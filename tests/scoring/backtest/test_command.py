"""`python -m scoring backtest OLD NEW CASES.csv` on files, folders, shipped versions and scorecards."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring.__main__ import main
from scoring.scorecards.scorecard_file import write_scorecard
from tests.scoring.folders import add_policy, copy_policies, write_policy
from tests.scoring.scorecards.cards import make_card, make_table

FARMERS = """\
land_mu,machinery_value,household_income,existing_debt,has_overdue,age,village
15,20000,60000,0,否,45,李家村
80,200000,150000,50000,0,62,王家村
5,0,20000,90000,false,30,王家村
"""
TRADERS = """\
product,annual_turnover,years_in_business,existing_debt,has_overdue
trader_loan,600000,3,0,0
market_loan,600000,0.7,0,0
firm_loan,800000,4,0,0
"""


def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, cases: str, old: object, new: object
) -> tuple[int, dict[str, Any], str]:
    (tmp_path / "cases.csv").write_text(cases, "utf-8")
    code = main(["backtest", str(old), str(new), str(tmp_path / "cases.csv")])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else {}, printed.err


def test_two_versions_that_ship(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, table = run(capsys, tmp_path, FARMERS, "farmer_loan@2025-07-01", "farmer_loan@2026-07-01")
    assert code == 0
    assert told["versions"] == ["farmer_loan@2025-07-01 -> farmer_loan@2026-07-01"]
    assert told["outcomes"]["decline"] == {"approve": 1, "review": 0, "decline": 1}
    assert told["rules"]["gone"] == {"age_above_maximum": 1}
    assert [each["row"] for each in told["examples"]] == [2, 3]
    assert told["ignored_columns"] == ["village"]
    assert "3 customers, 2 would be told something else" in table


def test_a_draft_in_a_file_is_taken_at_its_newest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_policies(tmp_path)
    content = yaml.safe_load((folder / "farmer_loan.yml").read_text("utf-8"))
    content["parameters"]["land_value"]["values"][date(2099, 1, 1)] = 3000
    write_policy(tmp_path / "draft.yml", content)
    code, told, _ = run(capsys, tmp_path, FARMERS, "farmer_loan", tmp_path / "draft.yml")
    assert code == 0
    assert told["versions"] == ["farmer_loan@2026-07-01 -> farmer_loan@2099-01-01"]
    assert told["quota"]["raised"] > 0
    assert told["quota"]["lowered"] == 0
    assert run(capsys, tmp_path, FARMERS, "farmer_loan", f"{tmp_path / 'draft.yml'}@2098-01-01")[1]["changed"] == 0


def test_folders_judge_each_case_by_its_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, new = copy_policies(tmp_path / "old"), copy_policies(tmp_path / "new")
    for folder, years in ((old, 1), (new, 0.5)):
        add_policy(folder, "market_loan", {"years_min": {date(2026, 9, 1): years}}, kind="trader")
    code, told, _ = run(capsys, tmp_path, TRADERS, old, new)
    assert code == 0
    assert {product: each["changed"] for product, each in told["products"].items()} == {
        "trader_loan": 0,
        "market_loan": 1,
        "firm_loan": 0,
    }
    assert told["rules"]["gone"] == {"business_too_young": 1}


def test_no_row_is_left_out_in_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = FARMERS + "5,0,20000,,0,30,王家村\n5,0,二万,0,0,30,王家村\n5,0,20000,0,也许,30,王家村\n5,0,2,0,0,200,村\n"
    code, told, table = run(capsys, tmp_path, faulty, "farmer_loan", "farmer_loan")
    assert code == 1
    assert (told["rows"], told["faulty"]) == (3, 4)
    assert [each["row"] for each in told["errors"]] == [5, 6, 7, 8]
    names = ("existing_debt", "household_income", "has_overdue", "age")
    assert all(name in each["reason"] for name, each in zip(names, told["errors"], strict=True))
    assert "row 5: existing_debt: Field required" in table


def test_a_policy_judges_no_other_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = run(capsys, tmp_path, TRADERS, "trader_loan@2025-07-01", "trader_loan")
    assert code == 1
    assert told["rows"] == 1
    assert "firm_loan is not judged by the policy of trader_loan" in told["errors"][1]["reason"]


def test_scorecards_are_compared_by_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_scorecard(tmp_path / "old.yml", make_card(expected={500: 0.5, 530: 0.5}))
    write_scorecard(tmp_path / "new.yml", make_card(base=510))
    cases = make_table() + "\n很久,1000,批发,0.5,1"
    code, told, _ = run(capsys, tmp_path, cases, tmp_path / "old.yml", tmp_path / "new.yml")
    assert code == 1
    assert told["scores"]["median"] == 10
    assert told["scores"]["raised"] == told["rows"] == 400
    assert told["psi"]["old"] > 0
    assert told["psi"]["new"] is None
    assert told["errors"] == [{"row": 402, "reason": "years: '很久' is no number"}]


@pytest.mark.parametrize(
    ("old", "new", "cases", "complaint"),
    [
        ("farmer_loan", "nowhere", FARMERS, "nowhere is no file"),
        ("farmer_loan", "farmer_loan@soon", FARMERS, "a date is needed after @"),
        ("farmer_loan", "card.yml", FARMERS, "only be compared with a scorecard"),
        ("farmer_loan", "broken.yml", FARMERS, "broken.yml"),
        ("farmer_loan", "none.yml", FARMERS, "none.yml"),
        ("farmer_loan", "farmer_loan", "", "first row"),
        ("farmer_loan", "farmer_loan", FARMERS.splitlines()[0], "no rows"),
    ],
)
def test_what_cannot_be_compared_is_explained(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    cases: str,
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_scorecard(Path("card.yml"), make_card())
    Path("broken.yml").write_text("product: farmer_loan\nparameters: {}\n", "utf-8")
    code, told, err = run(capsys, tmp_path, cases, old, new)
    assert (code, told) == (2, {})
    assert complaint in err
