"""Folders of policies for tests: what ships, and what a bank puts beside it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from scoring.policy_file import POLICY_FOLDER
from scoring.scorecards.scorecard import Scorecard
from scoring.scorecards.scorecard_file import write_scorecard


def copy_policies(folder: Path) -> Path:
    """The shipped policies."""
    return Path(shutil.copytree(POLICY_FOLDER, folder / "policy"))


def add_policy(folder: Path, product: str, parameters: Mapping[str, Mapping[Any, Any]], **fields: Any) -> None:
    """A file for one product with some values by date; their units are those of the trader's policy."""
    shipped = yaml.safe_load((POLICY_FOLDER / "trader_loan.yml").read_text("utf-8"))["parameters"]
    own = {name: {**shipped[name], "values": dict(values)} for name, values in parameters.items()}
    write_policy(folder / f"{product}.yml", {"product": product, **fields, "parameters": own})


def write_policy(path: Path, content: Mapping[str, Any]) -> None:
    """A policy file."""
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


def add_card(folder: Path, product: str, card: Scorecard, grades: Mapping[str, int]) -> None:
    """Grades the customers of a kind by a scorecard from its first day on."""
    (folder / "scorecards").mkdir(exist_ok=True)
    write_scorecard(folder / "scorecards" / f"{card.name}.yml", card)
    path = folder / f"{product}.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    content["scorecard"] = f"{card.name}.yml"
    content["parameters"]["grade_points"]["values"][card.since] = dict(grades)
    write_policy(path, content)
