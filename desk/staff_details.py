"""The details of a staff member, validated before they are stored."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError

from applications.products import find_product
from conversations.schemas import Value
from desk.roles import Role
from kit.errors import RequestError
from kit.text import clean_text

CAPACITY_MAX = 50
FIELD_NAMES = {
    "name": "姓名",
    "role": "角色",
    "branch": "网点",
    "villages": "村镇",
    "products": "产品",
    "capacity": "同时接待人数",
    "phone": "电话",
    "email": "邮箱",
    "wecom_id": "企业微信账号",
    "is_active": "是否在用",
}


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

    name: Word = ""
    role: Role = "agent"
    branch: Text = ""
    villages: list[Word] = Field(default_factory=list)
    products: list[Product] = Field(default_factory=list)
    capacity: int = Field(5, ge=1, le=CAPACITY_MAX)
    phone: Annotated[Clean, StringConstraints(pattern=r"^\+?[\d -]{0,19}$")] = ""
    email: Annotated[Clean, StringConstraints(max_length=128, pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""
    wecom_id: Annotated[Clean, StringConstraints(max_length=64, pattern=r"^[\w.@-]*$")] = ""
    is_active: bool = True


def read_details(given: dict[str, Any]) -> dict[str, Any]:
    """The given fields as stored; RequestError 422 names invalid ones, in Chinese."""
    try:
        return StaffDetails(**given).model_dump(exclude_unset=True)
    except ValidationError as error:
        wrong = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
        names = "、".join(FIELD_NAMES.get(field, field) for field in wrong)
        raise RequestError(422, "invalid_details", f"填写有误：{names}") from None
