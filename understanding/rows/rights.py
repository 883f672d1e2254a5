"""What customers ask about their data; the gateway does these acts itself (connectors/rights_replies.py)."""

import re

from understanding.rows.row import Row, act, does, in_form
from understanding.situation import Situation

# Asked back before they are done.
RIGHTS = ("erase_data", "withdraw_consent")
_KEEPING = ("no", "not_cancel", "cancel", "continue", "return_to_bot", "none")
# 把填的信息都删了 in a form only empties the form.
_NAMES_STORED = re.compile("我的|俺的|本人|个人|隐私|聊天|对话|记录|你们|银行|小禾|存的|系统|my|me")


def _erases(s: Situation) -> bool:
    is_asked = s.state.question == "erase_data"  # then it confirms
    means_form = in_form(s) and not _NAMES_STORED.search(s.reading.plain)
    return s.does("erase_data") and not (is_asked or means_form)


def _withdraws(s: Situation) -> bool:
    answers_form = in_form(s) and s.kind == "consent"  # 不同意你们用我的信息
    return s.does("withdraw_consent") and s.state.question != "withdraw_consent" and not answers_form


def _says_what_is_right(s: Situation) -> bool:
    is_asked = s.state.question == "correct_data"
    return is_asked and bool(s.reading.facts) and not s.reading.is_question


PLAIN = [
    Row(
        "keeps the data after all",
        lambda s: s.state.question in RIGHTS and s.does(*_KEEPING) and s.is_bare,
        act("keep_data"),
    ),
    Row("wants their data erased", _erases, act("erase_data")),
    Row("asks whether data are erased", does("ask_erase"), act("explain_erasure")),
    Row("wants to see their data", does("show_data"), act("show_data")),
    Row("withdraws their consent", _withdraws, act("withdraw_consent")),
    Row(
        "says what is wrong or right in recorded data",
        lambda s: not in_form(s) and (s.does("correct_data") or _says_what_is_right(s)),
        act("correct_data"),
    ),
]
