"""What makes a product valid, in words for its editor."""

from typing import Any

import pytest
from pydantic import ValidationError

from products.catalogue import read_seed
from products.schemas import build_product, find_problems

GOOD = read_seed().products["farmer_loan"][-1][1].dump_content()


def test_a_product_is_the_same_after_it_was_kept() -> None:
    assert find_problems("orchard_loan", GOOD) == {}
    assert build_product("orchard_loan", 3, GOOD).dump_content() == GOOD
    assert build_product("orchard_loan", 3, GOOD).reference == "orchard_loan#3"


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"amount_min": 300_000}, {"online_limit": "线上最高要大于起贷金额"}),
        ({"online_limit": 400_000}, {"amount_max": "最高额度不能小于线上最高"}),
        ({"term_max": 61}, {"term_max": "单笔最长不能超过法定期限上限"}),
        ({"annual_rate": ["6.5", "4.9"]}, {"annual_rate": "最低年利率不能高于最高年利率"}),
        ({"annual_rate": ["4.9", "24.5"]}, {"annual_rate": "年利率不能超过24%"}),
        ({"annual_rate": ["4.955", "6.5"]}, {"annual_rate": "请填写最低和最高年利率，最多两位小数"}),
        ({"repayment": ["bullet", "bullet"]}, {"repayment": "同一种还款方式只选一次"}),
        ({"repayment": []}, {"repayment": "请至少选一种还款方式"}),
        ({"amount_min": 0}, {"amount_min": "请填写整元数，1到1亿"}),
        ({"amount_min": None, "name": ""}, {"amount_min": "请填写整元数，1到1亿", "name": "请填写2到16个字的名称"}),
        ({"kind": "student"}, {"kind": "请选择客户类型"}),
        ({"documents": " "}, {"documents": "请填写所需材料，最多200字"}),
        (
            {"amount_min": 300_000, "term_max": 61},
            {"online_limit": "线上最高要大于起贷金额", "term_max": "单笔最长不能超过法定期限上限"},
        ),
    ],
)
def test_a_slip_is_named_at_its_field(change: dict[str, Any], problems: dict[str, str]) -> None:
    assert find_problems("farmer_loan", GOOD | change) == problems
    with pytest.raises(ValidationError):
        build_product("farmer_loan", 1, GOOD | change)


@pytest.mark.parametrize("product_id", ["", "Farmer", "1loan", "a b", "x" * 21])
def test_an_id_can_stand_in_a_path_and_a_column(product_id: str) -> None:
    assert set(find_problems(product_id, GOOD)) == {"id"}
