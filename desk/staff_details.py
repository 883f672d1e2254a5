"""The details of a staff member, validated before they are stored."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError

from applications.products import find_product
from conversations.schemas import Value
from desk.roles import Role
from kit.errors import RequestError
from kit.text import clean_text

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


def read_details(given: dict[str, Any]) -> dict[str, Any]:
    """The given fields as stored; RequestError 422 names invalid ones, in Chinese."""
    try:
        return StaffDetails(**given).model_dump(exclude_unset=True)
    except ValidationError as error:
        wrong = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
        names = "、".join(FIELD_NAMES.get(field, field) for field in wrong)
        raise RequestError(422, "invalid_details", f"填写有误：{names}") from None
