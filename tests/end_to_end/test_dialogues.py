"""Dialogues written as YAML, spoken over the web chat with everything behind it real."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.dialogue_coverage import measure
from dev.stack import Stack
from kit.settings import Settings
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.phones import read_code, verify_before

FOLDER = Path(__file__).parent / "dialogues"
DIALOGUES = [
    pytest.param(dialogue, id=f"{path.stem}: {dialogue['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for dialogue in yaml.safe_load(path.read_text(encoding="utf-8"))
]
# What no customer's words reach while all services answer.
UNSPOKEN = {
    # A service that is away: test_faults.py.
    *("asks what cannot be looked up", "the entries cannot be had", "utter_knowledge_down"),
    *("utter_service_down", "utter_quota_down", "utter_application_down"),
    *("utter_quota_estimate", "utter_quota_obstacles"),
    # The desk refuses what the form has checked, or staff already work on it: tests/bot/actions/test_application.py.
    *("utter_application_refused", "utter_withdraw_by_staff"),
    # Where staff have moved it to: tests/bot/actions/test_application.py.
    *("utter_application_incomplete", "utter_application_declined", "utter_appeal"),
    "appeal against a refusal",
    # What came back for more: test_returned_application.py.
    *("utter_completion_begun", "utter_completion_summary", "utter_completion_not_confirmed", "utter_completion_done"),
    *("utter_completion_required", "utter_completion_refused", "hand in what an application lacked"),
    *("utter_why_completion_confirmed", "completion_confirmed", "utter_completion_papers"),
    *("utter_completion_papers_missing", "utter_completion_pictures"),
    # After a human has closed the talk: tests/connectors/test_waiting_replies.py.
    "says why a talk was bad",
    # On another channel: test_other_channel.py. Handed in twice at once: tests/bot/actions/test_application_form.py.
    *("utter_draft_resumed", "utter_known_facts", "utter_application_second"),
    # Pictures: tests/bot/actions/test_picture.py.
    *("a picture was sent", "use what a picture says", "utter_picture_read", "utter_picture_noted"),
    *("utter_picture_unknown", "utter_picture_unread", "utter_picture_kept", "utter_picture_filed"),
    *("utter_picture_blurred", "utter_picture_glare", "utter_picture_dark", "utter_picture_cropped"),
    *("utter_picture_small", "utter_picture_given_up"),
    # An entry without an English text, as only staff write them: tests/bot/actions/test_knowledge.py.
    "utter_answer_in_chinese",
    # A button of a dialogue that Rasa has forgotten: tests/bot/actions/test_schedule.py.
    "utter_calculation_gone",
    # Only if the gateway knows of a form that Rasa has forgotten.
    *("utter_why_nothing", "back outside a form", "restart outside a form", "skip outside a form"),
    "tell more outside a form",
    *("not knowing outside a form", "rather not say outside a form", "repeat outside a form"),
    *("rephrase outside a form", "misunderstood outside a form", "change something outside a form"),
    *("leave an answer as it was outside a form", "asked for a clear yes outside a form"),
    "not understood by a form that has just ended",
    # Other customers were faster: tests/bot/actions/test_visits.py.
    *("utter_visit_full", "utter_visit_taken", "utter_visit_refused"),
    # Its evidence lies between two bars, or comes late on a busy machine: tests/understanding/test_table.py.
    "names a living or a firm in words of its own",
    "perhaps danger while an agent is awaited",
}


# Somebody has to be there who visits customers.
pytestmark = pytest.mark.usefixtures("staffed")


@pytest.fixture(scope="module")
def since() -> float:
    """When these dialogues began: other modules use the same stack."""
    return time.time()


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_dialogue(dialogue: dict[str, Any], since: float, stack: Stack, sms_file: Path, customer: Customer) -> None:
    """`phone` is the customer's since before; `code` types the code that was just sent to one."""
    if phone := dialogue.get("phone"):
        asyncio.run(verify_before(stack, customer, phone))
    for number, expected in enumerate(dialogue["turns"], 1):
        if "press" in expected:
            turn = customer.press(expected["press"])
        else:
            code = read_code(sms_file, expected["code"]) if "code" in expected else ""
            turn = customer.say(code or expected["say"])
        heard = read_words(turn)
        where = f"turn {number}, {expected}: heard {heard!r} {list(customer.buttons)}"
        assert all(words in heard for words in _list(expected.get("hear"))), where
        assert not any(words in heard for words in _list(expected.get("never"))), where
        assert all(title in customer.buttons for title in _list(expected.get("buttons"))), where
        assert turn["holder"] == expected.get("holder", "bot"), where
        assert bool(turn["replies"]) == (expected.get("hear") is not None), where


def _list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


async def test_the_dialogues_reach_every_rule_response_row_and_question(stack: Stack, since: float) -> None:
    settings = Settings(
        database_url=stack.environment["XIAOHE_DATABASE_URL"], tracker_url=stack.environment["XIAOHE_TRACKER_URL"]
    )
    measured = await measure(settings, since)
    missing = {coverage.kind: set(coverage.missing) - UNSPOKEN for coverage in measured}
    assert missing == {"rules": set(), "responses": set(), "rows": set(), "questions": set()}
    assert frozenset.union(*(coverage.known - coverage.reached for coverage in measured)) == UNSPOKEN
