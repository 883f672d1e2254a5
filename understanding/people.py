"""Finds how many people a message counts: 4口人, 一家五口, 就我和老婆俩, 8个员工, 没请人."""

import re
from collections.abc import Iterator

from kit.numerals import read_numeral
from understanding.schemas import Fact

HOUSEHOLD, STAFF = "household_size", "staff_count"
_FEW = {"俩": 2, "仨": 3}
_NUMBER = "(?P<number>[0-9]{1,4}|[俩仨]|[一二两三四五六七八九十百]{1,4})"
_LEAD = "(?:一共|总共|共|就|有|是|大概|差不多|大小|老小|老少|请了?|雇了?|招了?| )*"
_HOME = "(?:一家|全家|家里|我们?家|家人|屋里)"
_WORKERS = "(?:员工|工人|职工|雇工|伙计|帮工|师傅|服务员|人上班|人干活|人做事)"
_OF = "(?:来|多)?(?:个|名|位)?"
_COUNTED = (
    (HOUSEHOLD, re.compile(rf"(?:{_HOME}{_LEAD})?{_NUMBER}个?(?:口子|口人|口)(?!井|猪|塘|锅)")),
    (STAFF, re.compile(rf"{_LEAD}{_NUMBER}{_OF}{_WORKERS}")),
    (HOUSEHOLD, re.compile(rf"{_HOME}{_LEAD}{_NUMBER}{_OF}人")),
    ("", re.compile(rf"{_LEAD}{_NUMBER}{_OF}人(?!民)")),
)
# Said without a number, in answer to the question.
_SAID: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile("(?:就|只有|只)?我?(?:自己)?一个(?:人)?(?:过|住|生活|干)?|就?我自己|光棍")),
    (
        2,
        re.compile(
            "(?:就|只有)?我?们?(?:两口子|小两口|老两口|夫妻俩|夫妻两个?人?|夫妻店"
            "|我?(?:和|跟|与)我?(?:老婆|老公|媳妇|爱人|老伴|对象)(?:俩|两个?人?)?)"
        ),
    ),
)
_NO_STAFF = re.compile(
    rf"(?:没有?|不|没得|冇|无)(?:请|雇|招)?(?:一个|别的|什么|其他)?(?:{_WORKERS}|人|工)|(?:没有?|不)(?:请|雇|招)$"
)
_ENDING = re.compile("[吧啊呀哦呢的了,，。.!！ ]*$")


def find_people(plain: str, is_asked: bool) -> Iterator[Fact]:
    """Numbers of people in a normalised text, with the slot that their word names; 0 for no staff.

    `is_asked`: the message answers a question for people; words without a number count only then.
    """
    if none := _NO_STAFF.search(plain):
        yield _make(0, STAFF, *none.span())
        return
    taken = 0
    for role, pattern in _COUNTED:
        for found in pattern.finditer(plain, taken):
            count = _read(found["number"])
            if count and (role or is_asked):
                taken = max(taken, found.end())
                yield _make(count, role, *found.span())
    if is_asked and not taken:
        for count, said in _SAID:
            if (whole := said.match(plain)) and _ENDING.match(plain, whole.end()):
                yield _make(count, "", *whole.span())
                return


def _read(number: str) -> int:
    numeral = None if number in _FEW else read_numeral(number, 0)
    return int(numeral.high) if numeral else _FEW.get(number, 0)


def _make(count: int, role: str, start: int, end: int) -> Fact:
    return Fact(kind="people", role=role, low=count, high=count, start=start, end=end)
