"""Which of the bot's responses was said: told by the wordings in domain.yml, so that no test repeats them."""

import re
from functools import cache
from typing import Any

import yaml

from forms.catalogue import load_catalogue
from kit.settings import ROOT

# Asked by an action, not by a response named after it.
_ASKED_BY = {
    "application_confirmed": ("utter_application_summary", "utter_application_not_confirmed"),
    "completion_confirmed": ("utter_completion_summary", "utter_completion_not_confirmed"),
    "visit_confirmed": ("utter_visit_summary",),
}
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


def says(heard: str, wanted: str) -> bool:
    """Whether the words were said, or a wording of the response of that name."""
    if not wanted.startswith("utter_"):
        return wanted in heard
    return any(wording.search(heard) for _, wording in _list_wordings(wanted))


def list_questions(heard: str) -> set[str]:
    """The questions that were asked; two that share their wording count as one (forms/catalogue.yml, asks_for)."""
    questions = load_catalogue().questions.values()
    return {question.role for question in questions if find_hints(heard, question.slot)}


def find_hints(heard: str, slot: str) -> set[str]:
    """The wordings in which a slot's question was asked: by the hint that chooses them, `plain` without one."""
    names = _ASKED_BY.get(slot, (f"utter_ask_{slot}",))
    return {hint for name in names for hint, wording in _list_wordings(name) if wording.search(heard)}


@cache
def _list_wordings(name: str) -> list[tuple[str, re.Pattern[str]]]:
    return [
        (
            _find_hint(response),
            re.compile(f"^{_PLACEHOLDER.sub('.*?', re.escape(response['text']))}$", re.DOTALL | re.MULTILINE),
        )
        for response in _load_responses()[name]
    ]


def _find_hint(response: dict[str, Any]) -> str:
    conditions = response.get("condition") or []
    return next((str(condition["value"]) for condition in conditions if condition["name"] == "hint"), "plain")


@cache
def _load_responses() -> dict[str, Any]:
    domain: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    responses: dict[str, Any] = domain["responses"]
    return responses
