"""Cells as clerks fill them, and what they are told about those that cannot be read."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.cells import (
    DATE,
    ITEMS,
    LENGTH_MAX,
    MONTHS,
    NUMBER,
    PERCENT,
    TEXT,
    WHOLE,
    YES_NO,
    YUAN,
    Cell,
    CellKind,
    choose,
    choose_several,
)

KIND = choose({"farmer": "农户", "trader": "商户"})
WAYS = choose_several({"equal": "等额本息", "bullet": "到期一次还本付息"})
KINDS = [TEXT, NUMBER, WHOLE, YUAN, MONTHS, PERCENT, DATE, YES_NO, ITEMS, KIND, WAYS]
DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (TEXT, "  石桥村 ", "石桥村"),
        (TEXT, 12345.0, "12345"),
        (TEXT, 4.9, "4.9"),
        (TEXT, 1e-7, "0.0000001"),
        (TEXT, "'=1+1", "=1+1"),
        (TEXT, "-5", "-5"),
        (TEXT, None, ""),
        (TEXT, True, "是"),
        (TEXT, datetime.combine(DAY, time()), "2026-01-01"),
        (NUMBER, "1,200.50", Decimal("1200.50")),
        (NUMBER, "１２", Decimal(12)),
        (NUMBER, "三十五", Decimal(35)),
        (NUMBER, "'-5", Decimal(-5)),
        (WHOLE, 3.0, 3),
        (YUAN, 300000, 300_000),
        (YUAN, "30万", 300_000),
        (YUAN, "30 万元", 300_000),
        (YUAN, "三十五万", 350_000),
        (YUAN, "1.5亿", 150_000_000),
        (YUAN, "￥300,000.00", 300_000),
        (YUAN, "叁拾万元整", 300_000),
        (YUAN, "３０万", 300_000),
        (MONTHS, "36", 36),
        (MONTHS, "36个月", 36),
        (MONTHS, "3年", 36),
        (MONTHS, "一年半", 18),
        (MONTHS, "1年3个月", 15),
        (MONTHS, "0.5年", 6),
        (PERCENT, "4.9%", Decimal("4.9")),
        (PERCENT, "4.90％", Decimal("4.9")),
        (PERCENT, 4.9, Decimal("4.9")),
        (PERCENT, "百分之5", Decimal(5)),
        (PERCENT, "0.5%", Decimal("0.5")),
        (PERCENT, 0, Decimal(0)),
        (DATE, datetime.combine(DAY, time()), DAY),
        (DATE, 46023, DAY),
        (DATE, "46023", DAY),
        *((DATE, text, DAY) for text in ("2026-01-01", "2026/1/1", "2026.1.1", "2026年1月1日", "2026 年 1 月 1 日")),
        *((DATE, text, DAY) for text in ("20260101", "2026-01-01 00:00:00")),
        *((YES_NO, cell, True) for cell in ("是", "Y", "√", 1, True)),
        *((YES_NO, cell, False) for cell in ("否", "no", 0, False)),
        (ITEMS, "购房、炒股，赌博,购房;转借\n 理财 ", ["购房", "炒股", "赌博", "转借", "理财"]),
        (KIND, "农户", "farmer"),
        (KIND, "farmer", "farmer"),
        (WAYS, "到期一次还本付息，等额本息，等额本息", ["bullet", "equal"]),
    ],
)
def test_a_cell_is_read(kind: CellKind, cell: Cell, value: Any) -> None:
    assert kind.read(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        (TEXT, "=A1*2", "公式"),
        (TEXT, "＝A1", "公式"),
        (TEXT, "#REF!", "公式的错误值"),
        (TEXT, 6.2e18, "丢掉末几位"),
        (TEXT, float("nan"), "丢掉末几位"),
        (TEXT, "长" * (LENGTH_MAX + 1), "太长"),
        (NUMBER, "5,2%", "不是数字"),
        (NUMBER, "12,34", "不是数字"),
        (NUMBER, "1e5", "不是数字"),
        (NUMBER, "", "不是数字"),
        (WHOLE, 3.5, "不是整数"),
        (YUAN, "三五十万", "确定的金额"),
        (YUAN, "30万左右", "不是金额"),
        (YUAN, "3000.50", "不带角分"),
        (YUAN, "很多", "不是金额"),
        (YUAN, "", "不是金额"),
        (MONTHS, "半", "不是数字"),
        (MONTHS, "1.3年", "不是整月"),
        (PERCENT, "5,2%", "不是数字"),
        (PERCENT, 0.049, "百分号"),
        (DATE, "2026-02-30", "没有这一天"),
        (DATE, "20261301", "没有这一天"),
        (DATE, "1月1日", "不是日期"),
        (DATE, "1/2/2026", "不是日期"),
        (DATE, 12, "不是日期"),
        (DATE, datetime.combine(DAY, time(9)), "不是日期"),
        (YES_NO, "也许", "是 或 否"),
        (KIND, "工人", "请填 农户、商户"),
        (WAYS, "等额本息、随便", "请填 等额本息、到期一次还本付息"),
    ],
)
def test_what_cannot_be_read_is_explained(kind: CellKind, cell: Cell, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        kind.read(cell)


VALUES: list[tuple[CellKind, st.SearchStrategy[Any]]] = [
    (NUMBER, st.decimals(-(10**9), 10**9, places=3)),
    (WHOLE, st.integers(-(10**9), 10**9)),
    (YUAN, st.integers(0, 10**12)),
    (MONTHS, st.integers(1, 600)),
    (PERCENT, st.decimals(0, 100, places=2)),
    (DATE, st.dates(date(1900, 3, 1), date(9999, 12, 31))),
    (YES_NO, st.booleans()),
    (KIND, st.sampled_from(["farmer", "trader"])),
    (WAYS, st.lists(st.sampled_from(["equal", "bullet"]), unique=True)),
    (ITEMS, st.lists(st.text("abc购房=+-'", min_size=1).filter(lambda text: text[0] not in "='"), unique=True)),
]


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=lambda each: getattr(each, "name", ""))
def test_a_written_value_is_read_again(kind: CellKind, values: st.SearchStrategy[Any]) -> None:
    @given(values)
    def check(value: Any) -> None:
        assert kind.read(kind.write(value)) == value
        assert isinstance(kind.describe(value), str)

    check()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_any_cell_has_a_value_or_a_reason(kind: CellKind) -> None:
    numbers = st.integers() | st.floats() | st.decimals(allow_nan=False)
    texts = st.text() | st.text("0123456789.,万亿年月日半%-/= 元三十")

    @given(numbers | texts | st.none() | st.booleans() | st.dates() | st.datetimes())
    def check(cell: Cell) -> None:
        reason = ""
        try:
            kind.read(cell)
        except ValueError as error:
            reason = str(error)
        assert not reason or reason[0] > "\u3000"  # in Chinese

    check()
