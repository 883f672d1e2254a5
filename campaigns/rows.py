"""The rows of the two tables that staff import: a village register, and a white list with quotas set by the bank."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from campaigns.schemas import GRADE_NAMES, CampaignKind, VillageGrade
from imports.cells import NUMBER, TEXT, WHOLE, YES_NO, YUAN, Cell, CellKind, choose, read_text
from imports.columns import Column, list_columns
from kit.phones import read_phone

MONEY_MAX = 1_000_000_000
_Money = Field(ge=0, le=MONEY_MAX)


def read_mobile(cell: Cell) -> str:
    """A mobile number in whatever spelling, as 11 digits."""
    phone = read_phone(read_text(cell))
    if phone is None:
        raise ValueError("不是11位手机号")
    return phone


PHONE = CellKind("手机号", read_mobile)
Phone = Annotated[str, Column("手机号", PHONE, "13800000000", "每户一个，不能重复", ("电话", "联系电话", "手机"))]
Name = Annotated[str, Field(min_length=1, max_length=30), Column("姓名", TEXT, "张三", aliases=("户主", "户主姓名"))]
Village = Annotated[
    str, Field(min_length=1, max_length=50), Column("村", TEXT, "青山村", aliases=("行政村", "村名", "村组", "所在村"))
]


class MemberRow(BaseModel):
    """What every member has; `phone` tells the rows apart."""

    phone: Phone
    name: Name
    village: Village


class VillageRow(MemberRow):
    """A household of a village register."""

    grade: Annotated[
        VillageGrade,
        Column("村级评定", choose(GRADE_NAMES), "A级", aliases=("评定等级", "信用等级", "等级", "村评等级")),
    ]
    land_mu: Annotated[
        Decimal,
        Field(ge=0, le=100_000, decimal_places=2),
        Column("土地（亩）", NUMBER, "15.5", aliases=("耕地", "种植面积")),
    ]
    machinery_value: Annotated[int, _Money, Column("农机现值（元）", YUAN, "3万", aliases=("农机", "农机具"))] = 0
    household_income: Annotated[int, _Money, Column("家庭年收入（元）", YUAN, "8万", aliases=("年收入", "家庭收入"))]
    existing_debt: Annotated[int, _Money, Column("现有欠款（元）", YUAN, "0", "各家银行合计", ("欠款", "现有贷款"))] = 0
    has_overdue: Annotated[bool, Column("有没有逾期", YES_NO, "否", aliases=("逾期",))] = False
    age: Annotated[int | None, Field(ge=0, le=120), Column("年龄", WHOLE, "45")] = None


class WhiteListRow(MemberRow):
    """A person of a white list."""

    quota: Annotated[
        int,
        Field(ge=1, le=MONEY_MAX),
        Column("额度（元）", YUAN, "8万", aliases=("授信额度", "预授信额度", "白名单额度")),
    ]


ROW_MODELS: dict[CampaignKind, type[MemberRow]] = {"village": VillageRow, "white_list": WhiteListRow}
# Columns of a member of their own; the others are its facts.
_OWN = frozenset({"phone", "name", "village", "grade"})


def split_row(row: MemberRow) -> dict[str, Any]:
    """A row as the columns of a member."""
    values = row.model_dump(mode="json")
    facts = {name: value for name, value in values.items() if name not in _OWN}
    own = {name: values.get(name) for name in _OWN}
    return {**own, "phone_key": values["phone"], "facts": facts}


def describe_facts(kind: CampaignKind, facts: Mapping[str, Any]) -> str:
    """What the register says of a member, in words: 土地（亩）15.5；家庭年收入（元）8万元."""
    columns = [each for each in list_columns(ROW_MODELS[kind]) if facts.get(each.field) is not None]
    return "；".join(f"{each.column.heading}{_describe(each.column.kind, facts[each.field])}" for each in columns)


def _describe(kind: CellKind, value: Any) -> str:
    # JSON has decimals as text.
    return value if isinstance(value, str) else kind.describe(value)
