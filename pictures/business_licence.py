"""A business licence of a firm or a sole trader."""

from documents.schemas import Value
from kit.identity_numbers import is_credit_code
from pictures.lines import CERTAIN, Page, read_date
from pictures.repairs import TRIES_MAX, list_repairs

# Letters that no credit code has, and what they were.
_MISTAKEN = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "UY"}
DOUBTFUL_MAX = 3  # such letters in a code
_LABELS = "名称|类型|法定|经营|住所|营业|注册|成立|组成|登记|投资|执行|负责人|主要"
_WORD = f"(?!{_LABELS})[一-鿿0-9A-Za-z()&·\\-]+"  # none: the value of the label before is missing
_TEXTS = {
    "company": f"(?:名 ?称|字 ?号 ?名 ?称) ?:? ?({_WORD})",
    "company_type": f"类 ?型 ?:? ?({_WORD})",
    "address": f"(?:住 ?所|经 ?营 ?场 ?所|营 ?业 ?场 ?所) ?:? ?({_WORD})",
}


def read_licence(page: Page) -> dict[str, Value]:
    """company, credit_code, legal_person, company_type, address, founded_on; empty without certain name and code."""
    code = find_code(page)
    fields: dict[str, Value] = {"credit_code": code} if code else {}
    for name, pattern in _TEXTS.items():
        if (found := page.find(pattern)) and (whole := page.extend(found, _LABELS)).is_certain:
            fields[name] = whole.text
    person = page.find(
        "(?:法 ?定 ?代 ?表 ?人|经 ?营 ?者|负 ?责 ?人|投 ?资 ?人) ?:? ?([一-鿿]{2,4}(?:·[一-鿿]{1,10})*)(?= |\n|$)"
    )
    if person and person.is_certain:
        fields["legal_person"] = person.text
    day = page.find(r"(?:成 ?立|注 ?册|组 ?成) ?日 ?期 ?:? ?(\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日)")
    if day and day.is_certain and (founded_on := read_date(day.text)):
        fields["founded_on"] = founded_on.isoformat()
    return fields if {"company", "credit_code"} <= fields.keys() else {}


def find_code(page: Page) -> str | None:
    """The one credit code whose check character is right.

    Up to three letters that no code has are repaired if only one code comes of it: 30 of 31 wrong ones would fail the
    check.
    """
    right: set[str] = set()
    tries = 0
    for found in page.find_all("(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])"):
        doubtful = {place: _MISTAKEN[letter] for place, letter in enumerate(found.text) if letter in _MISTAKEN}
        repaired = list_repairs(found.text, doubtful, DOUBTFUL_MAX)
        tries += len(repaired)
        if tries > TRIES_MAX:
            return None
        codes = {code for code in repaired if is_credit_code(code)}
        if found.confidence >= CERTAIN and len(codes) == 1:
            right |= codes
    return right.pop() if len(right) == 1 else None
