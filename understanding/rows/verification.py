"""Verifying a phone; the gateway does these acts itself (connectors/phone_codes.py)."""

import re

from understanding.rows.row import Row, act
from understanding.schemas import Act, Fact
from understanding.situation import Situation

# 123456, 123 456, 收到的是123456, 123456是我的验证码
_CODE = re.compile(
    "[我刚才终于已经的了到来是上写说显示收短信码验证这个就：:，, code]{0,14}"
    "([0-9]{3})[ -]?([0-9]{3})"
    "[，, 是的我收到了吧哈啊呢验证码对吗。.!！?？]{0,8}"
)
_NUMBERS = ("loan_amount", "loan_term", "amount", "yearly_amount", "area", "years", "phone")


def _is_free(s: Situation) -> bool:
    """Whether a number would answer no question of a form: none is open, or the phone was spoken of last."""
    return s.form is None or s.state.is_aside


def _is_awaited(s: Situation) -> bool:
    return s.state.verifying != "" and not s.reading.danger


def _find_code(s: Situation) -> str:
    """Six digits, alone or with words about a code."""
    is_code = s.state.verifying == "code" and (_is_free(s) or s.kind not in _NUMBERS)
    found = _CODE.fullmatch(s.reading.plain) if is_code else None
    return found[1] + found[2] if found else ""


def _list_phones(s: Situation) -> tuple[Fact, ...]:
    return tuple(fact for fact in s.reading.facts if fact.kind == "phone")


PLAIN = [
    Row(
        "gives the code among other words",
        lambda s: s.state.verifying == "code" and not s.reading.danger and s.reading.secret in ("code", "masked"),
        lambda s: Act(name="phone_code", values={"code": ""}),
    ),
    Row(
        "gives the code that was sent",
        lambda s: _is_awaited(s) and bool(_find_code(s)),
        lambda s: Act(name="phone_code", values={"code": _find_code(s)}),
    ),
    Row(
        "names the phone to verify",
        lambda s: _is_awaited(s) and _is_free(s) and bool(_list_phones(s)) and not s.reading.is_question,
        lambda s: Act(name="verify_phone", facts=_list_phones(s)),
    ),
    Row("has no code", lambda s: s.state.verifying == "code" and s.does("no_code"), act("verify_phone")),
    Row(
        "does not verify now",
        lambda s: _is_awaited(s) and _is_free(s) and s.does("not_verify", "cancel", "skip", "no", "wait"),
        act("leave_phone_code"),
    ),
    Row(
        "wants to verify a phone",
        lambda s: s.does("verify_phone") or "verify_phone" in s.reading.mentions,
        lambda s: Act(name="verify_phone", facts=_list_phones(s)),
    ),
]
