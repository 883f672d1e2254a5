"""Which answers a customer wants to change without saying yet to what: 改金额, 电话写错了, 地址不对."""

import re
from functools import cache

from forms.catalogue import load_catalogue

CORRECTS = re.compile(
    r"改[成为到一下]?|换成|更正|纠正|不对|不是|错了|[搞弄写填说记算打选输][错岔反混漏]|[少多漏]打了|[写填]成(?:了|别的)|不太对|有误|不一样|有出入|其实|应该是|重新说|刚才说的|多报|少报|漏[说报了]"
    r"|降到|减到|加到|提高到|提到|涨到|再[加多借]|多借|少借|多贷|少贷|增加|减少|[加减]?多点|少点"
    r"|actually|instead|should be|change .* to"
)
_BEFORE = "(?:我|俺)?(?:想|要|得|需要)?(?:再)?(?:把|将)?"
_CHANGE = "(?:修改|更改|更正|改|换|调整|重[新]?填|edit|change)(?:一?下|个)? ?(?:我的?|那个)?"
_IS_WRONG = "(?:我|刚才|前面|是|有点)*(?:[写填打说弄选搞记输]?错了?|不对|有误|不正确|要改|改一?下|想改|要换|得改|改改)"
_BEHIND = "(?:了|吧|一?下|哈|啊|的|错了)*"
_IS_RIGHT = re.compile("[^,，。 ]{1,8}(?:没错|没有?问题|(?<!不)对的?|不用?改|不变)(?=[,，。 ]|$)")
_IN_ENGLISH = (
    "(?:edit|change|correct):? (?:the |my )?({words})(?: number)?"
    "|(?:the |my )?({words})(?: number)? (?:is|was) (?:wrong|not right|incorrect)"
)


def find_edits(plain: str) -> tuple[str, ...]:
    """The slots that the whole message names to be changed, the longest word first."""
    found: dict[str, int] = {}
    for slot, pattern in _compile():
        match = pattern.fullmatch(plain.strip(" 。.!！,，"))
        if match:
            found[slot] = len(next(group for group in match.groups() if group))
    return tuple(sorted(found, key=lambda slot: -found[slot]))


def find_named(plain: str) -> tuple[str, ...]:
    """The slots whose words a message holds, the longest word first: 街名错了 西街地址.

    Not those that it says are right: 名字没错，电话错了.
    """
    plain = _IS_RIGHT.sub("", plain)
    found = {slot: max((len(word) for word in words if word in plain), default=0) for slot, words in _list_words()}
    return tuple(sorted((slot for slot in found if found[slot]), key=lambda slot: -found[slot]))


def find_slot(plain: str) -> str:
    """The slot whose word the whole message is; "" for none."""
    return next((slot for slot, words in _list_words() if plain.strip(" 。.!！,，") in words), "")


@cache
def _list_words() -> tuple[tuple[str, tuple[str, ...]], ...]:
    questions = load_catalogue().questions.values()
    return tuple((question.slot, (question.label, *question.words)) for question in questions if question.words)


@cache
def _compile() -> tuple[tuple[str, re.Pattern[str]], ...]:
    questions = [question for question in load_catalogue().questions.values() if question.words]
    return tuple((question.slot, _compile_words((question.label, *question.words))) for question in questions)


def _compile_words(names: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(sorted(names, key=len, reverse=True))
    return re.compile(
        f"{_BEFORE}{_CHANGE}({words}){_BEHIND}|(?:我的?|那个|刚才的?)?({words}){_IS_WRONG}{_BEHIND}"
        f"|{_IN_ENGLISH.format(words=words)}"
    )
