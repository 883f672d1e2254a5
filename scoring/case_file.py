"""Decides on one case from a file, by what ships with the code: no database, no service."""

from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError

from products.catalogue import read_seed
from scoring.decide import decide
from scoring.policy_file import choose_policy, load_policies
from scoring.schemas import DecisionView, parse_request


def decide_case(path: Path, today: date) -> DecisionView:
    """The decision on a case file by the policy and the shipped product of its `as_of` date, or today.

    Raises ValueError naming the field.
    """
    try:
        case = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(case, dict):
        raise ValueError("a case is a mapping of product and facts")
    day = case.pop("as_of", None) or today
    if type(day) is not date:
        raise ValueError("as_of: a date is needed, such as 2026-07-01")
    case.pop("name", None)
    request = parse_request(case)
    product = read_seed().find(request.product, day)
    if product is None:
        raise ValueError(f"product: {request.product} was not offered on {day}")
    return decide(request.facts, choose_policy(load_policies(), product, day), day)


def describe_error(error: Exception) -> str:
    """An error in one line; a validation error by its fields."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
    return " ".join(str(error).split())
