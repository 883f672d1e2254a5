"""`python -m scoring decide CASE.yml` prints what the API answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scoring.__main__ import main

CASE = """
name: 小超市
as_of: 2026-08-01
product: trader_loan
facts: {annual_turnover: 600000, years_in_business: 3, existing_debt: 0, has_overdue: false}
"""


def write_case(folder: Path, text: str) -> str:
    path = folder / "case.yml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.slow
def test_it_prints_the_decision(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scoring", "decide", write_case(tmp_path, CASE)]
    done = subprocess.run(command, capture_output=True, check=True)
    answer = json.loads(done.stdout.decode("utf-8"))
    assert answer == {
        "decision_id": None,
        "outcome": "approve",
        "quota": 180000,
        "term_months": 36,
        "annual_rate": 5.2,
        "reasons": [{"code": "annual_turnover", "text": "年流水60万元，按三成算18万元", "amount": 180000}],
        "improvement": "年经营流水达到73.4万元后，额度可到22万元。",
        "next_step": "您可以直接申请，额度以核实资料后签订的合同为准。",
        "policy_version": "trader_loan@2026-07-01",
        "valid_until": "2026-08-31",
    }


def test_without_a_date_it_decides_by_today(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", write_case(tmp_path, CASE.replace("as_of: 2026-08-01\n", ""))]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "approve"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CASE.replace("years_in_business", "years"), "years_in_business: Field required"),
        (CASE.replace("2026-08-01", "2020-01-01"), "trader_loan was not offered on 2020-01-01"),
        (CASE.replace("2026-08-01", "soon"), "as_of: a date is needed"),
        ("- just a list", "a case is a mapping"),
        ("{", "case.yml"),
    ],
)
def test_a_case_at_fault_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    assert main(["decide", write_case(tmp_path, text)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert complaint in printed.err


def test_a_missing_case_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", str(tmp_path / "none.yml")]) == 2
    assert "none.yml" in capsys.readouterr().err
