"""Which paper a page is."""

import pytest

from pictures.kinds import find_kind, read_fields
from tests.pictures.pages import make_page
from tests.pictures.test_bank_statement import write_statement
from tests.pictures.test_business_licence import write_licence
from tests.pictures.test_identity_card import write_card
from tests.pictures.test_land_contract import write_contract


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (write_card(), "identity_card"),
        ("中华人民共和国\n居民身份证\n签发机关  柳溪县公安局", "identity_card_back"),
        (write_licence(), "business_licence"),
        (write_contract(), "land_contract"),
        (write_statement(), "bank_statement"),
        ("今日特价\n西瓜  两元一斤", "unknown"),
        ("姓名  李秀英", "unknown"),  # one word alone may stand on anything
        ("", "unknown"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert find_kind(make_page(text)) == kind


def test_nothing_is_read_of_an_unknown_paper() -> None:
    assert read_fields("unknown", make_page(write_card())) == {}
