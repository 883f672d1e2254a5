"""Decides by the rest of its clause what a word says of a value: 买收割机差5万 names a wish, no machine."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understanding.clauses import Clause
from understanding.loans import read_loan_role
from understanding.periods import FoundPeriod
from understanding.roles import Cue
from understanding.schemas import Fact

_REACH_CLAUSE = 12  # characters between a machine and a later clause about it: 有台拖拉机，现在值5万
_REACH_AGO = 4

# Spans: 开了三年, 开店三年了, 三年前开的店; 借5万做生意一年 is a term, 要开三年 neither.
_DONE = re.compile("[了过有满刚才已]|already|been")
_DONE_BEHIND = re.compile("多?(?:了|啦|咯|喽)|多(?:的|$|[ ,，])|的?老店")
_CLOSED = re.compile("多?(?:$|[ ,，。!！;；?？]|左右|上下|吧)")
_FUTURE = re.compile("(?:想|打算|准备|要|会|得|如果|要是|再|多)[^,，。]{0,6}$")
_AGO = re.compile("多?(?:以|之)?前")

# Machines: what is to be bought is no property yet.
_BUY = re.compile(
    "(?:买|购|购买|添|添置|换|置办|更换|租|雇|修|搞|整|上|buy|buying|get)[一几两]?[台辆架部个套]?(?:新|大|小|二手|"
    "an? |the )*$"
)
_WANTS = re.compile("想|要|打算|准备|借|贷|用来|用于|want|borrow|loan")
_BOUGHT = re.compile("花了|买了|买的|买来|买成|买回|当时|去年|前年|原价|值|现在卖|worth|bought|paid")
_SPENT = re.compile("花|买")
_SOLD = re.compile("卖(?:个|了|到|掉)?")
_CASH_MACHINE = re.compile("[存取吐卡插数]")
_THINGS = re.compile("[车房楼店铺猪牛羊货树地鱼蜂]")

# Debts: 还房贷5万 and 想办房贷50万 are none, nor is what is left of a limit, nor what somebody else owes.
_REPAYS = re.compile("还(?:上|掉|清|一?下)?$")
_CLEARED = re.compile("(?:还清|结清|还完|还掉|清掉)了?$")
_STILL = re.compile("没|未|还欠")
_WISHES = re.compile("(?:想|申请|办理?|要|能|可以|做)(?:个|一?笔|一?下|贷)*$")
_REMAINS = re.compile("还?剩")
_LIMIT = re.compile("额度|可用|可借|余额|卡里|存款")
_THIRD = re.compile(
    "(?<![跟向问找和给帮欠该差管])(?<!跟我)(?<!问我)(?<!找我)(?<!向我)(?<!和我)(?<!欠我)(?<!帮我)(?<!给我)"
    "(?:他(?!行)|她|爸爸?|爹|妈妈?|娘|哥|弟弟?|姐|妹|叔|舅|姑|姨|儿子|女儿|闺女|女婿|侄子|外甥|老板|朋友|同学|同事|"
    "邻居|别人|对方)"
    "(?:们)?(?![的,，]?(?:和|跟)我|那|手)"
)
_OWES = re.compile("(?<!人)(?:欠|该|拖欠)(?:着|了)?$")

# Incomes: wages that are paid, what one mu or one pig brings, what a shop takes.
_PAYS_OTHERS = re.compile("工人|雇|请人|给人|发|开工资|帮工|小工|员工")
_PER_UNIT = re.compile("[一每][亩头只斤公箱件棵株吨袋]")
_SHOPS = re.compile("店|铺|生意|超市|饭馆|摊|门市|门面")
_FIRMS = re.compile("公司|企业|工厂|厂里|厂子|合作社")
_EARNS = re.compile("[弄整搞]")

_PLANS = re.compile("(?:想|准备|打算|计划|要)(?:再|多|去)*$")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A clause of `text` with the words of the message that name values of each kind, and the periods of its sums."""

    text: str
    clause: Clause
    cues: Mapping[str, Sequence[Cue]]
    periods: Mapping[Fact, FoundPeriod]

    @property
    def words(self) -> str:
        """The text of the clause."""
        return self.text[self.clause.start : self.clause.end]

    def list_cues(self, kind: str) -> list[Cue]:
        """The words within the clause that name values of a kind."""
        return [cue for cue in self.cues.get(kind, ()) if self.clause.start <= cue.start < self.clause.end]


def settle_role(around: Surroundings, value: Fact, cue: Cue) -> str:
    """The role that a word gives a value, "" if the clause leaves it open."""
    before = around.text[around.clause.start : cue.start]
    if value.kind == "area":
        return "other" if cue.place == "verb" and _PLANS.search(before) else cue.role
    role = cue.role
    if role == "loan":
        role = read_loan_role(around.text, cue.start, cue.end, around.clause.start, around.clause.end)
        if value.kind == "span":
            return {"amount": "term", "existing_debt": "other"}.get(role, "")
    if value.kind == "span" or role in ("term", "years_in_business"):
        return _settle_span(around, value, cue, role)
    settle = _SETTLE.get(role)
    period = around.periods.get(value)
    is_regular = period is not None and not period.is_weak
    return settle(around, value, cue, before, is_regular) if settle else role


