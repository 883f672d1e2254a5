"""Verifying a phone; the gateway does these acts itself (connectors/phone_codes.py)."""

import re

from understanding.rows.row import Row, act
from understanding.schemas import Act
from understanding.situation import Situation

# 123456, 123 456, 验证码 123456
_CODE = re.compile("(?:(?:短信)?验证码|code)?(?:是|:|：)? ?([0-9]{3})[ -]?([0-9]{3})[。.!]?")
_NUMBERS = ("loan_amount", "loan_term", "amount", "yearly_amount", "area", "years", "phone")


def _is_awaited(s: Situation) -> bool:
    return s.state.verifying and not s.reading.danger


def _find_code(s: Situation) -> str:
    """Six digits; not while a form asks for a number, which they may be as well."""
    found = _CODE.fullmatch(s.reading.plain) if s.form is None or s.kind not in _NUMBERS else None
    return found[1] + found[2] if found else ""


PLAIN = [
    Row(
        "gives the code that was sent",
        lambda s: _is_awaited(s) and bool(_find_code(s)),
        lambda s: Act(name="phone_code", values={"code": _find_code(s)}),
    ),
    Row(
        "gives the code among other words",
        lambda s: _is_awaited(s) and s.reading.secret in ("code", "masked"),
        lambda s: Act(name="phone_code", values={"code": ""}),
    ),
    Row("has no code", lambda s: _is_awaited(s) and s.does("no_code", "repeat"), act("verify_phone")),
    Row(
        "does not verify now",
        lambda s: _is_awaited(s) and s.form is None and s.does("not_verify", "cancel", "skip", "no", "wait"),
        act("leave_phone_code"),
    ),
    Row(
        "wants to verify a phone",
        lambda s: s.does("verify_phone") or "verify_phone" in s.reading.mentions,
        lambda s: Act(name="verify_phone", facts=tuple(f for f in s.reading.facts if f.kind == "phone")),
    ),
]
