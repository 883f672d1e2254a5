"""Identity cards: what agrees is read, what is doubtful is refused."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.identity_numbers import find_identity_check, read_identity_number
from pictures.identity_card import MISTAKEN, read_back, read_front
from pictures.repairs import TRIES_MAX
from tests.pictures.made_up import Person, make_up_person
from tests.pictures.pages import make_page

# 990123 1985-06-17, a woman.
DIGITS = "99012319850617412"
NUMBER = DIGITS + find_identity_check(DIGITS)


def write_card(number: str = NUMBER, birth: str = "1985年6月17日", sex: str = "女", name: str = "李秀英") -> str:
    return f"""
姓名  {name}
性别  {sex}    民族  汉
出生  {birth}
住址  清泉省白石市柳溪县柳溪镇
      南湾村3组12号
公民身份号码  {number}
"""


def test_a_card_is_read() -> None:
    assert read_front(make_page(write_card())) == {
        "id_number": NUMBER,
        "birth_date": "1985-06-17",
        "sex": "女",
        "name": "李秀英",
        "address": "清泉省白石市柳溪县柳溪镇南湾村3组12号",
    }


@pytest.mark.parametrize(
    ("what", "card"),
    [
        ("a wrong check digit", write_card(DIGITS + "0")),
        ("a digit too few", write_card(NUMBER[:-1])),
        ("a digit too many", write_card(NUMBER + "1")),
        ("digits under a finger", write_card(f"{NUMBER[:8]}  {NUMBER[12:]}")),
        ("another birthday beside it", write_card(birth="1986年9月17日")),
        ("another sex beside it", write_card(sex="男")),
        ("two numbers", write_card() + write_card(DIGITS[:14] + "436" + find_identity_check(DIGITS[:14] + "436"))),
        ("no number", write_card("")),
    ],
)
def test_what_is_not_certain_is_refused(what: str, card: str) -> None:
    assert read_front(make_page(card)) == {}, what


@pytest.mark.parametrize(
    ("read", "birth", "is_read"),
    [
        (NUMBER.replace("0", "O"), "1985年6月17日", True),
        (NUMBER.replace("5", "S"), "1985年6月17日", True),
        (NUMBER.replace("0", "O"), "", False),  # nothing confirms the repair
        (NUMBER[:9] + "6" + NUMBER[10:], "1985年6月17日", True),  # 5 and 6 look alike, and the birthday says 5
        (NUMBER[:8] + "0" + NUMBER[9:], "1985年6月17日", True),
        (NUMBER[:6] + "2" + NUMBER[7:], "1985年6月17日", False),  # 1 and 2 do not
        (NUMBER[:14] + "7" + NUMBER[15:], "1985年6月17日", False),  # nothing says what stands there
        ("?" + NUMBER[1:], "1985年6月17日", False),
        (NUMBER[:14] + "I" + NUMBER[15:], "1985年6月17日", False),  # a 4 stood there
        ("QQ" + NUMBER[2:], "1985年6月17日", False),
        (NUMBER.replace("0", "O").replace("5", "S"), "1985年6月17日", False),  # three letters: it was not read
    ],
)
def test_only_what_two_witnesses_confirm_is_repaired(read: str, birth: str, is_read: bool) -> None:
    fields = read_front(make_page(write_card(read, birth)))
    assert fields.get("id_number") == (NUMBER if is_read else None)


@pytest.mark.parametrize("line", ["G" * 18, "990123BGGTT17GGTT2", NUMBER.replace("0", "O")])
def test_a_page_made_to_keep_us_busy_does_not(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def read(number: str) -> Any:
        tried.append(number)
        return read_identity_number(number)

    monkeypatch.setattr("pictures.identity_card.read_identity_number", read)
    lines = "\n".join(line for _ in range(40 if line.count("O") else 3)) + "\n" + "\n".join([DIGITS + "0"] * 200)
    assert read_front(make_page(f"出生  1985年6月17日\n{lines}")) == {}
    assert len(tried) <= 2 * TRIES_MAX


def test_without_a_birthday_the_number_itself_must_be_very_sure() -> None:
    assert read_front(make_page(write_card(birth=""), 0.98))["id_number"] == NUMBER
    assert read_front(make_page(write_card(birth=""), 0.95)) == {}


def test_an_unsure_name_is_left_out() -> None:
    fields = read_front(make_page(write_card(), 0.85))
    assert fields == {"id_number": NUMBER, "birth_date": "1985-06-17", "sex": "女"}


people = st.integers(0, 10_000).map(lambda seed: make_up_person(Random(seed)))  # noqa: S311 (repeatable on purpose)


def write_person(person: Person, number: str) -> Any:
    day = person.birth_date
    return make_page(write_card(number, f"{day.year}年{day.month}月{day.day}日", person.sex, person.name))


@given(people)
def test_everybody_is_read(person: Person) -> None:
    fields = read_front(write_person(person, person.id_number))
    assert (fields["id_number"], fields["name"]) == (person.id_number, person.name)


@given(people, st.integers(0, 17), st.sampled_from("0123456789X" + "".join(MISTAKEN)))
def test_one_misread_character_never_makes_another_number(person: Person, place: int, read: str) -> None:
    number = person.id_number[:place] + read + person.id_number[place + 1 :]
    assert read_front(write_person(person, number)).get("id_number") in (None, person.id_number)


@given(people, st.text(alphabet="0123456789XOIBS?· \n", max_size=40))
def test_whatever_is_read_a_number_given_is_valid_and_agrees(person: Person, read: str) -> None:
    number = str(read_front(write_person(person, read)).get("id_number", person.id_number))
    assert number[17] == find_identity_check(number[:17])
    assert number[6:14] == f"{person.birth_date:%Y%m%d}"


@pytest.mark.parametrize(
    ("validity", "until"),
    [
        ("2016.02.24-2036.02.24", "2036-02-24"),
        ("2016.02.24-长期", "长期"),
        ("2016.02.24 - 2026.02.24", "2026-02-24"),
        ("2016.02.24-2037.02.24", None),  # no card is valid for 21 years
        ("2016.02.24-2036.02.25", None),
        ("2016.02.31-2036.02.31", None),
    ],
)
def test_backs(validity: str, until: str | None) -> None:
    page = make_page(f"中华人民共和国\n居民身份证\n签发机关  柳溪县公安局\n有效期限  {validity}")
    assert read_back(page) == ({"issued_by": "柳溪县公安局", "valid_until": until} if until else {})


def test_an_unsure_back_is_refused() -> None:
    page = make_page("签发机关  柳溪县公安局\n有效期限  2016.02.24-2036.02.24", 0.8)
    assert read_back(page) == {}
