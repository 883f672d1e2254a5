"""Requests and responses of the applications service."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from applications.stages import Actor, ApplicationKind, Party, Stage
from kit.money import format_months, format_yuan
from products.catalogue import find_product, list_products

Phone = Annotated[str, StringConstraints(pattern=r"^1[3-9][0-9]{9}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Detail = bool | int | float | Annotated[str, StringConstraints(max_length=200)]
DETAILS_MAX = 40
# The slot of an answer, or a paper (applications/checklist.py).
Item = Annotated[str, StringConstraints(pattern=r"^(?:[a-z][a-z0-9_]{1,39}|paper:\S.{0,59})$")]
ITEMS_MAX = 20
REASON_LENGTH_MAX = 200

# What staff may correct of an application, at the customer's request, and what that is called.
CORRECTABLE = {"name": "姓名", "phone": "电话", "region": "住址"}


def _require_product(product_id: str) -> str:
    if product_id not in {product.id for product in list_products()}:
        raise ValueError("no such product")
    return product_id


class StoredApplication(BaseModel):
    """What a pre-application says, whatever its product has become meanwhile. Amount in yuan, term in months.

    `details` are the further answers of the form by slot, each in the unit of its question (forms/catalogue.yml).
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    product: str
    amount: int
    term: int
    purpose: Text
    region: Text
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=20)]
    phone: Phone
    details: Annotated[dict[str, Detail], Field(max_length=DETAILS_MAX)]
    consent_version: Annotated[str, StringConstraints(min_length=1, max_length=32)]


class ApplicationIn(StoredApplication):
    """A pre-application as the customer confirmed it, for a product that is offered now."""

    product: Annotated[str, AfterValidator(_require_product)]

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


class MendableAnswer(BaseModel):
    """Answers that the customer is asked for again before submitting: `ask` in words for them, else their `label`."""

    model_config = ConfigDict(frozen=True)

    slots: tuple[str, ...]
    label: str
    ask: str


class ConsentList(BaseModel):
    """The purposes of consents that stand."""

    purposes: list[str]


class MendableList(BaseModel):
    """The gravest first; nothing, if the application may be submitted as it is."""

    mendable: list[MendableAnswer] = Field(default_factory=list)


class DraftIn(BaseModel):
    """The answers so far, by slot, each in the unit of its question (forms/catalogue.yml)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    answers: Annotated[dict[str, Detail], Field(max_length=DETAILS_MAX)]


class DraftView(BaseModel):
    """A stored draft."""

    model_config = ConfigDict(from_attributes=True)

    conversation_id: str
    answers: dict[str, Detail]
    saved_at: datetime


class FoundDraft(BaseModel):
    """A customer's draft, or none."""

    draft: DraftView | None


class WithdrawalIn(BaseModel):
    """Whose application is to be withdrawn."""

    model_config = ConfigDict(extra="forbid", strict=True)

    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Move(BaseModel):
    """A step to be taken: from the stage the mover saw to another.

    `reason_class` is one of applications/process.yml, `reason` what the customer reads beside it, `items` the answers
    and papers that an incomplete application lacks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    expected: Stage
    stage: Stage
    reason_class: Annotated[str, StringConstraints(max_length=32)] | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=REASON_LENGTH_MAX)] = ""
    items: Annotated[tuple[Item, ...], Field(max_length=ITEMS_MAX)] = ()


class CompletionIn(BaseModel):
    """The answers that were asked for, by slot, and whose application it is; papers were sent before."""

    model_config = ConfigDict(extra="forbid", strict=True)

    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    answers: Annotated[dict[str, Detail], Field(max_length=ITEMS_MAX)]


class StepView(BaseModel):
    """A step as it was taken; `due_at` is until when whoever is responsible now has to act."""

    model_config = ConfigDict(from_attributes=True)

    before: Stage | None
    stage: Stage
    actor: Actor
    actor_id: str | None
    reason_class: str | None
    reason: str
    items: list[str]
    due_at: datetime | None
    at: datetime


class ApplicationView(BaseModel):
    """A stored pre-application; the customer gets its `number`.

    `is_withdrawable`: the customer may still withdraw it, because staff have not acted on it. Its stage last changed at
    `changed_at`; `due_at` is until when whoever is responsible for it has to act, `responsible` the name of the staff
    member who is, if it is one and known.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: str
    conversation_id: str
    kind: ApplicationKind = "new"
    product: str
    amount: int
    term: int
    purpose: str
    region: str
    name: str
    phone: str
    details: dict[str, Detail]
    stage: Stage
    reason_class: str | None = None
    reason: str = ""
    items: list[str] = Field(default_factory=list)
    due_at: datetime | None = None
    responsible: str = ""
    is_withdrawable: bool
    created_at: datetime
    changed_at: datetime


class ManagedApplication(ApplicationView):
    """An application as staff see it: with its manager and, by their id, whoever of the staff has to act now.

    `alerts`: how often the clock has alerted since its stage last changed; `loan` what the core said of the loan that
    it is about, None for a new one.
    """

    loan: dict[str, Any] | None = None
    manager_id: str | None
    responsible_id: str | None
    credit_withdrawn_at: datetime | None = None
    alerts: int = 0


class ApplicationLimits(NamedTuple):
    """What a product's limits say of an application: its sum in yuan, its term in months."""

    number: str
    manager_id: str | None
    amount: int
    term: int


class ApplicationList(BaseModel):
    """Newest first."""

    applications: list[ApplicationView] = Field(default_factory=list)


class CoreStep(BaseModel):
    """A step as the bank's core is told of it: who is responsible now (None: nobody, it is over) and until when."""

    number: str
    before: Stage | None
    stage: Stage
    who: Party | None
    due_at: datetime | None
    at: datetime


class CoreStatus(BaseModel):
    """Where an application stands; `next` are the stages into which the core may move it."""

    number: str
    stage: Stage
    who: Party | None
    due_at: datetime | None
    reason_class: str | None
    items: list[str]
    next: list[Stage]
    steps: list[CoreStep]
