"""What a table must have to be learned from; each refusal says where to look."""

from collections.abc import Callable
from typing import Any

import pytest

from scoring.scorecards.options import TrainingOptions
from scoring.scorecards.training_data import read_training_data
from tests.scoring.scorecards.cards import make_table

PLAIN = TrainingOptions()


def test_columns_are_numbers_or_categories() -> None:
    data = read_training_data(make_table().encode("gb18030"), "went_bad", PLAIN)
    assert data.kinds == {"years": "number", "debt": "number", "trade": "category", "noise": "number"}
    assert len(data.is_bad) == 400


def test_business_leaves_columns_out_and_says_why() -> None:
    options = TrainingOptions.model_validate({"columns": {"trade": {"use": False, "why": "不问行业"}}})
    data = read_training_data(make_table().encode(), "went_bad", options)
    assert "trade" not in data.columns
    assert data.left_out == {"trade": "不问行业"}


def test_names_of_people_are_no_category() -> None:
    lines = make_table().splitlines()
    named = [f"{lines[0]},name", *(f"{line},客户{place}" for place, line in enumerate(lines[1:]))]
    data = read_training_data("\n".join(named).encode(), "went_bad", PLAIN)
    assert "name" not in data.columns
    assert "400 different values" in data.left_out["name"]


def test_words_for_missing_are_missing() -> None:
    data = read_training_data(make_table().replace(",餐饮,", ",NA,").encode(), "went_bad", PLAIN)
    assert "" in data.columns["trade"]
    assert "NA" not in data.columns["trade"]


@pytest.mark.parametrize(
    ("change", "options", "complaint"),
    [
        (lambda table: table.replace("went_bad", "outcome"), {}, "no column 'went_bad'"),
        (lambda table: table[:2000], {}, "the least|cells"),
        (lambda table: table.replace("years,debt", "years,years"), {}, "name each column, once"),
        (lambda table: "", {}, "name each column"),
        (lambda table: table + "\n5,1000,批发,0.5,", {}, "empty in 1 rows, such as 402"),
        (lambda table: table + "\n5,1000,批发,0.5,2", {}, "3 different values"),
        (lambda table: table + "\n5,1000", {}, "row 402: 2 cells, 5 are needed"),
        (lambda table: table + '\n5,"1000', {}, "402"),
        (lambda table: table, {"bad": "坏"}, "which of 0 and 1"),
        (lambda table: table, {"columns": {"age": {}}}, "do not exist: age"),
        (lambda table: table + "\n很久,1000,批发,0.5,1", {"columns": {"years": {"kind": "number"}}}, "row 402: years"),
    ],
)
def test_a_table_at_fault_is_explained(change: Callable[[str], str], options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_training_data(change(make_table()).encode(), "went_bad", TrainingOptions.model_validate(options))


@pytest.mark.parametrize(
    ("column", "complaint"),
    [
        ({"use": False}, "why"),
        ({"edges": [5, 5]}, "edges have to rise"),
        ({"edges": [5], "groups": [["a"]]}, "edges are for numbers"),
        ({"groups": [["a"], ["b", "a"]]}, "two groups"),
        ({"direction": "up"}, "direction"),
    ],
)
def test_options_at_fault_are_refused(column: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        TrainingOptions.model_validate({"columns": {"years": column}})
