"""Which paper a page is, by the words that stand on it, and how each is read."""

import re
from collections.abc import Callable, Mapping

from documents.schemas import DocumentKind, Value
from pictures.bank_statement import read_statement
from pictures.business_licence import read_licence
from pictures.identity_card import read_back, read_front
from pictures.land_contract import read_contract
from pictures.lines import Page

# As many of these words as the number says make a page one of the kind; the kind with most of them has it.
WORDS: Mapping[DocumentKind, tuple[int, str]] = {
    "business_licence": (2, "营业执照|统一社会信用代码|法定代表人|经营范围|经营场所|登记机关|成立日期|注册资本|经营者"),
    "land_contract": (2, "承包|流转|发包方|承包方|土地|面积|亩|地块|经营权"),
    "bank_statement": (3, "明细|流水|户名|账号|帐号|卡号|余额|收入|支出|借方|贷方|交易日期|摘要|对账单"),
    "identity_card_back": (2, "中华人民共和国|居民身份证|签发机关|有效期限"),
    "identity_card": (2, r"姓名|性别|民族|出生|住址|公民身份|身份号码|(?<!\d)[1-9]\d{16}[\dX](?!\d)"),
}
READERS: Mapping[DocumentKind, Callable[[Page], dict[str, Value]]] = {
    "business_licence": read_licence,
    "land_contract": read_contract,
    "bank_statement": read_statement,
    "identity_card_back": read_back,
    "identity_card": read_front,
}


def find_kind(page: Page) -> DocumentKind:
    """The kind with the most of its words on the page; "unknown" if none has enough."""
    text = page.text.replace(" ", "")
    counts: dict[DocumentKind, int] = {kind: len(set(re.findall(words, text))) for kind, (_, words) in WORDS.items()}
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] >= WORDS[best][0] else "unknown"


def read_fields(kind: DocumentKind, page: Page) -> dict[str, Value]:
    """What is certain of a page of a kind; nothing of an unknown one."""
    return READERS[kind](page) if kind in READERS else {}
