"""The word list: every word is a pattern without groups, and is found where it should be."""

import re
from pathlib import Path

import pytest
import yaml

from forms.catalogue import load_catalogue
from understanding import roles
from understanding.roles import Kind, find_cues

ROWS = yaml.safe_load(Path(roles.__file__).with_suffix(".yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['role']}-{'-'.join(row['kinds'])}-{row['place']}")
def test_a_row(row: dict[str, str]) -> None:
    assert row["role"] in {*load_catalogue().questions, "other", "loan", "lender", "worth"}
    words = row["words"].replace("_", " ").split("\n")
    assert all(re.compile(word).groups == 0 for line in words for word in [line.strip()] if word)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("欠信用社的贷款", "sum", "existing_debt lender loan"),
        ("房贷不是贷款", "sum", "existing_debt loan!"),
        ("没有网贷只有车贷", "sum", "existing_debt! existing_debt"),
        ("农机没有", "sum", "machinery_value!"),
        ("能不能借", "sum", "loan"),
        ("不借了", "sum", "loan!"),
        ("除去开支剩", "sum", "other! household_income"),
        ("种了水田", "area", "land_mu land_mu"),
        ("开店做了", "span", "years_in_business years_in_business"),
        ("my turnover", "sum", "annual_turnover"),
        ("turnoverx", "sum", ""),
    ],
)
def test_cues(text: str, kind: Kind, expected: str) -> None:
    assert " ".join(f"{cue.role}{'!' if cue.is_denied else ''}" for cue in find_cues(text, kind)) == expected
