"""Reads the data map, data_map.yml beside this file: what of a person each column holds, and what becomes of it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from privacy.retention import load_retention

_FILE = Path(__file__).with_name("data_map.yml")

ColumnKind = Literal["contact", "name", "place", "finance", "words", "staff", "pseudonym", "operational"]
Erasure = Literal["deleted", "cleared", "kept", "none"]
Export = Literal["given", "withheld", "none"]
# What an erasure has to remove, of tables whose rows are deleted or cleared.
PERSONAL: frozenset[ColumnKind] = frozenset({"contact", "name", "place", "finance", "words"})
COLUMN_NAMES: dict[ColumnKind, str] = {
    "contact": "联系方式",
    "name": "姓名",
    "place": "住址",
    "finance": "收支和借款",
    "words": "文字内容",
    "staff": "员工信息",
    "pseudonym": "随机编号",
    "operational": "运行数据",
}
ERASURE_NAMES: dict[Erasure, str] = {
    "deleted": "删除",
    "cleared": "清空个人信息",
    "kept": "依法保留",
    "none": "不含客户信息",
}
EXPORT_NAMES: dict[Export, str] = {"given": "给", "withheld": "不给（内部备注）", "none": "—"}


class TableEntry(BaseModel):
    """A table: what it holds, its columns by kind, and what becomes of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    what: str
    retention: str
    erasure: Erasure
    export: Export
    columns: dict[ColumnKind, tuple[str, ...]]

    def list_personal(self) -> list[str]:
        """The columns with something of a customer."""
        return [name for kind, names in self.columns.items() if kind in PERSONAL for name in names]


class DataMap(BaseModel):
    """All tables of the main database, and those elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: dict[str, TableEntry]
    elsewhere: dict[str, TableEntry]


@cache
def load_data_map(path: Path = _FILE) -> DataMap:
    """The map; raises pydantic.ValidationError for a wrong file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts = {
        part: {table: TableEntry(table=table, **values) for table, values in content[part].items()}
        for part in ("tables", "elsewhere")
    }
    return DataMap(**parts)


def write_map() -> Iterator[str]:
    """The map and the retention table as the lines of two Markdown tables."""
    kinds, data_map = load_retention().kinds, load_data_map()
    yield "| 表 | 内容 | 个人信息（列） | 保存 | 删除时 | 副本 |"
    yield "|---|---|---|---|---|---|"
    for entry in (*data_map.tables.values(), *data_map.elsewhere.values()):
        columns = "；".join(
            f"{COLUMN_NAMES[kind]}: {', '.join(names)}"
            for kind, names in entry.columns.items()
            if kind != "operational"
        )
        period = kinds[entry.retention].period
        ends = f"{ERASURE_NAMES[entry.erasure]} | {EXPORT_NAMES[entry.export]}"
        yield f"| `{entry.table}` | {entry.what} | {columns or '—'} | {period} | {ends} |"
    yield ""
    yield "| 数据 | 保存多久 | 从何时算 | 为什么 | 依据 |"
    yield "|---|---|---|---|---|"
    for kind in kinds.values():
        yield f"| {kind.name} | {kind.period} | {kind.since} | {kind.reason} | {kind.source} |"
