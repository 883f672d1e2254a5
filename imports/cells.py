"""The kinds of cells: how the text or number in a cell becomes a value, and how a value is written again.

`read` raises ValueError with the reason in Chinese, as it ends the sentence “5,2%”….
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from imports.formulas import restore
from kit.money import format_months, format_yuan
from kit.numerals import normalise, read_numeral
from kit.text import clean_text

Cell = str | int | float | Decimal | datetime | date | bool | None
"""What a file holds in a cell. A number that is shown as a percentage is the text `4.9%` already."""

LENGTH_MAX = 5_000
# Beyond it a spreadsheet has replaced the last digits by zeros.
_EXACT_MAX = 10**15
_BETWEEN = re.compile(r"[,，、;；\n]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!"})
_DAY = re.compile(r"([0-9]{4})(?:[-/.](1[0-2]|0?[1-9])[-/.]|年(1[0-2]|0?[1-9])月)([0-9]{1,2})日?(?: 00:00(?::00)?)?")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL_ZERO, _SERIALS = date(1899, 12, 30), range(1, 2_958_466)
_YES = frozenset({"是", "有", "对", "y", "yes", "true", "1", "√", "✓"})
_NO = frozenset({"否", "无", "不", "不是", "没有", "n", "no", "false", "0", "×", "✗"})


@dataclass(frozen=True, slots=True)
class CellKind:
    """How cells of one kind are read and written.

    `write` gives the text that `read` takes for the same value, `show` the words for people. `number`: the value as a
    spreadsheet's number, with the `format` it is shown in. `choices` are offered in a list.
    """

    name: str
    read: Callable[[Cell], Any]
    write: Callable[[Any], str] = str
    show: Callable[[Any], str] | None = None
    number: Callable[[Any], int | float | date] | None = None
    format: str = "@"
    choices: tuple[str, ...] = ()

    def describe(self, value: Any) -> str:
        """A value in words; 空 for none."""
        if value is None or value in ("", [], ()):
            return "空"
        return (self.show or self.write)(value)


def read_text(cell: Cell) -> str:
    """The text of a cell, cleaned; a number as it was typed, a formula or an error value not at all."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float | Decimal):
        if not -_EXACT_MAX < cell < _EXACT_MAX:
            raise ValueError("太长，表格软件已丢掉末几位，请把这一列设为文本再填")
        return f"{Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell):f}".removesuffix(".0")
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if not (cell.hour or cell.minute or cell.second) else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    text = cell or ""
    if len(text) > LENGTH_MAX:
        raise ValueError(f"太长，最多{LENGTH_MAX}字")
    if text.startswith(("=", "＝")):
        raise ValueError("是公式，请改成算好的数值")
    if text in _ERRORS:
        raise ValueError("是公式的错误值")
    return clean_text(restore(text))


def read_number(cell: Cell) -> Decimal:
    """5.2, 1,200.50 or 三十五; no range, no unit."""
    text = _narrow(cell)
    if _NUMBER.fullmatch(text):
        try:
            return Decimal(text.replace(",", ""))
        except InvalidOperation:  # more digits than any number has
            raise ValueError("不是数字") from None
    numeral = read_numeral(text, 0) if text and not text[0].isdecimal() else None
    if numeral is None or numeral.end != len(text) or numeral.low != numeral.high:
        raise ValueError("不是数字")
    return numeral.low


def read_whole(cell: Cell) -> int:
    """A whole number."""
    return _to_whole(read_number(cell), "不是整数")


def read_yuan(cell: Cell) -> int:
    """Whole yuan: 300000, 300,000元, ¥300000, 30万, 三十五万元, 1.5亿."""
    text = _narrow(cell)
    core = normalise(re.sub(r"^(?:¥|rmb|人民币)|(?:元整?|块钱?|圆整?)$", "", text).strip())
    if _NUMBER.fullmatch(core):
        return _to_whole(Decimal(core.replace(",", "")), "要整元，不带角分")
    numeral = read_numeral(core, 0)
    if numeral is None or numeral.end != len(core):
        raise ValueError("不是金额")
    if numeral.low != numeral.high:
        raise ValueError("不是一个确定的金额")
    return _to_whole(numeral.low, "要整元，不带角分")


