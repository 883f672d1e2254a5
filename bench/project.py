"""Makes the stock Rasa project: our language data, plain responses in place of every action of ours."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from kit.settings import ROOT
from knowledge.adapter.texts import read_intent_texts

ANSWER = "这是一条固定的回答，用来代替查资料、测算和提交。"
FORM_SLOTS = ("trade", "turnover", "years", "debt", "overdue")


def make_project(folder: Path, epochs: int) -> None:
    """Writes config, domain, rules and NLU data into an empty folder."""
    for name in ("config.yml", "credentials.yml", "endpoints.yml"):
        text = (Path(__file__).parent / "stock" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("epochs: 100", f"epochs: {epochs}"), encoding="utf-8")
    examples = ROOT / "bot" / "data" / "nlu"
    shutil.copytree(examples, folder / "data" / "nlu")
    intents = list(read_intent_texts(examples))
    (folder / "domain.yml").write_text(yaml.safe_dump(make_domain(intents), allow_unicode=True))
    stories = {"version": "3.1", "rules": make_rules(intents), "stories": make_stories(intents)}
    (folder / "data" / "dialogue.yml").write_text(yaml.safe_dump(stories, allow_unicode=True))


def make_domain(intents: list[str]) -> dict[str, Any]:
    """One response an intent, and a form of five text slots for the quota."""
    condition = [{"active_loop": "quota_form"}]
    slots = {
        slot: {
            "type": "text",
            "influence_conversation": False,
            "mappings": [{"type": "from_text", "conditions": [{**condition[0], "requested_slot": slot}]}],
        }
        for slot in FORM_SLOTS
    }
    names = [f"utter_{i}" for i in intents] + [f"utter_ask_{s}" for s in FORM_SLOTS] + ["utter_quota"]
    return {
        "version": "3.1",
        "intents": intents,
        "slots": slots,
        "forms": {"quota_form": {"required_slots": list(FORM_SLOTS)}},
        "responses": {name: [{"text": ANSWER}] for name in names},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": False},
    }


def make_rules(intents: list[str]) -> list[dict[str, Any]]:
    """As ours: one intent, one answer; a form for the quota."""
    rules: list[dict[str, Any]] = [
        {"rule": intent, "steps": [{"intent": intent}, {"action": f"utter_{intent}"}]}
        for intent in intents
        if intent != "check_quota"
    ]
    start = [{"intent": "check_quota"}, {"action": "quota_form"}, {"active_loop": "quota_form"}]
    end = [
        {"action": "quota_form"},
        {"active_loop": None},
        {"slot_was_set": [{"requested_slot": None}]},
        {"action": "utter_quota"},
    ]
    rules.append({"rule": "start quota", "steps": start})
    rules.append({"rule": "give quota", "condition": [{"active_loop": "quota_form"}], "steps": end})
    return rules


def make_stories(intents: list[str]) -> list[dict[str, Any]]:
    """A few turns after one another, so that TED has something to learn."""
    plain = [i for i in intents if i != "check_quota"]
    return [
        {
            "story": f"{first} then {second}",
            "steps": [
                {"intent": first},
                {"action": f"utter_{first}"},
                {"intent": second},
                {"action": f"utter_{second}"},
            ],
        }
        for first, second in zip(plain, plain[1:] + plain[:1], strict=True)
    ]
