"""Contracts about land: who, how much, where, until when."""

import pytest

from pictures.land_contract import read_contract
from tests.pictures.pages import make_page


def write_contract(total: str = "12.60", parcels: tuple[str, ...] = ("8.20", "4.40")) -> str:
    table = "\n".join(f"河边地      {area}    水田" for area in parcels)
    return f"""
农村土地承包合同
发包方：南湾村村民委员会
承包方代表：罗刚山
承包方地址：柳溪镇南湾村9组
承包期限：自2020年2月16日起至2050年2月16日止
地块名称    面积（亩）    地类
{table}
合计      {total}
"""


def test_a_contract_is_read() -> None:
    assert read_contract(make_page(write_contract())) == {
        "name": "罗刚山",
        "land_mu": 12.6,
        "place": "柳溪镇南湾村9组",
        "valid_until": "2050-02-16",
    }


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("parcels that sum up to something else", write_contract("12.60", ("8.20", "4.90"))),
        ("no sum", write_contract("")),
        ("a sum that is none", write_contract("0")),
        ("no name", write_contract().replace("承包方代表：罗刚山", "")),
    ],
)
def test_what_is_not_certain_is_refused(what: str, text: str) -> None:
    assert read_contract(make_page(text)) == {}, what


def test_an_unsure_contract_is_refused() -> None:
    assert read_contract(make_page(write_contract(), 0.85)) == {}


def test_a_rented_field_without_a_table() -> None:
    text = "土地流转合同\n甲方：王强\n乙方：李秀英\n坐落：东岗乡前进村\n流转土地共计15.5亩\n至2030年12月31日止"
    assert read_contract(make_page(text)) == {
        "name": "李秀英",
        "land_mu": 15.5,
        "place": "东岗乡前进村",
        "valid_until": "2030-12-31",
    }
