"""A cell that a spreadsheet computes is noticed."""

import pytest

from attack.formulas import is_computed


@pytest.mark.parametrize("cell", ["=1", " ＝1", "\n+1", "－1", "\u200b@1", "−1"])
def test_a_cell_that_computes_is_noticed(cell: str) -> None:
    assert is_computed(cell)
    assert not is_computed(f"'{cell}")
    assert not is_computed(f"一{cell}")
