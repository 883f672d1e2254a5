"""While an agent is awaited; the gateway does these acts itself (connectors/waiting_replies.py)."""

import re

from understanding.bars import POSSIBLE_MATCH, SURE_MATCH
from understanding.rows.row import Row, act, does
from understanding.schemas import Act
from understanding.situation import Situation

# Said beside a number that is just given: 我的电话是13700004321.
BESIDE_PHONE_MAX = 8  # characters


# 打我13812341017, 回电1381234…: what the number is for; 联系电话是… only tells it.
_CALLS = re.compile("(?!.*(?:[不没别莫甭]|联系电话|联系方式)).*(?:回|打|拨|联系|call)")


def _waits(s: Situation) -> bool:
    return s.state.holder == "queue"


# Said to the one who is waited for; a wish such as 测额度 is 小禾's even then.
_OWN_WISHES = ("wants_quota", "wants_loan", "calculate", "status", "how_many", "withdraw")


def _is_plain(s: Situation) -> bool:
    return bool(s.acts) or any(fact.kind == "phone" for fact in s.reading.facts)


def _wait(s: Situation) -> Act:
    """With what is said about a call: a number, whether that is all, a wish, or that the known number will do."""
    phones = tuple(fact for fact in s.reading.facts if fact.kind == "phone" and fact.text)
    is_just_a_phone = bool(phones) and len(s.reading.rest) <= BESIDE_PHONE_MAX
    calls_it = is_just_a_phone and bool(_CALLS.match(s.reading.rest))
    said = {
        "is_just_a_phone": is_just_a_phone,
        "wants_call": s.does("call_me") or (bool(phones) and "call_me" in s.reading.mentions) or calls_it,
        "accepts_phone": s.does("yes", "known_phone"),
        "asks_wait": s.does("asks_wait", "contact_when"),
        "asks_call": s.does("contact_when"),
    }
    return Act(name="wait_for_agent", facts=phones, values={key: True for key, is_so in said.items() if is_so})


def _is_free(s: Situation) -> bool:
    """Nothing else asks for a number or a time."""
    return s.state.holder == "bot" and s.form is None and s.state.last != "submitted"


def _gives_number(s: Situation) -> bool:
    """Perhaps for a call that was promised."""
    facts = s.reading.facts
    is_phone = bool(facts) and all(fact.kind == "phone" and fact.text for fact in facts)
    return is_phone and (len(s.reading.rest) <= BESIDE_PHONE_MAX or s.reading.is_correction)


PLAIN = [
    Row("no longer waits", lambda s: _waits(s) and s.does("return_to_bot", "cancel", "not_human"), act("return")),
    Row("needs no call", does("cancel_call"), act("cancel_call")),
    Row("changes the call", lambda s: _is_free(s) and s.does("change_call"), act("change_call")),
    Row(
        "gives a number, perhaps for the call",
        lambda s: _is_free(s) and _gives_number(s),
        lambda s: Act(name="inform", facts=s.answers, values={"changes_call": True}),
    ),
    Row(
        "answers while waiting",
        lambda s: _waits(s) and s.form is None and _is_plain(s) and not s.does(*_OWN_WISHES),
        _wait,
    ),
]
# Before what is perhaps meant: 等了半天没人理 is no question.
COMMENTS = [
    Row("says why a talk was bad", lambda s: s.state.rated != "" and not s.reading.is_question, act("comment")),
]
ROWS = [
    Row(
        "asks about a call",
        lambda s: (
            s.state.holder == "bot" and s.form is None and s.does("contact_when") and s.match_score < POSSIBLE_MATCH
        ),
        act("tell_call"),
    ),
    Row(
        "tells the agent more",
        lambda s: _waits(s) and s.form is None and s.match_score < SURE_MATCH,
        _wait,
    ),
]
