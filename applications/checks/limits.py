"""Reads limits.yml beside this file."""

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from kit.parameters import Parameter, load_unique

FILE = Path(__file__).with_name("limits.yml")


class Limits(BaseModel):
    """What is checked against on one day; limits.yml says what each number means and its unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    age_min: int
    age_max: int
    working_age: int
    income_share: int
    trader_turnover_share: int
    firm_turnover_share: int
    grave: int
    income_per_mu: int
    income_per_head: int
    turnover_per_head: int
    tax_share: int
    untaxed_turnover: int
    applications_max: int
    statement_days: int
    farmer_statement_days: int
    statement_share: int
    area_tolerance: int


def load_limits(day: date) -> Limits:
    """Those in force on a day; raises LookupError for a day before the first."""
    return Limits.model_validate({name: parameter.get_value(day) for name, parameter in load_parameters().items()})


@cache
def load_parameters() -> dict[str, Parameter]:
    """All parameters, past and future; raises pydantic.ValidationError or yaml.YAMLError for a wrong file."""
    content = load_unique(FILE.read_text("utf-8"))
    return {name: Parameter.model_validate(values) for name, values in content.items()}
