"""A table for tests: villages with ten columns, and the place they are imported into."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import Boolean, Date, Integer, MetaData, Numeric, String, Table, bindparam, insert, select, update
from sqlalchemy import Column as Sql
from sqlalchemy.ext.asyncio import AsyncSession

from imports.cells import DATE, ITEMS, MONTHS, PERCENT, TEXT, WHOLE, YES_NO, YUAN, choose, choose_several
from imports.columns import Column
from imports.plan import Check, PlannedRow
from imports.service import Progress

KINDS = {"plain": "平原", "hills": "丘陵"}
CROPS = {"rice": "水稻", "tea": "茶叶", "fruit": "水果"}
CHUNK = 1_000


class Village(BaseModel):
    code: Annotated[str, Field(max_length=12), Column("编码", TEXT, "V001", aliases=("村编码",))]
    name: Annotated[str, Field(max_length=10), Column("村名", TEXT, "石桥村", is_unique=True)]
    households: Annotated[int, Field(ge=0), Column("户数", WHOLE, "320")] = 0
    quota: Annotated[int, Column("授信额度（元）", YUAN, "30万")] = 0
    rate: Annotated[Decimal | None, Field(le=24), Column("年利率（%）", PERCENT, "4.9%")] = None
    term: Annotated[int, Column("期限（月）", MONTHS, "3年")] = 12
    visited: Annotated[date | None, Column("走访日期", DATE, "2026年1月1日")] = None
    is_open: Annotated[bool, Column("是否开办", YES_NO, "是")] = True
    kind: Annotated[str, Column("地形", choose(KINDS), "平原")] = "plain"
    crops: Annotated[list[str], Column("作物", choose_several(CROPS), "水稻、茶叶")] = []
    managers: Annotated[list[str], Column("客户经理", ITEMS, "张三、李四")] = []


METADATA = MetaData()
VILLAGES = Table(
    "test_villages",
    METADATA,
    Sql("code", String(12), primary_key=True),
    Sql("name", String(10)),
    Sql("households", Integer),
    Sql("quota", Integer),
    Sql("rate", Numeric(5, 2)),
    Sql("term", Integer),
    Sql("visited", Date),
    Sql("is_open", Boolean),
    Sql("kind", String(10)),
    Sql("crops", String(100)),
    Sql("managers", String(100)),
)


class VillageTarget:
    """Keeps villages in a table of their own."""

    model = Village
    key = "code"

    def __init__(self) -> None:
        self.fails_after: int | None = None

    async def load(self, session: AsyncSession) -> Mapping[str, Village]:
        rows = (await session.execute(select(VILLAGES))).mappings()
        return {row["code"]: _read(dict(row)) for row in rows}

    def make_check(self, rows: Sequence[Village]) -> Check[Village]:
        return check_village

    async def apply(self, session: AsyncSession, rows: Sequence[PlannedRow[Village]], progress: Progress) -> None:
        for start in range(0, len(rows), CHUNK):
            progress.advance(start)
            if self.fails_after is not None and start >= self.fails_after:
                raise RuntimeError("a fault in the middle")
            chunk = rows[start : start + CHUNK]
            if new := [_write(row.values) for row in chunk if row.effect == "new" and row.values]:
                await session.execute(insert(VILLAGES), new)
            if changed := [_write(row.values) for row in chunk if row.effect == "changed" and row.values]:
                bound = [{"b_code": each.pop("code"), **each} for each in changed]
                changing = update(VILLAGES).where(VILLAGES.c.code == bindparam("b_code"))
                connection = await session.connection()
                await connection.execute(changing, bound)


def check_village(row: Village) -> Mapping[str, str]:
    return {"quota": "没有户的村不能授信"} if row.quota and not row.households else {}


def _read(row: dict[str, object]) -> Village:
    lists = {name: [part for part in str(row[name]).split(",") if part] for name in ("crops", "managers")}
    return Village.model_validate({**row, **lists})


def _write(village: Village) -> dict[str, object]:
    return {**village.model_dump(), "crops": ",".join(village.crops), "managers": ",".join(village.managers)}
