"""Command line: `python -m scoring decide CASE.yml` and `python -m scoring serve`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError

from kit.clock import read_clock
from kit.logging import configure_logging
from kit.settings import Settings
from kit.web import serve
from products.catalogue import read_seed
from scoring.api import create_app
from scoring.decide import decide
from scoring.policy_file import PolicyError, choose_policy, load_policies
from scoring.schemas import DecisionView, parse_request
from scoring.service import read_today


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 on success, 2 when the input is invalid."""
    parser = argparse.ArgumentParser(prog="python -m scoring", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    deciding = commands.add_parser("decide", help="print the decision on one case; nothing is stored")
    deciding.add_argument("case", type=Path, help="YAML with product, facts, and optionally name and as_of (a date)")
    commands.add_parser("serve", help="answer requests at XIAOHE_SCORING_URL")
    options = parser.parse_args(arguments)
    if options.command == "serve":
        settings = Settings()
        configure_logging(settings.log_level)
        serve(create_app(settings), settings.scoring_url, settings, token=settings.scoring_token.get_secret_value())
        return 0
    try:
        print(decide_case(options.case).model_dump_json(indent=2))
    except (OSError, ValueError, yaml.YAMLError, PolicyError) as error:
        print(f"{options.case}: {_describe(error)}", file=sys.stderr)
        return 2
    return 0


def decide_case(path: Path) -> DecisionView:
    """The decision on a case file by the policy and the shipped product of its `as_of` date, or today.

    Raises ValueError naming the field.
    """
    case = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(case, dict):
        raise ValueError("a case is a mapping of product and facts")
    day = case.pop("as_of", None) or read_today(read_clock)
    if type(day) is not date:
        raise ValueError("as_of: a date is needed, such as 2026-07-01")
    case.pop("name", None)
    request = parse_request(case)
    product = read_seed().find(request.product, day)
    if product is None:
        raise ValueError(f"product: {request.product} was not offered on {day}")
    return decide(request.facts, choose_policy(load_policies(), product, day), day)


def _describe(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
