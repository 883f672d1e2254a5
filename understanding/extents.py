"""Widens each fact from its number to all the words that state it; what else a message says is the rest."""

import re
from collections.abc import Mapping, Sequence

from understanding.schemas import Fact

_BEFORE = re.compile(
    "(?:不到|没到|没有|不足|不满|不止|不超过|超过|至少|起码|最少|最多|最低|最高|顶多|撑死|大概|大约|差不多|约|将近|"
    "接近|近|快|马上|"
    "再|加|添|多|少|减|增加|减少|降低?|延长|缩短|改成|改为|改到|改|换成|降到|加到|提高到|提到|调到|亏了?|赔了?|负|-|"
    "一共|总共|合计|其中|其实|应该|估计|可能|也就|就|才|刚|还|有|是|个|了|能|在|到|满|现在|目前|"
    "大概是|我们?|俺们?|咱们?|家里?|一年|每年|每个?月|一个月|about|around|some|only|just|than|more|less|at least|"
    "for|的|:| )*+$"
)
_BEHIND = re.compile(
    "(?:元|块钱?|钱|亩|地|左右|上下|多|出头|以上|以内|之内|以下|往上|不到|没有(?=$|[ ,，。])|有余|的样子|样子|光景|"
    "整|一共|总共|加起来|"
    "还?没还清?|就行|就够|就好|够了|行了|吧|呢|啊|呀|哦|哈|嘛|了|的|"
    "(?<![a-z])(?:or so|each|per|a year|a month|yuan|of land|of)(?![a-z])| )*+"
)
_REACH = 24


def widen(
    text: str, facts: Sequence[Fact], words: Mapping[int, tuple[int, int]], retracted: Sequence[tuple[int, int]]
) -> list[Fact]:
    """The facts with their places widened, still from left to right and apart from each other.

    `words`: by the place of a fact, from where to where its number and the words that name it reach. `retracted`:
    what the message took back, which goes with the value that replaces it.
    """
    widened: list[Fact] = []
    since = 0
    for place, fact in enumerate(facts):
        until = facts[place + 1].start if place + 1 < len(facts) else len(text)
        start, end = words.get(fact.start, (fact.start, fact.end))
        start = min([max(start, since), *(s for s, e in retracted if since <= s and e <= fact.start)])
        end = max([end, *(e for s, e in retracted if fact.end <= s and place + 1 == len(facts))])
        before, behind = (
            _BEFORE.search(text, max(since, start - _REACH), start),
            _BEHIND.match(text, min(end, until), until),
        )
        start, end = before.start() if before else start, behind.end() if behind else end
        start += len(text[start:end]) - len(text[start:end].lstrip())
        widened.append(fact.model_copy(update={"start": start, "end": end}))
        since = end
    return widened
