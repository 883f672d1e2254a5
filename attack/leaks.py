"""Customers give away names and numbers in many spellings: no file that the processes wrote holds one of them."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from attack.house import House
from attack.row import Row
from bench.talks import Customer
from kit.phones import HALF_WIDTH_DIGITS

GOAL = 200
FAMILY, GIVEN = ("欧阳", "司马", "皇甫", "上官", "尉迟"), "骞翀翮嫱嬿懿燊犇珮瑄璟甯皓睿祎禛稷筠羿翯臻芮茜荃莘蓁蕙薇"
HAN = "零一二三四五六七八九"
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_PARTED = re.compile(r"[ .,，·-]")
_NUMBERS = re.compile(r"(?:[0-9][ .,，·-]?){10,}[0-9xX]")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Person:
    """Somebody whose data can be recognised anywhere."""

    name: str
    phone: str
    identity: str
    card: str


async def find_leaks(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row: a try is one person's conversation; then everything is searched for all of them."""
    row, people = Row("leaks: persons told of", GOAL, seconds * 0.8), []
    while row.next_try():
        person = make_person(dice)
        people.append(person)
        await tell(dice, house, person)
    await asyncio.sleep(1.0)
    for problem in search(house.list_files(), people):
        row.fail(problem, "stands in the open")
    return [row]


async def tell(dice: Random, house: House, person: Person) -> None:
    """An application, and everything else that a customer might say beside it."""
    phone, identity, card = (dice.choice(spell(n)) for n in (person.phone, person.identity, person.card))
    asides = [
        f"我的身份证是{identity}",
        f"身份证{identity}，帮我{person.name}查一下",
        f"卡号{card}能不能用",
        f"打{phone}给我，我叫{person.name}",
        f"{person.name}的卡是{card}，手机{phone}，身份证号码：{identity}",
    ]
    dice.shuffle(asides)
    form = [
        "我要申请贷款",
        "同意",
        "农户贷",
        "5万",
        "一年",
        "买化肥",
        "柳河镇",
        f"我叫{person.name}",
        person.phone,
        "提交",
    ]
    async with Customer(house.url("gateway")) as customer:
        for words in (
            *form[:5],
            asides[0],
            *form[5:],
            *asides[1:],
            f"转人工，我是{person.name}，打{phone}",
            phone,
            identity,
        ):
            await customer.say(words)
    user = f"leak-{dice.getrandbits(60):x}"
    house.wechat.allow(message := house.wechat.text(user, asides[-1]))
    query, body = house.wechat.pack(message)
    async with Customer(house.url("gateway")) as customer:
        await customer._client.post("/wechat", params=query, content=body)


def make_person(dice: Random) -> Person:
    """With a name nobody else has, and numbers that are right."""
    digits = "".join(dice.choices("0123456789", k=20))
    name = dice.choice(FAMILY) + "".join(dice.sample(GIVEN, 2))
    identity = f"34010419{dice.randrange(50, 99)}{dice.randrange(1, 13):02}{dice.randrange(1, 29):02}{digits[:3]}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    last = "10X98765432"[sum(int(d) * w for d, w in zip(identity, weights, strict=True)) % 11]
    return Person(name, f"13{digits[3:12]}", identity + last, f"622202{digits[:13]}")


def spell(number: str) -> list[str]:
    """How people write a number."""
    groups = [number[:3], number[3:7], number[7:]] if len(number) == 11 else re.findall(".{1,4}", number)
    if len(number) == 18:
        groups = [number[:6], number[6:14], number[14:]]
    han = "".join(HAN[int(sign)] if sign.isdigit() else sign for sign in number)
    return [
        number,
        " ".join(groups),
        "-".join(groups),
        ".".join(groups),
        number.translate(WIDE),
        han,
        "，".join(groups),
    ]


def search(paths: Iterable[Path], people: Iterable[Person]) -> Iterator[str]:
    """Where something of somebody stands, however it is spelt; also as JSON writes it."""
    people = list(people)
    for path in paths:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), path.read_bytes().decode(errors="replace"))
        plain = text.translate(HALF_WIDTH_DIGITS)
        numbers = " ".join(_PARTED.sub("", run).upper() for run in _NUMBERS.findall(plain))
        for person in people:
            for name in (person.name, person.name[2:]):
                if name in text:
                    yield f"{path.name}: the name {name}"
            for number in (person.phone, person.identity, person.card):
                if number in numbers:
                    yield f"{path.name}: the number {number}"
