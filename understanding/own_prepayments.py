"""Reads whether a whole message wishes to repay a loan of its writer early, or asks what that brings."""

import re

from understanding.loan_words import CAN, HOW_MANY, LENGTH_MAX, MAYBE_ME, ME, OWN_LOAN, SUM, TAG, TAIL, WISH, tidy

_ALL = "(?:一次性?|全部|全额|一把|全|都)都?(?:给)?(?:[还结]清|还完|还掉|还)"
_PARTLY = f"(?:{SUM}|一?部分|一些|一?点|其中)?"
_PREPAY = f"(?:(?:提[前早]|早点)(?:把)?(?:{_ALL}|结清|还清|还完|还掉|还上|还款|还|归还|了结)|{_ALL}){_PARTLY}"
_THE = f"(?:[把将]?(?:{OWN_LOAN}|[这那]笔(?:贷款)?|它|贷款|剩下?的?(?:贷款|本金|钱)?)的?)?"
# What it brings; whether a fee is due and how it is done the knowledge base answers.
_BRINGS = (
    "(?:的话)?(?:大概|一共|总共|到底|可以|能|会|可)*(?:省|少)(?:下|掉|还|付|交|出|花)?"
    f"(?:{HOW_MANY}|些|点)?(?:的)?(?:利息|钱)?{TAG}"
)
_WANTS = tuple(
    re.compile(pattern)
    for pattern in (
        f"{MAYBE_ME}(?:{WISH})?{_THE}{MAYBE_ME}(?:{WISH})?{_PREPAY}{TAIL}",
        f"{MAYBE_ME}(?:{WISH}{_THE}|{_THE}{MAYBE_ME}{WISH}){_PREPAY}了{TAIL}",
        f"(?:要是|如果)?{MAYBE_ME}(?:现在|今天)?(?:{WISH})?{_THE}(?:现在|今天)?(?:{WISH})?(?:{_PREPAY}|还清)了?{_BRINGS}",
        f"{MAYBE_ME}{_THE}{MAYBE_ME}(?:最多|至少)?{CAN}{_THE}{_PREPAY}{TAG}",
        f"{MAYBE_ME}{_THE}{MAYBE_ME}(?:最多|至少)?{CAN}提[前早]还{HOW_MANY}(?:钱|本金)?{TAIL}",
        "(?:i want to |i would like to |i'd like to |what if i |"
        "how much (?:would|will|do|can) i save if i )?"
        "(?:(?:re)?pay off (?:my|the|this) loan(?: early| now)?"
        "|(?:re)?pay (?:back )?(?:my|the|this) loan (?:back )?(?:off early|off|early|in full)"
        "|(?:re)?pay (?:[0-9,.]+k? )?(?:yuan )?(?:of my loan )?early)",
    )
)
_OWN = re.compile(f"{ME}.{{0,12}}(?:贷款|借款)|my loan")
_ASKS_WHETHER_ALLOWED = re.compile("能不能|可不可以|能否|可否|可以吗|行吗|行不|可以不")
_WHOLE = re.compile("[还结]清|还完|全部|全还|都还|in full|pay off|loan off")


def wants_prepayment(plain: str, *, is_shown: bool) -> bool:
    """Whether it asks what repaying early brings, of a loan just shown or called one's own."""
    text = tidy(plain)
    is_meant = is_shown or bool(_OWN.search(text) or _OWN.search(plain))
    if not is_meant or len(text) > LENGTH_MAX or _ASKS_WHETHER_ALLOWED.search(text):
        return False
    return any(pattern.fullmatch(text) or pattern.fullmatch(plain.strip(" .!?")) for pattern in _WANTS)


def prepays_all(plain: str) -> bool:
    """Whether all of the loan is to be repaid: 全部还清, 提前还清."""
    return bool(_WHOLE.search(plain))
