"""What 小禾 says, from where it really stands: the responses of domain.yml and the entries of the knowledge seed."""

from functools import cache
from typing import Any

import yaml

from bot.actions.answer_card import make_card
from bot.actions.knowledge import make_button
from conversations.schemas import HandoffRequest, Reply, ReplyButton, TurnOutcome
from dev.dialogue_coverage import read_rules
from kit.settings import ROOT
from knowledge.schemas import FollowUp, Match
from knowledge.seeding import SeedEntry, read_seed
from products.variables import fill_variables

SURE = 0.98


@cache
def _read_responses() -> dict[str, list[dict[str, Any]]]:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    responses: dict[str, list[dict[str, Any]]] = domain["responses"]
    return responses


@cache
def _read_entries() -> dict[str, tuple[str, SeedEntry]]:
    return {entry.id: (category, entry) for category, entry in read_seed()}


@cache
def list_spoken() -> dict[str, str]:
    """The response of each act that leads to no more than that, as Rasa's rules have it."""
    spoken: dict[str, str] = {}
    for steps in read_rules().values():
        match steps:
            case [{"intent": str(act)}, {"action": str(action)}, *_] if action.startswith("utter_"):
                spoken.setdefault(act, action)
    return spoken


def say(response: str, slots: dict[str, Any] | None = None, **values: object) -> TurnOutcome:
    """A response as the bot says it at first, without a hint; who is handed over takes their `slots` along."""
    variants = _read_responses()[response]
    told = next(variant for variant in variants if "condition" not in variant)
    buttons = [
        ReplyButton(title=each["title"].format(**values), payload=each["payload"].format(**values))
        for each in told.get("buttons", ())
    ]
    custom = told.get("custom", {})
    handoff = custom.get("handoff")
    return TurnOutcome(
        replies=[Reply(text=told["text"].format(**values), buttons=buttons)],
        is_understood=custom.get("understood", True),
        handoff=HandoffRequest(**handoff, slots=slots or {}) if handoff else None,
    )


def find_entry(entry_id: str) -> Match:
    """An entry of the seed as the knowledge service surely finds it; KeyError for an unknown one."""
    category, entry = _read_entries()[entry_id]
    follow_ups = [
        FollowUp(entry_id=other.id, question=other.question)
        for _, other in _read_entries().values()
        if other.question in entry.follow_ups
    ]
    return Match(
        entry_id=entry.id,
        revision=1,
        category=category,
        question=entry.question,
        answer=fill_variables(entry.answer),
        score=SURE,
        follow_ups=follow_ups,
    )


def answer(match: Match, channel: str) -> TurnOutcome:
    """An entry's answer, and what may be asked next."""
    text = match.word_for(channel)
    name = f"{match.entry_id}@{match.revision}"
    replies = [Reply(text=text, card=make_card(match.question, text), entry=name)]
    if match.follow_ups:
        [lead] = say("utter_follow_ups").replies
        buttons = [ReplyButton(**make_button(each, "zh")) for each in match.follow_ups]
        replies.append(lead.model_copy(update={"buttons": buttons}))
    return TurnOutcome(replies=replies)


def suggest(matches: list[Match]) -> TurnOutcome:
    """The entries that may be meant, to choose from."""
    [lead] = say("utter_suggest").replies
    none_of_these = ReplyButton(title="都不是", payload="/none_of_these")
    buttons = [*(ReplyButton(**make_button(each, "zh")) for each in matches), none_of_these]
    return TurnOutcome(replies=[lead.model_copy(update={"buttons": buttons})])
