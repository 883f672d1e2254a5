"""The columns of a table, declared beside the fields of a pydantic model, and found again in an uploaded file.

class VillageRow(BaseModel):
    name: Annotated[str, Field(max_length=30), Column("村名", TEXT, "石桥村", aliases=("行政村",), is_unique=True)]
    households: Annotated[int, Field(ge=0), Column("户数", WHOLE, "320")] = 0
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel

from imports.cells import CellKind
from kit.errors import RequestError

_MARKS = re.compile(r"[(（\[【].*?[)）\]】]|[\s*_:：]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what its cells hold, an example and, if needed, a word of help.

    `aliases`: other headings it is known by. `is_unique`: no two rows of a file may have the same value.
    """

    heading: str
    kind: CellKind
    example: str
    help: str = ""
    aliases: tuple[str, ...] = ()
    is_unique: bool = False


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column with the field it fills, which may be required."""

    field: str
    is_required: bool
    column: Column


@dataclass(frozen=True, slots=True)
class Headings:
    """Where each field stands in a file, and the headings that no field knows."""

    places: dict[str, int]
    unknown: tuple[str, ...]


class KeyedRow(BaseModel):
    """A row that its own `id` tells apart; its model declares the column."""

    id: str


@cache
def list_columns(model: type[BaseModel]) -> tuple[NamedColumn, ...]:
    """The columns of a row's model, in its order; every field has one."""
    return tuple(
        NamedColumn(name, field.is_required(), next(each for each in field.metadata if isinstance(each, Column)))
        for name, field in model.model_fields.items()
    )


def map_headings(columns: Sequence[NamedColumn], headings: Sequence[str]) -> Headings:
    """Finds the columns by their headings or aliases: order, spaces, width, units in brackets and * do not matter.

    RequestError 422 if a required column is missing or one stands twice.
    """
    fields = {
        simplify_heading(heading): each.field
        for each in columns
        for heading in (each.column.heading, *each.column.aliases)
    }
    places: dict[str, int] = {}
    unknown = []
    for place, heading in enumerate(headings):
        field = fields.get(simplify_heading(heading))
        if field is None:
            unknown.append(heading or f"第{place + 1}列（没有标题）")
        elif field in places:
            raise RequestError(422, "heading_twice", f"“{heading}”这一列出现了两次")
        else:
            places[field] = place
    missing = [each.column.heading for each in columns if each.is_required and each.field not in places]
    if missing:
        raise RequestError(422, "heading_missing", f"缺少这几列：{'、'.join(missing)}。请用模板填写")
    return Headings(places, tuple(unknown))


def simplify_heading(heading: str) -> str:
    """年利率 最低（%）* -> 年利率最低."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", heading)).lower()
