"""Letting somebody gather the papers; the gateway does these acts itself (connectors/delegation_replies.py)."""

from understanding.rows.row import Row, act, does

PLAIN = [
    Row("lets nobody help any more", does("revoke_delegation"), act("revoke_delegation")),
    Row("wants somebody to help with the papers", does("delegate"), act("delegate")),
]
