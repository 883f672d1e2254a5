"""Requests and responses of the applications service."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kit.money import format_months, format_yuan
from products.catalogue import find_product, list_products

Phone = Annotated[str, StringConstraints(pattern=r"^1[3-9][0-9]{9}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
# Progress in this order; applications/stages.py says what may follow what.
Stage = Literal["submitted", "contacted", "collecting", "forwarded", "closed", "withdrawn"]


# What staff may correct of an application, at the customer's request, and what that is called.
CORRECTABLE = {"name": "姓名", "phone": "电话", "region": "住址"}


def _require_product(product_id: str) -> str:
    if product_id not in {product.id for product in list_products()}:
        raise ValueError("no such product")
    return product_id


class ApplicationIn(BaseModel):
    """A pre-application as the customer confirmed it. Amount in yuan, term in months."""

    model_config = ConfigDict(extra="forbid", strict=True)

    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    product: Annotated[str, AfterValidator(_require_product)]
    amount: int
    term: int
    purpose: Text
    region: Text
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=20)]
    phone: Phone
    consent_version: Annotated[str, StringConstraints(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def check_limits(self) -> Self:
        """Checks the product's limits again, whatever the dialogue accepted."""
        product = find_product(self.product)
        if product is None:  # gone since a moment ago
            raise ValueError("product: no such product")
        if not product.amount_min <= self.amount <= product.amount_max:
            least, most = format_yuan(product.amount_min), format_yuan(product.amount_max)
            raise ValueError(f"amount: {product.name}的金额应在{least}到{most}之间")
        if not 1 <= self.term <= product.term_max:
            raise ValueError(f"term: {product.name}的期限不超过{format_months(product.term_max)}")
        return self


class WithdrawalIn(BaseModel):
    """Whose application is to be withdrawn."""

    model_config = ConfigDict(extra="forbid", strict=True)

    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ApplicationView(BaseModel):
    """A stored pre-application; the customer gets its `number`.

    `is_withdrawable`: the customer may still withdraw it, because staff have not acted on it.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: str
    conversation_id: str
    product: str
    amount: int
    term: int
    purpose: str
    region: str
    name: str
    phone: str
    stage: Stage
    is_withdrawable: bool
    created_at: datetime


class ManagedApplication(ApplicationView):
    """An application as account managers see it: with its manager and when its stage last changed."""

    manager_id: str | None
    changed_at: datetime


class ApplicationList(BaseModel):
    """Newest first."""

    applications: list[ApplicationView] = Field(default_factory=list)
