"""`make dialogue-coverage`: which rules, responses, rows of the table and questions the recorded conversations reached.

It reads the databases of the settings: those of the demo, or of the stack whose environment it runs in.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain, pairwise
from typing import Any, NamedTuple

import yaml
from sqlalchemy import create_engine, text

from conversations.turns import Turns
from forms.catalogue import load_catalogue
from kit.database import Database
from kit.settings import ROOT, Settings
from understanding.table import PLAIN_ROWS, ROWS

_RULES = ROOT / "bot" / "data" / "rules"
# Rasa's own, which no customer hears.
_UNSPOKEN = frozenset({"utter_please_rephrase"})


class Coverage(NamedTuple):
    """Of each kind of thing, what was reached and what there is."""

    kind: str
    reached: frozenset[str]
    known: frozenset[str]

    @property
    def missing(self) -> list[str]:
        """What nobody reached."""
        return sorted(self.known - self.reached)

    @property
    def share(self) -> float:
        """Of what there is, how much was reached."""
        return len(self.known & self.reached) / max(1, len(self.known))


def main() -> None:
    """Prints a line for each kind, and what is missing."""
    for coverage in asyncio.run(measure(Settings())):
        print(f"{coverage.kind}: {coverage.share:.0%} of {len(coverage.known)}", *coverage.missing, sep="\n    ")


async def measure(settings: Settings, since: float = 0) -> list[Coverage]:
    """The coverage by what was said in the databases since a time, in seconds since 1970."""
    turns = [turn for turn in read_turns(settings.tracker_url) if turn[0]["timestamp"] >= since]
    database = Database(settings.database_url, settings.open_vault())
    said = chain.from_iterable(await Turns(database).list_since(datetime.fromtimestamp(since, UTC)))
    rows = [turn.choice.get("row", "") for turn in said if turn.choice]
    await database.close()
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    questions = load_catalogue().questions
    return [
        Coverage("rules", find_rules(turns, read_rules()), frozenset(read_rules())),
        Coverage("responses", find_responses(turns), frozenset(domain["responses"]) - _UNSPOKEN),
        Coverage("rows", frozenset(rows), frozenset(row.name for row in (*PLAIN_ROWS, *ROWS))),
        Coverage("questions", find_answered(turns), frozenset(questions)),
    ]


def read_turns(tracker_url: str) -> list[list[dict[str, Any]]]:
    """Rasa's events, from each message of a customer to the next."""
    engine = create_engine(tracker_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT sender_id, data FROM events ORDER BY sender_id, id")).all()
    engine.dispose()
    events = [(sender, json.loads(data)) for sender, data in found]
    begins = [i for i, (_, event) in enumerate(events) if event["event"] in ("user", "session_started")]
    return [[event for _, event in events[start:end]] for start, end in pairwise([*begins, len(events)])]


def read_rules() -> dict[str, list[dict[str, Any]]]:
    """The steps of each rule, by its name."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_RULES.glob("*.yml"))]
    return {rule["rule"]: rule["steps"] for content in files for rule in content["rules"]}


def find_rules(turns: Iterable[list[dict[str, Any]]], rules: Mapping[str, list[dict[str, Any]]]) -> frozenset[str]:
    """The rules whose intent, if they have one, was followed in its turn by all their actions."""
    seen = [(_find_intent(turn), {event.get("name") for event in turn if event["event"] == "action"}) for turn in turns]
    wanted = {
        name: (
            next((step["intent"] for step in steps if "intent" in step), None),
            {step["action"] for step in steps if "action" in step},
        )
        for name, steps in rules.items()
    }
    return frozenset(
        name
        for name, (intent, actions) in wanted.items()
        if any(intent in (None, own) and actions <= done for own, done in seen)
    )


def find_responses(turns: Iterable[list[dict[str, Any]]]) -> frozenset[str]:
    """The responses that were said."""
    said = (event["metadata"].get("utter_action") for turn in turns for event in turn if event["event"] == "bot")
    return frozenset(filter(None, said))


def find_answered(turns: Iterable[list[dict[str, Any]]]) -> frozenset[str]:
    """The slots of questions that got a value."""
    return frozenset(
        event["name"] for turn in turns for event in turn if event["event"] == "slot" and event.get("value") is not None
    )


def _find_intent(turn: list[dict[str, Any]]) -> str | None:
    parsed = turn[0].get("parse_data") or {}
    return (parsed.get("intent") or {}).get("name")


if __name__ == "__main__":
    main()
