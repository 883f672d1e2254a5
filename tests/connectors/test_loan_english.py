"""All that customers hear about their loans is said in English too."""

import re

import pytest

from conversations.english import to_english
from tests.connectors.test_loan_replies import FARMER, HOME, LATE, LINE, OVERDUE, TWO, bank, hear, make_talk
from tests.core_banking.bank import Bank

__all__ = ["bank"]
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def test_all_of_it_is_said_in_english_too(bank: Bank) -> None:
    heard: list[str] = []
    for n, (phone, *words) in enumerate(
        [
            (FARMER, "我的贷款", "[怎么还款]", "我的贷款", "[提前还款]", "2万", "[全部还清]"),
            (FARMER, "我想续贷", "[已经不做了]", "我想续贷", "[还在做]", "[不用了，到期还清]"),
            (FARMER, "我想续贷", "[还在做]", "[还要用]", "[先不续]", "我想用款3万", "年审"),
            (FARMER, "我想续贷", "[还在做]", "[还要用]", "[同意并申请续贷]"),
            (LATE, "我想续贷"),
            (OVERDUE, "我的贷款", "[怎么还款]", "我想续贷"),
            (LINE, "我的贷款", "我要用款", "15万", "我想用款3万", "[同意并用款]", "年审", "[同意并开始年审]"),
            (HOME, "我想续贷", "我的贷款提前还1万能省多少"),
            (TWO, "我的贷款", "我想续贷", "[商户贷（尾号8561）]"),
            ("13800007999", "我的贷款"),
        ]
    ):
        talk = await make_talk(bank, phone, user=f"user-{n}")
        heard += [await hear(talk, each) for each in words]
        heard += [button.title for message in await talk.list_messages() for button in message.buttons]
    bank.core.away = "all"
    heard.append(await hear(await make_talk(bank, FARMER, user="last"), "我的贷款"))
    heard.append(await hear(await make_talk(bank, user="nobody"), "我的贷款"))
    han = re.compile("[\u3400-\u9fff]")
    left = {line for text in heard for line in to_english(text).split("\n") if han.search(line)}
    assert left == set()
