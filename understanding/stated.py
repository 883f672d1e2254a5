"""All facts of a message, of every kind, in the order of the text."""

import re
from collections.abc import Iterator, Sequence

from forms.catalogue import Kind, load_catalogue
from kit.phones import find_landline, find_phones
from understanding.beginnings import find_beginning
from understanding.choices import find_choices
from understanding.edits import find_named
from understanding.english_purposes import find_english_purpose
from understanding.facts import find_facts
from understanding.identities import find_credit_code, find_identity_number
from understanding.livelihoods import find_firm, find_livelihood
from understanding.names import find_name
from understanding.overdue_details import find_overdue
from understanding.people import find_people
from understanding.place_patterns import QUESTION
from understanding.places import find_place
from understanding.products import find_product
from understanding.purposes import find_purpose
from understanding.rates import find_method
from understanding.schemas import Fact

_CLAUSE = re.compile(r"[^\s,，。.;；!！?？、]+")
# Asked for these, an application is often told on in the same breath: 6万 两年 进饲料.
_TOLD_ON: tuple[Kind, ...] = ("loan_amount", "loan_term", "place", "name", "phone")
_NOT_BEFORE = re.compile("(?:不是|不打|别打|别用|不用)[^0-9]{0,3}$")
_WRONG_BEHIND = re.compile("[ ,，]*(?:那个|这个|号码|是)*(?:不对|错了|写错|打错|不用了|作废|停机|停用|换了)")
_BUYS = re.compile("(?:要|想|打算|准备|拿来|用来)?(?:买|进货|进[点些]|添|置办|扩建|修建)")
_CHOSEN: tuple[Kind, ...] = ("choice", "method")
_NAMES_METHOD = re.compile("还款方式|还款方法|还法")
_ONLY_ASKED: tuple[Kind, ...] = (*_CHOSEN, "livelihood", "company", "people")
_CHANGED_TO = re.compile(
    "(?:[改换]?[成为]|[改换]到?一?下?[,， ]*(?:是|成)|应该?是"
    "|(?:[写填说打报]错|不对|有误)了?[,，。 ]*(?:应该|其实)?是?)(?P<new>.+)$"
)
# 不对，我是开小店的: another product, told when the crops were asked for.
_TAKES_BACK = re.compile("(?:啊|哦|哎)?(?:不对|不是|错了|[写填选说弄]错)")
# Whose digits are no sums.
_NUMBERED = ("identity_number", "credit_code", "people")
# Where a trade is told, it says which product is meant.
_TRADE_TELLS = (None, "product", "consent")
# Unasked, a use is also told by changing it: 用途改成买农机.
_CHANGES_USE = re.compile("用途[^,。]{0,4}(?:改|换|应该|不是|[写填选弄]错|还有|还要|加)|[改换][^,。]{0,4}用途")
_ADDS = re.compile("还有|还要|另外|外加|加上|再加")
# 我种烟叶 says what they do, not what they want the money for.
_TELLS_TRADE = re.compile("(?:^|[,，。 ])[我俺咱]们?家?(?:就?是|也|还|主要)?[种养喂开做卖跑搞](?!了?[点些])")
_CHANGES = re.compile("[改换][成为]|[写填说报弄]错")
# 我是种大棚菜的: what is grown or sold belongs to the trade.
_DOES = "种养喂开卖搞跑"
_WHAT = re.compile(
    r"(?:(?![能贷借多几啥怎咋吗呢不没别莫甭未拒查让]|什么|同意|授权)[\u4e00-\u9fff]){1,6}(?=$|[\s,，。;；!！])"
)
_IS_TRADE = re.compile("[我俺咱]们?家?(?:其实|主要)?(?:就?是|开|种|养|做|搞|跑)|其实|不对|i am a|i'm a|i run|i have a")


def find_all_facts(plain: str, asked: Kind | None) -> list[Fact]:
    """The facts of a normalised text; `asked` is the kind of the question that it may answer."""
    products, places = list(_find_product(plain, asked)), list(_find_place(plain))
    found = [
        *_clear_up_overdue(plain, asked),
        *_find_phones(plain, asked),
        *places,
        # 李家坝 is a village that might be a name, unless the name was asked for.
        *(name for name in _find_name(plain, asked) if asked == "name" or not _overlaps(name, places)),
        # 种地养殖，想借7万: the trade says which product is meant.
        *(use for use in _find_purpose(plain, asked) if asked != "product" or not _overlaps(use, products)),
        *products,
        *_find_identifiers(plain, asked),
        *(find_people(plain, asked == "people") if asked else ()),
        *(find_choices(plain, find_method(plain)) if asked in _CHOSEN or _NAMES_METHOD.search(plain) else ()),
        *_find_words(plain, asked),
    ]
    if changed := list(_find_changed(plain, asked)):
        found = [*changed, *(fact for fact in found if not _overlaps(fact, changed))]
    whole = [fact for fact in found if fact.kind in _NUMBERED]
    parts = [fact for fact in found if fact.kind in ("sum", "number", "span", "phone") and _overlaps(fact, whole)]
    return sorted((fact for fact in found if fact not in parts), key=lambda fact: fact.start)


def _find_identifiers(plain: str, asked: Kind | None) -> Iterator[Fact]:
    for kind, found in (
        ("identity_number", find_identity_number(plain, asked == "identity_number")),
        ("credit_code", find_credit_code(plain, asked == "credit_code")),
    ):
        if found:
            text, start, end, note = found
            yield Fact.model_validate({"kind": kind, "text": text, "start": start, "end": end, "note": note})


