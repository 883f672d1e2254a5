"""While an agent is awaited; the gateway does these acts itself (connectors/waiting_replies.py)."""

from understanding.rows.row import SURE_MATCH, Row, act, does
from understanding.situation import Situation


def _waits(s: Situation) -> bool:
    return s.state.holder == "queue"


PLAIN = [
    Row("no longer waits", lambda s: _waits(s) and s.does("return_to_bot", "cancel", "not_human"), act("return")),
    Row("needs no call", does("cancel_call"), act("cancel_call")),
    Row("wants a call", lambda s: _waits(s) and s.does("call_me"), act("wait_for_agent")),
]
ROWS = [
    Row(
        "tells the agent more",
        lambda s: _waits(s) and s.form is None and s.match_score < SURE_MATCH,
        act("wait_for_agent"),
    ),
]