def _settle_span(around: Surroundings, value: Fact, cue: Cue, role: str) -> str:
    text = around.text
    cues = around.list_cues("span")
    if role == "years_in_business":
        is_done = _DONE.search(text[max(cue.start - 1, 0) : value.start]) or _DONE_BEHIND.match(text, value.end)
        is_wished = any(c.role == "loan" and c.start < cue.start for c in cues)
        if (is_wished and not is_done) or text[value.end - 1] == "期":
            return "term"
        is_open = cue.end - cue.start == 1 and cue.place == "verb" and not _CLOSED.match(text, value.end)
        is_future = bool(_FUTURE.search(text[around.clause.start : cue.start]))
        return role if is_done or not (is_open or is_future) else ""
    if role == "other" and cue.place == "tail" and _AGO.match(text, value.end):
        verbs = (c for c in cues if c.role == "years_in_business" and c.place == "verb")
        return "years_in_business" if any(0 <= c.start - cue.end <= _REACH_AGO for c in verbs) else role
    return role


def _settle_debt(around: Surroundings, value: Fact, cue: Cue, before: str, is_regular: bool) -> str:
    is_left_of_limit = _REMAINS.match(around.text, cue.start) and _LIMIT.search(around.words)
    if is_regular or is_left_of_limit or _THIRD.search(before) or is_paid_off(around, value):
        return "other"
    return "" if (cue.place == "noun" and _REPAYS.search(before)) or _WISHES.search(before) else "existing_debt"


def _settle_amount(around: Surroundings, value: Fact, cue: Cue, before: str, is_regular: bool) -> str:
    if cue.place != "near" or not is_regular:
        return "amount"
    return "household_income" if _EARNS.match(around.text, cue.start) else "other"


def _settle_machine(around: Surroundings, value: Fact, cue: Cue, before: str, is_regular: bool) -> str:
    if around.text[cue.start : cue.end] == "机器" and _CASH_MACHINE.search(around.words):
        return ""
    if is_purpose(around, cue):
        return "amount" if any(c.role in ("loan", "amount") for c in around.list_cues("sum")) else ""
    return "machinery_value"


def _settle_worth(around: Surroundings, value: Fact, cue: Cue, before: str, is_regular: bool) -> str:
    if _has_machine(around):
        return "machinery_value"
    return "other" if _THINGS.search(before) else ""


def _settle_income(around: Surroundings, value: Fact, cue: Cue, before: str, is_regular: bool) -> str:
    word = around.text[cue.start : cue.end]
    if _PER_UNIT.search(before) or (word == "工资" and _PAYS_OTHERS.search(before)):
        return "other"
    if word == "收入" and _SHOPS.search(before):
        return ""  # what a shop takes and what its owner earns are both called so
    return "annual_turnover" if word == "收入" and _FIRMS.search(before) else "household_income"


def _settle_turnover(around: Surroundings, value: Fact, cue: Cue, before: str, is_regular: bool) -> str:
    is_sold = _SOLD.fullmatch(around.text, cue.start, value.start) and not is_regular
    if is_sold and _has_machine(around):
        return "machinery_value"
    return "other" if _PER_UNIT.search(before) else "annual_turnover"


def _settle_other(around: Surroundings, value: Fact, cue: Cue, before: str, is_regular: bool) -> str:
    if _SPENT.match(around.text, cue.start) and not is_regular and _has_machine(around):
        return "machinery_value"
    return "existing_debt" if cue.place == "noun" and _OWES.search(before) else "other"


_SETTLE = {
    "existing_debt": _settle_debt,
    "amount": _settle_amount,
    "machinery_value": _settle_machine,
    "worth": _settle_worth,
    "household_income": _settle_income,
    "annual_turnover": _settle_turnover,
    "other": _settle_other,
}


def is_paid_off(around: Surroundings, value: Fact) -> bool:
    """Whether a sum is owed no more: 上个月刚还清五万."""
    words = around.text[around.clause.start : value.start]
    return bool(_CLEARED.search(words)) and not _STILL.search(words)


def is_purpose(around: Surroundings, cue: Cue) -> bool:
    """Whether the machine is to be bought: 想买拖拉机."""
    before = around.text[max(cue.start - _REACH_CLAUSE, 0) : cue.start]
    return bool(_BUY.search(before)) and bool(_WANTS.search(before) or not _BOUGHT.search(around.words))


def _has_machine(around: Surroundings) -> bool:
    """Whether this clause, or the one before, names a machine that the customer has."""
    machines = [c for c in around.cues.get("sum", ()) if c.role == "machinery_value" and not is_purpose(around, c)]
    clause = around.clause
    return any(clause.start <= c.start < clause.end or 0 <= clause.start - c.end <= _REACH_CLAUSE for c in machines)
