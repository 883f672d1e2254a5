"""Reads and writes a scorecard's file: its versions by the day since which each is in force."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from kit.parameters import load_unique
from scoring.scorecards.scorecard import Scorecard

HEAD = """\
# A scorecard, fitted by `python -m scoring train`: points by characteristic, with the rows of the training data behind
# each. Bands of numbers: from `start` (inclusive). `reason` is what customers are told; nobody is scored before the
# words are approved (`approved_by`). Add a date, never change an approved version.
"""


class ScorecardError(ValueError):
    """A scorecard file that is not valid, or has no version for a day; says which and why."""


def read_scorecards(path: Path) -> list[Scorecard]:
    """All versions, the oldest first; raises ScorecardError."""
    try:
        content = load_unique(path.read_text("utf-8"))
        if not isinstance(content, dict) or set(content) != {"scorecard", "versions"}:
            raise ValueError("a scorecard file has `scorecard` (its name) and `versions` (by date)")
        versions = content["versions"]
        if not isinstance(versions, dict) or not versions or not all(type(day) is date for day in versions):
            raise ValueError("versions: dates are needed, such as 2026-07-01")
        name = content["scorecard"]
        return [Scorecard.model_validate({"name": name, "since": day, **versions[day]}) for day in sorted(versions)]
    except (OSError, TypeError, ValueError, yaml.YAMLError) as error:
        raise ScorecardError(f"{path.name}: {error}") from error


def find_scorecard(path: Path, day: date) -> Scorecard:
    """The version in force on a day; raises ScorecardError."""
    begun = [card for card in read_scorecards(path) if card.since <= day]
    if not begun:
        raise ScorecardError(f"{path.name}: no version was in force on {day}")
    return begun[-1]


def write_scorecard(path: Path, card: Scorecard) -> None:
    """Puts a version into a file beside those of other days; ScorecardError rather than change an approved one."""
    kept = read_scorecards(path) if path.exists() else []
    if any(old.name != card.name for old in kept):
        raise ScorecardError(f"{path.name}: is another scorecard, {kept[0].name}")
    if any(old.since == card.since and old.approved_by for old in kept):
        raise ScorecardError(f"{path.name}: the version of {card.since} is approved, choose another date")
    versions = sorted([card, *(old for old in kept if old.since != card.since)], key=lambda version: version.since)
    content = {"scorecard": card.name, "versions": {version.since: _dump(version) for version in versions}}
    text = yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    path.write_text(HEAD + text, "utf-8")


class _Dumper(yaml.SafeDumper):
    """Writes each band and other small mappings on one line, as people read a table of points."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        is_small = "points" in mapping or all(isinstance(value, int | float) for value in mapping.values())
        return super().represent_mapping(tag, mapping, flow_style=is_small)


def _dump(card: Scorecard) -> dict[str, Any]:
    content = card.model_dump(exclude={"name", "since"})
    for characteristic in content["characteristics"].values():
        is_number = characteristic["kind"] == "number"
        characteristic["bands"] = [_dump_band(band, is_number) for band in characteristic["bands"]]
        characteristic["missing"] = _dump_band(characteristic["missing"])
        if (other := characteristic.pop("other")) is not None:
            characteristic["other"] = _dump_band(other)
    return content


def _dump_band(band: dict[str, Any], is_number: bool = False) -> dict[str, Any]:
    counts = {name: band[name] for name in ("points", "rows", "bads")}
    if is_number:
        return {"start": None if band["start"] is None else _dump_number(band["start"]), **counts}
    return {"values": list(band["values"]), **counts} if band["values"] else counts


def _dump_number(number: Any) -> int | str:
    """Whole numbers as such; others as text, which is read again exactly."""
    return int(number) if number == int(number) else format(number, "f")