def _find_changed(plain: str, asked: Kind | None) -> Iterator[Fact]:
    """What an answer that only counts where it was asked for is changed to: 种养改成养猪, 公司名写错了，是红星厂."""
    change = _CHANGED_TO.search(plain) if asked else None
    slot = next(iter(find_named(plain[: change.start("new")])), "") if change else ""
    question = load_catalogue().questions.get(slot)
    if change is None or question is None or question.kind == asked or question.kind not in _ONLY_ASKED:
        return
    new = change["new"]
    found = [*find_choices(new, find_method(new)), *find_people(new, is_asked=True), *_find_words(new, question.kind)]
    start = change.start("new")
    for fact in found:
        if fact.role in ("", slot):
            place = {"start": 0, "end": start + fact.end}
            yield fact.model_copy(update={"role": slot, **place})
            return


def _find_words(plain: str, asked: Kind | None) -> Iterator[Fact]:
    """All of the message, where it was asked for in words and is an answer rather than a question."""
    words = find_livelihood(plain) if asked == "livelihood" else find_firm(plain) if asked == "company" else None
    if words and asked and not QUESTION.search(plain) and not _TAKES_BACK.match(plain):
        yield Fact.model_validate({"kind": asked, "text": words.text, "start": words.start, "end": words.end})


def _overlaps(fact: Fact, others: Sequence[Fact]) -> bool:
    return any(fact.start < other.end and other.start < fact.end for other in others)


def _clear_up_overdue(plain: str, asked: Kind | None) -> Iterator[Fact]:
    """The numeric facts; what is said of being overdue with the detail that decides whether it counts."""
    changes_other = _CHANGES.search(plain) and find_named(plain)  # 年限改成10年 is no old debt
    overdue = find_overdue(plain, is_asked=asked == "yes_no" and not changes_other)
    beginning = find_beginning(plain, is_asked=asked == "years")
    for fact in find_facts(plain):
        if fact.role != "has_overdue" and not (beginning and _overlaps(fact, [beginning])):
            yield fact
    if beginning:
        yield beginning
    if overdue:
        yield overdue


def _find_phones(plain: str, asked: Kind | None) -> Iterator[Fact]:
    phones = find_phones(plain)
    if len(phones) > 1:  # 不是138…是139…
        phones = [phone for phone in phones if not _is_taken_back(plain, phone.start, phone.end)] or phones
    if len({phone.number for phone in phones}) > 1:
        yield Fact(kind="phone", note="several", start=phones[0].start, end=phones[-1].end)
    elif phones:
        yield Fact(kind="phone", text=phones[0].number, start=phones[0].start, end=phones[0].end)
    elif asked == "phone" and find_landline(plain):
        yield Fact(kind="phone", note="landline", end=len(plain))


def _is_taken_back(plain: str, start: int, end: int) -> bool:
    return bool(_NOT_BEFORE.search(plain[:start]) or _WRONG_BEHIND.match(plain, end))


def _find_place(plain: str) -> Iterator[Fact]:
    place = find_place(plain)
    if place:
        note = "outside" if place.is_outside else "vague" if place.is_vague else ""
        # Staff read liuhezhen wangjiacun, Wangjia Village in Liuhe Town as 柳河镇王家村.
        text = f"{place.town}{place.village}" if place.is_known and place.text.isascii() else place.text
        yield Fact(kind="place", text=text, note=note, start=place.start, end=place.end)


def _find_name(plain: str, asked: Kind | None) -> Iterator[Fact]:
    name = find_name(plain, is_asked=asked in ("name", "confirmation"))
    if name and name.is_odd and asked == "confirmation":  # looks great is none there, but 我叫安心 is
        name = find_name(plain, is_asked=False)
    if name:
        note = "part" if name.is_partial else "odd" if name.is_odd else ""
        text = name.text.title() if name.text.isascii() else name.text
        yield Fact(kind="name", text=text, note=note, start=name.start, end=name.end)


def _find_purpose(plain: str, asked: Kind | None) -> Iterator[Fact]:
    is_new = asked == "confirmation" and not _TELLS_TRADE.search(plain)
    is_asked = asked == "purpose" or is_new or bool(_CHANGES_USE.search(plain))
    purpose = find_purpose(plain, is_asked=is_asked)
    if purpose is None and asked == "purpose":
        purpose = find_english_purpose(plain)
    if purpose is None and asked in _TOLD_ON:
        clauses = list(_CLAUSE.finditer(plain))
        if len(clauses) > 1 or _BUYS.match(plain):
            told = ((clause.start(), find_purpose(clause[0], is_asked=True)) for clause in clauses)
            for offset, found in told:
                if found and not find_facts(found.text) and not find_place(found.text):
                    yield Fact(
                        kind="purpose",
                        text=found.text,
                        note=found.forbidden,
                        start=offset + found.start,
                        end=offset + found.end,
                    )
                    return
    elif purpose:
        adds = asked != "purpose" and _ADDS.search(plain, 0, purpose.start)
        yield Fact(
            kind="purpose",
            text=purpose.text,
            note=purpose.forbidden,
            start=purpose.start,
            end=purpose.end,
            change="more" if adds else "",
        )


def _find_product(plain: str, asked: Kind | None) -> Iterator[Fact]:
    product = find_product(plain)
    # A trade is also mentioned by the way: 装修店面 is a purpose.
    if product and (product.is_named or asked in _TRADE_TELLS or _IS_TRADE.search(plain)):
        what = _WHAT.match(plain, product.end) if plain[product.end - 1] in _DOES else None
        yield Fact(kind="product", text=product.name, start=product.start, end=what.end() if what else product.end)
