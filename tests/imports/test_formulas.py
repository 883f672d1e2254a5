"""No cell of an export is computed by a spreadsheet, and each comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.formulas import defuse, restore


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+86",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u3000+1",
        "\u200b@A1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A1",
        "﹦1",
    ],
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert defuse(cell) == f"'{cell}"
    assert defuse(f"柳{cell}") == f"柳{cell}"


@given(st.text() | st.builds(str.__add__, st.sampled_from(["'=", "''=", "'", "=", " '+", "\t", "'\n"]), st.text()))
def test_what_was_made_harmless_comes_back(text: str) -> None:
    assert restore(defuse(text)) == text
