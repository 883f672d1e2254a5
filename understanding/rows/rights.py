"""What customers ask about their data; the gateway does these acts itself (connectors/rights_replies.py)."""

import re

from understanding.acts import find_acts
from understanding.edits import find_named
from understanding.rows.row import Row, act, does, in_form
from understanding.schemas import Act
from understanding.situation import Situation

# Asked back before they are done.
RIGHTS = ("erase_data", "withdraw_consent")
# By their words; the purposes are those of privacy/purposes.yml.
WITHDRAWS_ONE = {
    "withdraw_credit_inquiry": "credit_inquiry",
    "withdraw_sharing": "sharing",
    "withdraw_quota": "quota",
    "withdraw_application": "application",
    "stop_marketing": "marketing",
}
_KEEPING = ("no", "not_cancel", "cancel", "continue", "return_to_bot", "none")
# 把填的信息都删了 in a form only empties the form.
_NAMES_STORED = re.compile("我的|俺的|本人|个人|隐私|聊天|对话|记录|你们|银行|小禾|存的|系统|my|me")
_FORM_EMPTIED = ("restart", "cancel")


def _erases(s: Situation) -> bool:
    is_asked = s.state.question == "erase_data"  # then it confirms
    means_form = in_form(s) and s.does(*_FORM_EMPTIED) and not _NAMES_STORED.search(s.reading.plain)
    return s.does("erase_data") and not (is_asked or means_form)


def _erases_part(s: Situation) -> bool:
    is_asked_for = bool({*find_named(s.reading.plain)} & {*s.own_slots})
    means_form = is_asked_for and not _NAMES_STORED.search(s.reading.plain)  # 电话删掉 is to be filled in again
    return s.does("erase_part") and not means_form


def _show_answers(s: Situation) -> Act:
    """What was filled in, of the form that is open, was left or led to a quota; else all that is stored."""
    if in_form(s) and s.kind == "confirmation":
        return Act(name="repeat")
    if in_form(s) or s.state.paused or s.state.last in ("quota", "recap"):
        left = s.state.paused[-1] if s.state.paused else None
        return Act(name="show_answers", form=s.state.form or left)
    return Act(name="check_application_status" if s.state.last == "submitted" else "show_data")


# What is right, told after what is wrong: 我的地址登记错了 应该是柳河镇.
_RIGHT_IS = re.compile(
    "([^ ,，。;；!！]+)[ ,，。;；!！]+(?:应该|应当|正确|对|其实|实际|本来|的|上|我)*(?:是|叫|为|写作|改成)[^?？]{1,24}"
)
_RECORDED = re.compile("登记|申请|单子|表")


def _corrects(s: Situation) -> bool:
    """A number told beside may be for a call, unless it was recorded."""
    told = _RIGHT_IS.fullmatch(s.reading.plain)
    is_beside = "correct_data" in s.reading.mentions or (told and "correct_data" in find_acts(told[1])[0])
    may_be_call = any(fact.kind == "phone" for fact in s.reading.facts) and not _RECORDED.search(s.reading.plain)
    return not in_form(s) and (s.does("correct_data") or (bool(is_beside) and not may_be_call))


def _withdraws(s: Situation) -> bool:
    answers_consent = in_form(s) and s.kind == "consent"  # 不同意你们用我的信息
    # 不同意了 refuses whatever was asked just before.
    is_refusal = s.does("no") and (s.kind == "confirmation" or bool(s.state.question))
    is_asked = s.state.question == "withdraw_consent"  # then it confirms
    return s.does("withdraw_consent") and not (answers_consent or is_refusal or is_asked)


def _find_withdrawn(s: Situation) -> str:
    """The purpose whose consent is taken back."""
    return next((purpose for said, purpose in WITHDRAWS_ONE.items() if s.does(said)), "")


def _withdraw_one(purpose: str) -> Act:
    return Act(name="withdraw_consent", values={"purpose": purpose})


def _says_what_is_right(s: Situation) -> bool:
    is_asked = s.state.question == "correct_data"
    return not in_form(s) and is_asked and bool(s.reading.facts) and not s.reading.is_question


PLAIN = [
    Row(
        "keeps the data after all",
        # 我不同意了 to 确认撤回吗 says it once more.
        lambda s: s.state.question in RIGHTS and s.does(*_KEEPING) and s.is_bare and not s.does(s.state.question),
        act("keep_data"),
    ),
    Row("wants a part of their data erased", _erases_part, act("erase_part")),
    Row("wants their data erased", _erases, act("erase_data")),
    Row("asks whether data are erased", does("ask_erase"), act("explain_erasure")),
    Row("wants to see what they filled in", does("show_answers"), _show_answers),
    Row("wants to see their data", does("show_data"), act("show_data")),
    Row("withdraws one consent", lambda s: bool(_find_withdrawn(s)), lambda s: _withdraw_one(_find_withdrawn(s))),
    Row("withdraws their consent", _withdraws, act("withdraw_consent")),
    Row(
        "says what is wrong or right in recorded data",
        lambda s: _corrects(s) or _says_what_is_right(s),
        lambda s: Act(name="correct_data", facts=s.answers),
    ),
]
