"""Rows count, end, and are written as a table."""

import re

from attack.row import Row, add_up, write_table


def test_the_table_names_what_failed() -> None:
    first, second = Row("a", 10, 5.0, tries=3), Row("a", 10, 5.0, tries=4)
    second.fail("\ud800输入", "broke")
    table = write_table(add_up([first, second]))
    assert re.search(r"a +7 +20 +1 ", table)
    assert "a: broke" in table
    assert table.encode()


def test_a_row_ends_by_number_and_by_time() -> None:
    assert sum(1 for _ in iter(Row("a", 3, 60.0).next_try, False)) == 3
    assert not Row("a", 3, -1.0).next_try()