def read_months(cell: Cell) -> int:
    """Whole months: 36, 36个月, 3年, 1年半, 1年3个月."""
    text = _narrow(cell)
    if span := re.fullmatch(r"(?:([0-9.]+|[一二两三四五六七八九十]+)年)?(半)?(?:(.+?)个?月)?", text):
        years, half, months = span.groups()
        if (years or months) and not (half and months):
            count = read_number(years or 0) * 12 + (6 if half else 0) + read_number(months or 0)
            return _to_whole(count, "不是整月")
    return _to_whole(read_number(text), "不是月数")


def read_percent(cell: Cell) -> Decimal:
    """Percent: 5.2%, 5.2, 百分之5.2 or a cell shown as a percentage."""
    text = _narrow(cell)
    core = text.removeprefix("百分之").removesuffix("%")
    value = read_number(core)
    if core == text and 0 < value < 1:
        raise ValueError("看不出是百分之几，请写明百分号，例如 4.9%")
    return value.normalize() if value else Decimal(0)


def read_date(cell: Cell) -> date:
    """2026-01-01, 2026/1/1, 2026.1.1, 2026年1月1日, 20260101, a date cell, or the serial number of one."""
    if isinstance(cell, datetime):
        if cell.hour or cell.minute or cell.second:
            raise ValueError("不是日期")
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _narrow(cell)
    if not text.isascii():
        text = re.sub(r"\s", "", text)
    found = _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text)
    try:
        if found:
            year, month, day = map(int, filter(None, found.groups()))
            return date(year, month, day)
        if text.isascii() and text.isdecimal() and 5 <= len(text) <= 7 and int(text) in _SERIALS:
            return _SERIAL_ZERO + timedelta(days=int(text))
    except ValueError:
        raise ValueError("没有这一天") from None
    raise ValueError("不是日期，请写成 2026-01-01")


def read_yes_no(cell: Cell) -> bool:
    """是/否 and their everyday spellings."""
    text = _narrow(cell)
    if text in _YES or text in _NO:
        return text in _YES
    raise ValueError("请填 是 或 否")


def read_items(cell: Cell) -> list[str]:
    """Texts separated by 、 or another comma, each named once."""
    return list(dict.fromkeys(filter(None, (part.strip() for part in _BETWEEN.split(read_text(cell))))))


def read_lines(cell: Cell) -> list[str]:
    """Texts of one line each, each named once."""
    lines = cell.splitlines() if isinstance(cell, str) else [cell]
    return list(dict.fromkeys(filter(None, map(read_text, lines))))


def choose(names: Mapping[Any, str]) -> CellKind:
    """One of some values, by its name."""

    def read(cell: Cell) -> Any:
        return _find(names, read_text(cell))

    return CellKind("选项", read, lambda value: names.get(value, str(value)), choices=tuple(names.values()))


def choose_several(names: Mapping[Any, str]) -> CellKind:
    """Some of some values, by their names."""

    def read(cell: Cell) -> list[Any]:
        return list(dict.fromkeys(_find(names, item) for item in read_items(cell)))

    def write(values: Any) -> str:
        return "、".join(names.get(value, str(value)) for value in values)

    return CellKind(f"多选（{'、'.join(names.values())}）", read, write)


TEXT = CellKind("文字", read_text)
WHOLE = CellKind("整数", read_whole, number=int, format="0")
NUMBER = CellKind("数字", read_number, "{:f}".format, number=float, format="General")
YUAN = CellKind("金额（元）", read_yuan, show=format_yuan, number=int, format="#,##0")
MONTHS = CellKind(
    "月数",
    read_months,
    show=lambda months: format_months(months) if months > 0 else str(months),
    number=int,
    format="0",
)
PERCENT = CellKind(
    "百分数", read_percent, lambda value: f"{value:f}%", number=lambda value: float(value / 100), format="0.00##%"
)
DATE = CellKind("日期", read_date, date.isoformat, number=lambda day: day, format="yyyy-mm-dd")
YES_NO = CellKind("是/否", read_yes_no, lambda value: "是" if value else "否", choices=("是", "否"))
ITEMS = CellKind("用顿号分开", read_items, "、".join)
LINES = CellKind("一行一条", read_lines, "\n".join)


def _find(names: Mapping[Any, str], text: str) -> Any:
    for value, name in names.items():
        if text in (name, value):
            return value
    raise ValueError(f"不认识，请填 {'、'.join(names.values())}" + (" 中的一个" if len(names) > 2 else ""))


def _narrow(cell: Cell) -> str:
    """Half-width, in small letters."""
    return unicodedata.normalize("NFKC", read_text(cell)).strip().lower()


def _to_whole(value: Decimal, reason: str) -> int:
    if value != value.to_integral_value():
        raise ValueError(reason)
    return int(value)
