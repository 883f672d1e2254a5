"""Finds what a customer is called in what they write."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from kit.phones import find_phones
from understanding.name_forms import HAN, is_given_name, is_possible, is_title, judge_name, split_surname, strip_title
from understanding.normalise import simplify
from understanding.place_patterns import QUESTION
from understanding.places import find_place


class Name(NamedTuple):
    """A name as text[start:end] writes it.

    `is_odd`: it may be no full name, or not the customer's, and is better asked about once (王先生, 安心, John Smith,
    我老公叫李强). `is_partial`: only what
    is to be changed in a name said before (不是秀英是秀梅).
    """

    text: str
    start: int
    end: int
    is_odd: bool = False
    is_partial: bool = False


# Words before a name. The weak ones also stand before trades and places.
_STRONG = (
    "(?:我的?|本人的?)?(?:全名|真名|本名|大名|名字|姓名|户主|申请人|借款人|联系人)(?:[写填弄搞打]?错了)?"
    "(?:[是叫为写填:,。 ]|应该|改[成为]?|换成)+"
    "|[我俺咱]叫做?|本人叫|名叫|(?:叫|称呼)[我俺](?!们)"
    "|my name is|i am called|call me|name:"
)
_OTHERS = (
    "(?:老公|老婆|老伴|爱人|丈夫|妻子|婆娘|儿子|女儿|闺女|媳妇|儿媳|女婿|父亲|母亲|爸爸?|妈妈?|爹|娘|对象|当家的"
    "|[大小]?(?:哥哥?|弟弟?|姐姐?|妹妹?|叔叔?|舅舅?)|爷爷?|奶奶?|合伙人|老板)"
)
_OTHER = f"(?:[我俺]?(?:们?家的?)?{_OTHERS}的?(?:名字)?(?:叫做?|名叫|[,， ])|[他她](?:的?名字)?叫做?)"
_WEAK = (
    "[我俺咱]是|本人(?:就?是)?|这[里边]?是|就叫|[写填叫]的?是?|改[成为]|换成|应该是|(?<!不)就是"
    "|[全真本大姓]名|名字|户主|申请人|借款人|联系人|i am|i'm|this is"
)
_OF_OTHERS = re.compile(f"[我俺]们?家?的?{_OTHERS}")
_LEAD = re.compile(f"(?:(?P<other>{_OTHER})|(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))[, ]*", re.IGNORECASE)
# What may follow a name without a space.
_ENDS = re.compile(
    r"$|[^\w·]|[0-9a-z]|[我俺]|想|要|电话|手机|身份证|号码|今年|[家住]在?|来自|是我|就是|不[是叫]|你|谢谢|的(?:电话|手机)"
    r"|[吧啊呀哈哦嗯呢啦咯嘛](?:$|\W)|先生|女士",
    re.IGNORECASE,
)
# 不是秀英是秀梅, 最后一个字是梅花的梅.
_CHANGED = re.compile(
    f"(?:不是|不叫)(?P<old>{HAN}{{1,4}}?)[,。 ]*(?:而?是|应该是|叫|改成|[,。 ])(?P<new>{HAN}{{1,4}})[吧啊呀]?[。!]*$"
)
# 是秀梅不是秀英
_CHANGED_BACK = re.compile(
    f"^(?:应该)?是(?P<new>{HAN}{{2,4}}?)[,，。 ]*(?:而)?不是(?P<old>{HAN}{{1,4}})[吧啊呀]?[。!]*$"
)
_CHARACTER = re.compile(
    "(?:最后|后面|中间|第[二三]个?|名字)(?:[一那]?个)?字(?:[写打]?错了?[, ]*)?(?:应该)?是"
    f"(?:{HAN}{{1,3}}的)?(?P<new>{HAN})[。!]*$"
)
_SURNAME_ONLY = re.compile(f"(?:[我俺]?(?:免贵)?姓|免贵)(?P<name>{HAN}{{1,2}})[。!]*$")
_FILLER = re.compile(r"(?:[\s,。;:、!()+\-]|[的我是叫]|你好|您好|姓名|名字|电话|手机号?码?|号码|地址|住|在|家|村里?)*")
_SPACED = re.compile(f"{HAN}(?:[ \u3000]+{HAN}){{1,3}}")
_CLAUSE = re.compile("[^,，。;；!！?？\\n]+")
_LATER = re.compile("[吧啊呀哈哦嗯呢啦咯嘛]+$")


def find_name(text: str, is_asked: bool) -> Name | None:
    """The name in a message, in its own spelling or normalised; `is_asked`: the message answers the question for it.

    Unasked, only a name that is introduced (我叫…) or stands beside a place or a telephone number is found. None in
    questions and where several names may be meant.
    """
    plain = simplify(text)
    if QUESTION.search(plain):
        return None
    found = _find_change(plain) or _find_led(plain, is_asked) or _find_beside(plain)
    if found is None and is_asked:
        found = _find_whole(plain)
        if found and _OF_OTHERS.search(plain):  # 李强 我老公
            found = found._replace(is_odd=True)
    return found and found._replace(text=text[found.start : found.end])


def list_introduced(text: str) -> list[str]:
    """The names of the customer and of others that are introduced in any clause, even of a question: to be hidden."""
    clauses = _CLAUSE.finditer(text)
    found = [
        (clause, _find_led(plain, True) or _find_beside(plain)) for clause in clauses if (plain := simplify(clause[0]))
    ]
    return [clause[0][name.start : name.end] for clause, name in found if name]


def _find_change(plain: str) -> Name | None:
    if changed := _CHANGED.search(plain) or _CHANGED_BACK.match(plain):
        old, new = changed["old"], changed["new"]
        if (
            judge_name(new) == "name"
            and split_surname(new)[0]
            and not (len(old) == len(new) == 2 and is_given_name(old))
        ):
            return _make(new, changed.start("new"))
        is_partial = len(old) == len(new) and is_given_name(old) and is_given_name(new)
        return Name(new, *changed.span("new"), is_partial=True) if is_partial else None
    character = _CHARACTER.search(plain)
    return Name(character["new"], *character.span("new"), is_partial=True) if character else None


def _find_led(plain: str, is_asked: bool) -> Name | None:
    """A name after 我叫, 我是, 姓名: and the like."""
    if surname := _SURNAME_ONLY.search(plain):
        name = surname["name"]
        return Name(name, *surname.span("name"), is_odd=True) if split_surname(name + "某")[0] == name else None
    # 我爸叫李建国，我叫李明: one's own name first.
    for lead in sorted(_LEAD.finditer(plain), key=lambda lead: lead["other"] is not None):
        if lead["other"] and not is_asked:
            continue
        is_strong = lead["weak"] is None
        candidates = list(_list_candidates(plain, lead.end(), "的" if is_strong else ""))
        # 我叫李长根家住…: a name that is cut well goes before a longer one that may be one.
        verdicts = {candidate: judge_name(candidate) for candidate in candidates}
        for candidate in sorted(candidates, key=lambda candidate: verdicts[candidate] != "name"):
            may_be = verdicts[candidate] == "odd" and (is_strong or is_asked)
            if verdicts[candidate] == "name" or may_be or (is_strong and is_possible(candidate)):
                name = _make(candidate, lead.end())
                return name._replace(is_odd=True) if lead["other"] else name
    return None


def _find_beside(plain: str) -> Name | None:
    """A name beside a place or a number, where little else is said: 石桥镇下河村 李长根 13700004321."""
    spans = [(phone.start, phone.end) for phone in find_phones(plain)]
    place = find_place(plain.lower()) if len(plain.lower()) == len(plain) else None
    if place:
        spans.append((place.start, place.end))
        after = _FILLER.match(plain, place.end)
        begin = after.end() if after else place.end
        is_joined = plain[place.end : begin].strip() in ("", "的", "的,") and begin > place.end
        for candidate in _list_candidates(plain, begin) if is_joined else ():
            if judge_name(candidate) == "name":
                return _make(candidate, begin)
    rest = plain
    for start, end in spans:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    words = [word for word in re.finditer(r"[^\s,。;:、!]+", rest) if not _FILLER.fullmatch(word[0])]
    if spans and len(words) == 1 and judge_name(words[0][0]) == "name":
        return _make(words[0][0], words[0].start())
    return None


def _find_whole(plain: str) -> Name | None:
    """A message that is a name, or has one between commas."""
    start = len(plain) - len(plain.lstrip(" ,。"))
    core = _LATER.sub("", plain.strip(" ,。!~"))
    if core[:1] in ("我", "俺"):
        start, core = start + 1, core[1:]
    if _SPACED.fullmatch(core) and judge_name(re.sub("[ \u3000]", "", core)) == "name":
        return Name(core, start, start + len(core))
    for candidate in (core, strip_title(core)):
        if judge_name(candidate) != "none":
            return _make(strip_title(candidate), start)
    words = [
        word
        for word in re.finditer(f"(?<![0-9a-z])(?:{HAN}|[·.])+(?![0-9a-z])", plain)
        if judge_name(word[0]) == "name"
    ]
    return _make(words[0][0], words[0].start()) if len(words) == 1 else None


def _list_candidates(plain: str, start: int, tail: str = "") -> Iterator[str]:
    """What may be a name at an offset: all up to the next mark but `tail`, then 4 to 2 characters that end well."""
    run = re.match(f"(?:{HAN}|[·.])+|[a-z][a-z'. -]*[a-z]", plain[start:], re.IGNORECASE)
    if run is None or re.match(_OTHERS, run[0]):  # 叫我儿子来
        return
    whole = _LATER.sub("", run[0].strip(".")).removesuffix(tail)
    yield strip_title(whole)
    for length in (4, 3, 2):
        if length < len(run[0]) and _ENDS.match(plain, start + length):
            yield run[0][:length]


def _make(name: str, start: int) -> Name:
    return Name(name, start, start + len(name), is_odd=judge_name(name) != "name" or is_title(name))
