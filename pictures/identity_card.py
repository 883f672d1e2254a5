"""Both sides of an identity card.

A number is taken only if its check digit is right and the birthday and sex printed beside it agree. The check digit
finds every single wrong digit, but passes one in eleven of other mistakes; so the birthday, eight of the eighteen
digits, is the second witness. Repaired is only what cannot be right as it stands: one or two letters among the digits,
or one digit of the birthday that the printed one contradicts; never where two repairs would do, and never where more
is doubtful: that number was not read.
"""

from datetime import date

from documents.schemas import Value
from kit.identity_numbers import read_identity_number
from pictures.lines import Page, read_date
from pictures.repairs import TRIES_MAX, list_repairs

# Letters that are read where a digit stands, and the digits they may be.
MISTAKEN = {
    "O": "0",
    "Q": "0",
    "D": "0",
    "U": "0",
    "I": "1",
    "L": "1",
    "|": "1",
    "!": "1",
    "Z": "2",
    "S": "5",
    "G": "69",
}
MISTAKEN |= {"B": "8", "A": "4", "T": "17", "Y": "7", "E": "3", "?": "27", "·": "", ".": ""}
# Digits that are taken for each other.
ALIKE = {frozenset(pair) for pair in ("08", "06", "17", "35", "38", "56", "58", "68", "89", "27", "49", "09", "39")}
REPAIRABLE = 0.8  # the confidence that the rest of a line with a letter in it needs
DOUBTFUL_MAX = 2  # letters among the digits
ALONE = 0.97  # the confidence that a number needs where no birthday can be read beside it
_LABELS = "姓名|性别|民族|出生|住址|公民|身份号码"
_NUMBER = r"(?<![0-9A-Z])[0-9A-Z|!?.· ]{18,24}(?![0-9A-Z])"


def read_front(page: Page) -> dict[str, Value]:
    """name, id_number, address, birth_date, sex; empty without a certain number."""
    birthday, sex = _find_birthday(page), page.find("性 ?别 ?([男女])")
    number = find_number(page, birthday, sex.text if sex else None)
    if number is None or (told := read_identity_number(number)) is None:
        return {}
    fields: dict[str, Value] = {
        "id_number": number,
        "birth_date": told.birthday.isoformat(),
        "sex": tell_sex(number),
    }
    name = page.find("姓 ?名 ?([一-鿿]{1,10}(?:·[一-鿿]{1,10})*)(?= |\n|$)")
    if name and name.is_certain and len(name.text) > 1:
        fields["name"] = name.text
    address = page.find(r"住 ?址 ?([一-鿿0-9A-Za-z#\-()]+)")
    if address and (whole := page.extend(address, _LABELS)).is_certain:
        fields["address"] = whole.text
    return fields


def read_back(page: Page) -> dict[str, Value]:
    """issued_by and valid_until (a date, or 长期); empty unless both are certain."""
    authority = page.find("签 ?发 ?机 ?关 ?([一-鿿]+)")
    day = r"\d{4}\.\d{2}\.\d{2}"
    validity = page.find(rf"({day} ?[-—一~] ?(?:{day}|长 ?期))")
    if not (authority and validity and authority.is_certain and validity.is_certain):
        return {}
    since, until = read_date(validity.text[:10]), read_date(validity.text.replace(" ", "")[-10:])
    if since is None:
        return {}
    if validity.text.endswith("期"):
        return {"issued_by": authority.text, "valid_until": "长期"}
    # A card is valid for 5, 10 or 20 years to the day: anything else was misread.
    if (
        until is None
        or until.year - since.year not in (5, 10, 20)
        or (until.month, until.day) != (since.month, since.day)
    ):
        return {}
    return {"issued_by": authority.text, "valid_until": until.isoformat()}


def find_number(page: Page, birthday: date | None, sex: str | None) -> str | None:
    """The one number on the page that everything printed agrees with; None without, or with several."""
    agreeing: set[str] = set()
    tries = 0
    for found in page.find_all(_NUMBER):
        text = found.text.replace(" ", "").upper()
        if len(text) != 18:
            continue
        repaired = _list_repairs(text, birthday) if found.confidence >= REPAIRABLE else []
        tries += 1 + len(repaired)
        if tries > TRIES_MAX:
            return None
        right = {number for number in repaired if _agrees(number, birthday, sex)}
        if _agrees(text, birthday, sex) and (birthday or found.confidence >= ALONE):
            agreeing.add(text)
        elif len(right) == 1:
            agreeing |= right
    return agreeing.pop() if len(agreeing) == 1 else None


def tell_sex(number: str) -> str:
    """As the last but one digit tells it."""
    return "男" if int(number[16]) % 2 else "女"


def _agrees(number: str, birthday: date | None, sex: str | None) -> bool:
    told = read_identity_number(number)
    return told is not None and birthday in (None, told.birthday) and sex in (None, tell_sex(number))


def _list_repairs(text: str, birthday: date | None) -> list[str]:
    """Numbers that the text may have been; none unless a birthday can confirm them."""
    if birthday is None:
        return []
    letters = [
        place for place, character in enumerate(text) if not character.isdigit() and (place, character) != (17, "X")
    ]
    if letters:
        return list_repairs(text, {place: MISTAKEN.get(text[place], "") for place in letters}, DOUBTFUL_MAX)
    printed = f"{birthday:%Y%m%d}"
    differing = [frozenset(pair) for pair in zip(text[6:14], printed, strict=True) if pair[0] != pair[1]]
    return [text[:6] + printed + text[14:]] if len(differing) == 1 and differing[0] in ALIKE else []


def _find_birthday(page: Page) -> date | None:
    found = page.find(r"(\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2}) ?日?")
    return read_date(found.text) if found and found.confidence >= REPAIRABLE else None
