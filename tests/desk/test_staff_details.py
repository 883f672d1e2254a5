"""What is written about staff is tidied, or refused by the name of its field."""

from typing import Any

import pytest

from desk.staff_details import FIELD_NAMES, StaffDetails, read_details
from kit.errors import RequestError


def test_what_was_given_is_tidied_and_nothing_is_added() -> None:
    assert read_details({}) == {}
    assert read_details({"name": " 张敏 ", "villages": [" 柳河镇"], "products": ["农户贷", "trader_loan"]}) == {
        "name": "张敏",
        "villages": ["柳河镇"],
        "products": ["farmer_loan", "trader_loan"],
    }


@pytest.mark.parametrize("field", ["name", "branch", "phone", "email", "wecom_id"])
def test_half_an_emoji_and_control_characters_are_dropped(field: str) -> None:
    value = {"name": "张敏", "branch": "柳河镇", "phone": "13800001234", "email": "a@b", "wecom_id": "zhang"}[field]
    assert read_details({field: f"{value}\ud83d\x00"}) == {field: value}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"name": "  "}, "姓名"),
        ({"name": "张" * 33}, "姓名"),
        ({"role": "boss", "capacity": 0}, "角色、同时接待人数"),
        ({"capacity": 51}, "同时接待人数"),
        ({"products": ["gold", "silver"]}, "产品"),
        ({"villages": [""]}, "村镇"),
        ({"villages": "柳河镇"}, "村镇"),
        ({"phone": "call me"}, "电话"),
        ({"email": "zhang"}, "邮箱"),
        ({"email": "a@b\nBcc: c@d"}, "邮箱"),
        ({"wecom_id": "张 敏"}, "企业微信账号"),
        ({"is_active": None}, "是否在用"),
        ({"password_hash": "x"}, "password_hash"),
    ],
)
def test_what_will_not_do_is_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_details(given)
    assert (refused.value.status, refused.value.reason) == (422, f"填写有误：{named}")


def test_every_field_has_a_name() -> None:
    assert FIELD_NAMES.keys() == StaffDetails.model_fields.keys()
    assert all(field.title for field in StaffDetails.model_fields.values())
