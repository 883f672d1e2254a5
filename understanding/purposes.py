"""Finds what a customer wants the money for, with the words of purposes.yml."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from understanding.place_patterns import QUESTION
from understanding.quantities import find_quantities

ForbiddenKind = Literal["", "housing", "investing", "gambling", "lending_on", "repaying_loans", "living", "crime"]


class Purpose(NamedTuple):
    """A use of the money as text[start:end] says it, and why it is forbidden ("" if it is fine)."""

    text: str
    start: int
    end: int
    forbidden: ForbiddenKind = ""


_FILE = Path(__file__).with_name("purposes.yml")
_LONGEST = 30
_CLAUSE = re.compile("[^,。;!、 ]+")
_DONE = "(?!了|过|完|得|着|不|没|多少)"  # 开了个店 says what is, not what for
_WISH = re.compile(
    "(?:想|要|得|打算|准备|帮我?|给我?|能|再|来|找|申请|急|先|就)[^,。;]{0,8}?[贷借](?![^,。;]{0,3}[了过着])|^[借贷]"
    "|(?:想|要|办|弄|申请|来)[^,。;]{0,6}[贷带代](?:点|个)?款|[贷带](?:点|个)款|贷款$|[贷借]个?[点个]"
    "|[贷借] ?[两一二三四五六七八九十几0-9]|申请 ?[两一二三四五六七八九十几0-9]|缺钱|差钱|用钱|钱不[够凑]|手头紧|手里差"
    "|周转不开|整点钱"
)
_NAMED = re.compile("(?:用来|用于|拿来|用在|拿去)(?P<use>[^,。;!? ]{2,16})")
_WANTED = re.compile("(?:想|要|准备|打算|再|为了?)[^,。;]{0,3}$")
# Of these verbs the bare use is a trade (我种地, 开店的), not what the money is for.
_TRADES = "种养开做卖跑收搞修"
_ELSE = re.compile("[我想]|[要得]?[借贷]|电话|手[机里头]|[差缺]|用(?=[0-9一两二三])|期限|大[概约]|可以|今年|[,。 ]")
_CORRECTED = re.compile(
    "[^,。]*?(?:不是[^,。;]{1,10}?[,。; ]*而?是|不是[^,。; ]{1,10}[,。; ]+|不[^,。; ]{1,8}了[,。; ]+"
    "|(?:用途|刚才)?[写填说选弄打]?错了?[,。; ]*(?:应该)?是?|[改换](?:成|为|一下)[,。; ]*(?:[改换]成)?)(?=.)"
    # 买饲料改买鸡苗; 农户贷改商户贷，用途改成进货.
    "|(?:[^。]*[,;])?[^,。;]*?[改换](?:成|为|做)?(?=[买进养种建盖修付发交添扩]|周转)"
    "|[^。]*[,;][^,。;]*?用途[^,。;]{0,4}?(?:是|[改换](?:成|为))(?=.)"
)
_DENIED = re.compile("(?:不是|不会|不打算|没打算|没有?|绝不|又?不)(?:想|要|用来|用于|拿来|拿去|去|用)*[^,。; ]{2,8}")
# What is said of oneself, or to the bank, and is no use of money.
_STATEMENT = re.compile(
    "^[没不]|^(?:[地住]址|姓名|名字|电话|期限|金额)|[种养开做干包用值花]了|有(?:一|个|台|两)|还剩|还欠着|旧了|[你您他她]|机器人|真人|人工(?!费)|客服|经理|电话|短信|额度|利[率息](?!钱)"
    "|合同|投诉|额|审|[种养开做卖跑搞收修拉][^,。;]{1,10}(?<!用)的$"
)
_LEAD = re.compile(
    "(?:[,。;:!、 ]|你好|[我俺咱]们?(?!家|店)|就是|主要"
    "|还有|还要|另外|外加|加上|再加|写|填(?=[买进养种建盖修周])|(?:资金|[贷借]款)?用途|这笔钱|这个钱|[是想要]|打算|准备|为了?"
    "|钱(?=用[来于在]|拿[来去])|需要|用[来于在]?(?![电水])|拿[来去]|去|其实|应该|因为|(?:找|跟|在|从)?(?:你们)?银?行?这?[贷借]钱|(?:申请|办理?)?[贷带](?:点|个|些)?[款钱]?"
    "|借(?![给新])(?:点|个|些)?钱?|[弄整]?点钱|呢|嗯|那个?|也|元|块|左右|大概|个(?=[0-9一二三四五六七八九十两几]))+"
)
_TRAIL = re.compile(
    "(?:[,。;:!~、 ]|[吧啊呀呢哦嗯哈的了]|什么的|谢谢|[我俺]?(?:想|要|需要|得)?(?:申请)?[贷借](?:点|个|些)?(?:款|钱)?"
    "|大[概约]|差不多|左右|期限|需要|(?<![有没])用|一共|总共|就?够了|就?行了?|可以了?|还)+$"
)


def find_purpose(plain: str, is_asked: bool) -> Purpose | None:
    """The use named in a normalised message; `is_asked`: the message answers the question for it.

    Unasked, only a use beside a wish for a loan counts. None in questions and where no use is named.
    """
    if not plain or QUESTION.search(plain) or not (is_asked or _WISH.search(plain)):
        return None
    begin = 0
    while corrected := _CORRECTED.match(plain, begin):
        begin = corrected.end()
    start, end = _trim(plain, begin)
    if forbidden := _find_forbidden(plain[start:]):
        words = _compile_forbidden()[forbidden]
        is_meant = len(plain[start:]) <= _LONGEST if is_asked else bool(_WISH.search(words.sub("", plain)))
        end = start + len(plain[start:].rstrip(" ,。!~;吧啊"))
        return Purpose(plain[start:end], start, end, forbidden) if is_meant and start < end else None
    if _compile("none").fullmatch(plain[start:end]):
        return None
    return _find_answer(plain, start, end) if is_asked else _find_in_wish(plain, start, end)


def _find_answer(plain: str, start: int, end: int) -> Purpose | None:
    """From the first clause that names a use to the last one, with the reasons between and beside."""
    clauses = [clause.span() for clause in _CLAUSE.finditer(plain) if clause.end() > start and clause.start() < end]
    used = [span for span in clauses if _names_use(plain[max(start, span[0]) : span[1]])]
    if not used:
        return None
    clauses = [span for span in clauses if span in used or _compile("reasons").search(plain[span[0] : span[1]])]
    first, last = _trim(plain[: clauses[-1][1]], max(start, clauses[0][0]))
    return Purpose(plain[first:last], first, last) if 0 < last - first <= _LONGEST else None


def _names_use(clause: str) -> bool:
    """Whether a clause names a use and is no statement about something else."""
    if _STATEMENT.search(clause):
        return False
    if _NAMED.search(clause) or _compile_doing().search(clause):
        return True
    if _compile("nouns").search(clause) and _compile("reasons").search(clause):
        return True
    return bool(_compile_noun_alone().fullmatch(clause))


def _find_in_wish(plain: str, start: int, end: int) -> Purpose | None:
    """A use in a longer message that also asks for a loan."""
    named = _NAMED.search(plain, start, end)
    uses = [] if named else [use.span() for use in _compile_doing().finditer(plain, start, end) if _is_aim(plain, use)]
    if not named and not uses:
        return None
    first, used = named.span("use") if named else uses[0]
    stop = _find_end(plain, first + 2 if named else used, end)
    first, last = _trim(plain[:stop], first)
    return Purpose(plain[first:last], first, last) if first < last else None


def _is_aim(plain: str, use: re.Match[str]) -> bool:
    """Whether a use is what the money is for: not 我是种地的, 她开服装店."""
    before = plain[max(use.start() - 5, 0) : use.start()]
    is_trade = use[0][0] in _TRADES and not _WANTED.search(before)
    is_done = plain[use.end() : use.end() + 1] in ("的", "了") and not plain.startswith("了要", use.end())
    return not (is_trade and (before or is_done)) and not is_done and before[-1:] not in ("他", "她")


def _find_end(plain: str, start: int, end: int) -> int:
    """Where a use in a longer message ends: before a sum, a term, or something else that is said."""
    stops = [q.start for q in find_quantities(plain) if q.kind in ("amount", "term") and q.start >= start]
    stop = _ELSE.search(plain, start, end)
    return min([*stops, stop.start() if stop else end, end])


def _trim(plain: str, start: int) -> tuple[int, int]:
    """The span of what remains without lead-ins, and without sums and terms at the rims."""
    end = len(plain)
    quantities = [q for q in find_quantities(plain) if q.kind in ("amount", "term", "number")]
    before = None
    while before != (start, end) and start < end:
        before = start, end
        lead, trail = _LEAD.match(plain, start, end), _TRAIL.search(plain, start, end)
        start = lead.end() if lead else start
        end = max(trail.start() if trail else end, start)
        start = next((q.end for q in quantities if q.start <= start < q.end), start)
        end = next((q.start for q in quantities if q.start < end <= q.end and q.start >= start), end)
    return start, max(start, end)


def _find_forbidden(core: str) -> ForbiddenKind:
    affirmed = _DENIED.sub(",", core)
    return next((kind for kind, words in _compile_forbidden().items() if words.search(affirmed)), "")


@cache
def _compile_noun_alone() -> re.Pattern[str]:
    content = _load()
    other, nouns = _compile("none_alone").pattern, _compile("nouns").pattern
    things = _join([word for word in content["things"] if word not in content["vague"]])
    kind = "[^0-9一二两三四五六七八九十没不是有 ]"
    named = f"{kind}{{0,4}}{nouns}+(?:[款钱费用]|什么的|等等?)?|{kind}{{1,4}}(?:{things})"
    return re.compile(f"(?!{other})(?:{named})[吧啊呀的]?")


@cache
def _compile_doing() -> re.Pattern[str]:
    content = _load()
    verb, thing = _join(content["verbs"]), _join(content["things"])
    return re.compile(f"(?:{verb}){_DONE}[^,。;!? 我你您他她没不]{{0,8}}?(?:{thing})|{'|'.join(content['acts'])}")


@cache
def _compile_forbidden() -> dict[ForbiddenKind, re.Pattern[str]]:
    content = _load()
    others = content["others"]
    loan = content["loan"].replace("{others}", others)
    return {
        kind: re.compile("|".join(words).replace("{loan}", loan).replace("{others}", others))
        for kind, words in content["forbidden"].items()
    }


@cache
def _compile(key: str) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(_load()[key])})")


def _join(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def _load() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content
