"""The details of a staff member, validated before they are stored."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError

from conversations.schemas import Value
from desk.roles import Role
from kit.errors import InvalidFields
from kit.text import clean_text
from products.catalogue import find_product

CAPACITY_MAX = 50


def _clean(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


def _read_product(name_or_id: str) -> str:
    product = find_product(name_or_id)
    if product is None:
        raise ValueError("no such product")
    return product.id


Clean = Annotated[str, BeforeValidator(_clean)]
Text = Annotated[Clean, StringConstraints(max_length=32)]
Word = Annotated[Text, StringConstraints(min_length=1)]
Product = Annotated[str, AfterValidator(_read_product)]


class StaffDetails(Value):
    """Details to change: only the given fields; products by id or Chinese name."""

    name: Word = Field("", title="姓名")
    role: Role = Field("agent", title="角色")
    branch: Text = Field("", title="网点")
    villages: list[Word] = Field(default_factory=list, title="村镇")
    products: list[Product] = Field(default_factory=list, title="产品")
    capacity: int = Field(5, ge=1, le=CAPACITY_MAX, title="同时接待人数")
    phone: Clean = Field("", pattern=r"^\+?[\d -]{0,19}$", title="电话")
    email: Clean = Field("", max_length=128, pattern=r"^([^@\s]+@[^@\s]+)?$", title="邮箱")
    wecom_id: Clean = Field("", max_length=64, pattern=r"^[\w.@-]*$", title="企业微信账号")
    is_active: bool = Field(True, title="是否在用")


FIELD_NAMES = {name: str(field.title) for name, field in StaffDetails.model_fields.items()}
# What a value has to be, where it is more than a length.
_RULES = {
    "role": "角色请从列表里选",
    "products": "产品请从列表里选",
    "capacity": f"同时接待人数要在1到{CAPACITY_MAX}之间",
    "phone": "电话只能写数字、空格和-，前面可以有+，最多20位",
    "email": "邮箱要写成 name@example.com 这样，中间没有空格",
    "wecom_id": "企业微信账号只能有字母、数字和 . _ @ -",
}


def read_details(given: dict[str, Any]) -> dict[str, Any]:
    """The given fields as stored; InvalidFields says in Chinese what is wrong with which."""
    try:
        return StaffDetails(**given).model_dump(exclude_unset=True)
    except ValidationError as error:
        problems: dict[str, str] = {}
        for problem in error.errors():
            field = str(problem["loc"][0])
            problems.setdefault(field, _describe(field, problem["type"], problem.get("ctx", {})))
        raise InvalidFields("invalid_details", problems) from None


def _describe(field: str, kind: str, context: Mapping[str, Any]) -> str:
    name = FIELD_NAMES.get(field, field)
    if kind.endswith("too_short"):
        return f"请填写{name}"
    if kind.endswith("too_long"):
        return f"{name}最多{context['max_length']}个字符"
    return _RULES.get(field, f"{name}填写有误")
