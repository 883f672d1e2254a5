"""What is written about staff is tidied, or refused with the reason."""

from typing import Any

import pytest

from desk.staff_details import FIELD_NAMES, StaffDetails, read_details
from kit.errors import InvalidFields


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
    ("given", "said"),
    [
        ({"name": "  "}, "请填写姓名"),
        ({"name": "张" * 33}, "姓名最多32个字符"),
        ({"role": "boss", "capacity": 0}, "角色请从列表里选；同时接待人数要在1到50之间"),
        ({"capacity": 51}, "同时接待人数要在1到50之间"),
        ({"capacity": None}, "同时接待人数要在1到50之间"),
        ({"products": ["gold", "silver"]}, "产品请从列表里选"),
        ({"villages": [""]}, "请填写村镇"),
        ({"villages": ["柳" * 33]}, "村镇最多32个字符"),
        ({"villages": "柳河镇"}, "村镇填写有误"),
        ({"phone": "call me"}, "电话只能写数字、空格和-，前面可以有+，最多20位"),
        ({"email": "zhang"}, "邮箱要写成 name@example.com 这样，中间没有空格"),
        ({"email": "a@b\nBcc: c@d"}, "邮箱要写成 name@example.com 这样，中间没有空格"),
        ({"email": f"{'a' * 127}@b"}, "邮箱最多128个字符"),
        ({"wecom_id": "张 敏"}, "企业微信账号只能有字母、数字和 . _ @ -"),
        ({"is_active": None}, "是否在用填写有误"),
        ({"password_hash": "x"}, "password_hash填写有误"),
    ],
)
def test_what_will_not_do_is_said_with_its_reason(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        read_details(given)
    assert (refused.value.status, refused.value.reason) == (422, said)
    assert refused.value.problems.keys() == given.keys()


def test_every_field_has_a_name() -> None:
    assert FIELD_NAMES.keys() == StaffDetails.model_fields.keys()
    assert all(field.title for field in StaffDetails.model_fields.values())
