"""Reads rules.yml beside this file, and checks it against the functions in rules.py."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from early_warning.rules import RULES, Values
from kit.parameters import Parameter, Words, load_unique

FILE = Path(__file__).with_name("rules.yml")
Severity = Literal["high", "medium", "low"]
SEVERITIES: Mapping[Severity, str] = {"high": "严重", "medium": "注意", "low": "一般"}  # the gravest first
Mode = Literal["shadow", "live", "stopped"]


class RuleText(BaseModel):
    """One rule as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Words
    severity: Severity
    mode: Annotated[dict[date, Mode], Field(min_length=1)]
    parameters: dict[str, Parameter]

    @model_validator(mode="after")
    def require_shadow(self) -> Self:
        """A rule begins in shadow, its dates rise, and its numbers are there from the first one on."""
        if any(later <= earlier for earlier, later in pairwise(self.mode)):
            raise ValueError("dates have to rise")
        first, mode = next(iter(self.mode.items()))
        if mode != "shadow":
            raise ValueError("a new rule runs in shadow first")
        for name, parameter in self.parameters.items():
            if min(parameter.values) > first:
                raise ValueError(f"{name} has no value on {first}")
            if not all(isinstance(value, int) for value in parameter.values.values()):
                raise ValueError(f"{name} needs whole numbers")
        return self

    def find_mode(self, day: date) -> Mode:
        """The mode on a day; stopped before the first."""
        return next((mode for since, mode in reversed(self.mode.items()) if since <= day), "stopped")

    def read_values(self, day: date) -> Values:
        """The parameters in force on a day."""
        return {name: parameter.get_value(day) for name, parameter in self.parameters.items()}


_BOOK = TypeAdapter(dict[str, RuleText])


def read_rules(text: str) -> Mapping[str, RuleText]:
    """The rules of a file, by code; ValueError or yaml.YAMLError for a wrong one."""
    book = _BOOK.validate_python(load_unique(text))
    if book.keys() != RULES.keys():
        raise ValueError(f"without a function or without a text: {sorted(book.keys() ^ RULES.keys())}")
    for code, rule in book.items():
        units = {name: parameter.unit for name, parameter in rule.parameters.items()}
        if units != RULES[code].units:
            raise ValueError(f"{code} needs the parameters {dict(RULES[code].units)}")
    return book


@cache
def load_rules() -> Mapping[str, RuleText]:
    """The rules that ship, by code."""
    return read_rules(FILE.read_text("utf-8"))
