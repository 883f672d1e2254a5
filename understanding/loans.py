"""Decides whether borrowing that a clause names is wished (我想贷8万) or owed (他行贷了8万); doubtful is neither."""

import re
from typing import Literal

LoanRole = Literal["amount", "existing_debt", ""]

_WISH = re.compile(
    "想|要(?!还)|打算|准备|申请|需|能|可以|希望|帮|给我|给俺|计划|求|办|最[高多少]|至少|起码|够|再|改|[您你]们?|"
    "贵行|咱们?行|怎么|咋|如何|有没有|多少|"
    "want|would like|like to|need|can i|could|may i|how|help|apply"
)
_OWED_BEFORE = re.compile(
    "已经?|他行|别的|其他|其它|别处|外[面头边]|网上|亲戚|朋友|熟人|信用社|[农工建中交]行|邮政|邮储|银行|(?:之前|以前|原来|原先)(?![说报写填想讲])|"
    "去年|前年|现有|名下|手[上头]|身上|欠|背|"
    "正在还|(?:跟|向|问|找|管)[^,，你贵]{1,6}$|"
    "(?<=[^,，。 ])那$|那[儿里边]$|[两二三四五几]笔$|(?<!没)有(?!没有|事|急|人|困难|点事|"
    "项目|需|想|地|个?店|个?厂)[^,，头只亩辆台口]{0,8}$|have|still|already"
)
_OWED_BEHIND = re.compile(
    "(?:没有?|未|不)(?:全)?(?:还|结清|清|给|到期)|还欠|剩|欠着|在还|还在还|没到期|not paid|unpaid|left"
)
_OWED_NEXT = re.compile(
    "[,，、 ]*(?:还|都|一直|目前|现在|到现在|至今|也)*(?:没有?|未)(?:还|结清|到期)|[,，、 ]*(?:目前|"
    "现在)?(?:正?在还|还在还)"
)
_OWED_TO = re.compile(
    "(?:了|着)?我?(?:亲戚|朋友|熟人|[姐哥弟妹叔舅姑姨]|信用社|[农工建中交]行|邮政|邮储|银行|别人|人家|网上|私人)"
)
_ONCE = re.compile("款?过")
_PAST = re.compile("款?(?:了|过|着|的(?!话))|ed(?![a-z])")
_CALCULATION = re.compile(
    "利率|年化|利息|月供|月还|每个?月还|一个月还|等额|等本|先息|还多少|怎么还|interest|instal|monthly payment"
)

_VALUE_BEFORE = re.compile("[万元块0-9千wk]钱?的?$")


def read_loan_role(text: str, start: int, end: int, clause_start: int, clause_end: int) -> LoanRole:
    """What the word 借 or 贷款 at text[start:end] means in its clause: the wished loan, a debt, or either."""
    before, behind = text[clause_start:start], text[end:clause_end]
    is_past = bool(_PAST.match(behind))
    if _WISH.search(before[-10:]) and not is_past:
        return "amount"
    is_unpaid = bool(_OWED_BEHIND.search(behind) or _OWED_NEXT.match(text, clause_end))
    if _ONCE.match(behind) and not is_unpaid:
        return ""
    if is_unpaid or behind.startswith("着") or _OWED_BEFORE.search(before) or _OWED_TO.match(behind):
        return "existing_debt"
    is_bare_noun = "款" in text[start:end] and bool(_VALUE_BEFORE.search(before))
    if is_past or is_bare_noun:
        return "amount" if _CALCULATION.search(text) else ""
    return "amount"
