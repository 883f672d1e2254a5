"""Score sheets, read from sheets.yml beside this file, and the score of what was marked on one."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from kit.parameters import Words, load_unique

FILE = Path(__file__).with_name("sheets.yml")
TOTAL = 100
Mark = Literal["kept", "partly", "missed"]
MARK_NAMES: Mapping[Mark, str] = {"kept": "做到了", "partly": "有不足", "missed": "没做到"}
FATAL_MARKS: Mapping[Mark, str] = {"kept": MARK_NAMES["kept"], "missed": MARK_NAMES["missed"]}


class Criterion(BaseModel):
    """One line of a sheet: with points, or `fatal`, so that one miss fails all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Words
    advice: Words
    points: Annotated[int, Field(ge=0)] = 0
    fatal: bool = False

    @model_validator(mode="after")
    def require_one_kind(self) -> Self:
        """Points or fatal, never both."""
        if self.fatal == bool(self.points):
            raise ValueError("a criterion has points or is fatal")
        return self

    @property
    def marks(self) -> Mapping[Mark, str]:
        """What may be marked, and what that is called."""
        return FATAL_MARKS if self.fatal else MARK_NAMES

    def count(self, mark: Mark) -> int:
        """The points that a mark earns."""
        return {"kept": self.points, "partly": self.points // 2, "missed": 0}[mark]


Sheet = Mapping[str, Criterion]
Marks = Mapping[str, Mark]


class Score(NamedTuple):
    """The points of 100; `is_failed`: 0 of them, since something fatal was missed."""

    points: int
    is_failed: bool


_SHEETS = TypeAdapter(dict[date, dict[str, Criterion]])


def read_sheets(text: str) -> dict[date, dict[str, Criterion]]:
    """The sheets of a file, the newest last; ValueError or yaml.YAMLError for a wrong one."""
    sheets = _SHEETS.validate_python(load_unique(text))
    if not sheets or list(sheets) != sorted(sheets):
        raise ValueError("dates have to rise")
    for since, sheet in sheets.items():
        if sum(criterion.points for criterion in sheet.values()) != TOTAL:
            raise ValueError(f"the points of {since} do not add up to {TOTAL}")
    return sheets


@cache
def load_sheets() -> dict[date, dict[str, Criterion]]:
    """The sheets that ship, by the day they begin."""
    return read_sheets(FILE.read_text("utf-8"))


def find_sheet_day(today: date) -> date:
    """The day of the sheet on which a check is begun today: before the first of all, that one."""
    days = list(load_sheets())
    return max((day for day in days if day <= today), default=days[0])


def find_problems(sheet: Sheet, marks: Mapping[str, str]) -> dict[str, str]:
    """What is not marked yet, or as it cannot be, by criterion."""
    is_wrong = {code: marks.get(code) not in criterion.marks for code, criterion in sheet.items()}
    return {code: f"请选“{sheet[code].name}”" for code in sheet if is_wrong[code]}


def compute_score(sheet: Sheet, marks: Marks) -> Score:
    """The score of a sheet that is marked as a whole."""
    if any(criterion.fatal and marks[code] == "missed" for code, criterion in sheet.items()):
        return Score(0, is_failed=True)
    return Score(sum(criterion.count(marks[code]) for code, criterion in sheet.items()), is_failed=False)
