"""Letting somebody gather the papers; the gateway does these acts itself (connectors/delegation_replies.py)."""

from understanding.rows.row import Row, act, does
from understanding.schemas import Act

PLAIN = [
    Row("lets nobody help any more", does("revoke_delegation"), act("revoke_delegation")),
    # Who names the code need not be told what it is.
    Row(
        "wants somebody to help with the papers",
        does("delegate"),
        lambda s: Act(name="delegate", values={"is_confirmed": True} if "帮办码" in s.reading.plain else {}),
    ),
]
