"""A loan product and what makes one valid."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from lending.schedule import Method

Kind = Literal["farmer", "trader", "firm"]

KIND_NAMES: dict[Kind, str] = {"farmer": "农户", "trader": "商户", "firm": "小微企业"}
REPAYMENT_NAMES: dict[Method, str] = {
    "equal_instalments": "等额本息",
    "equal_principal": "等额本金",
    "interest_first": "按月付息到期还本",
    "bullet": "到期一次还本付息",
}
FIELD_NAMES: dict[str, str] = {
    "name": "名称",
    "kind": "客户类型",
    "audience": "适合谁",
    "amount_min": "起贷金额（元）",
    "online_limit": "线上最高（元）",
    "amount_max": "最高额度（元）",
    "term_max": "单笔最长（月）",
    "term_ceiling": "法定期限上限（月）",
    "annual_rate": "年利率（%，单利，含全部直接费用）",
    "repayment": "还款方式",
    "spouse_consent_from": "配偶同意（元起）",
    "documents": "所需材料",
    "districts": "办理区域",
    "prohibited_purposes": "禁止用途",
    "is_offered": "是否在办",
}
# What banks may charge at most, all costs included: 《关于进一步加强金融审判工作的若干意见》（法发〔2017〕22号）第二条.
RATE_CEILING = Decimal(24)
AMOUNT_CEILING = 100_000_000
ID_PATTERN = r"^[a-z][a-z0-9_]{2,19}$"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Item = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
Yuan = Annotated[int, Field(ge=1, le=AMOUNT_CEILING)]
Months = Annotated[int, Field(ge=1, le=360)]
Rate = Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]

_WRONG: dict[str, str] = {
    "id": "编号用小写英文字母、数字和下划线，3到20位，字母开头",
    "name": "请填写2到16个字的名称",
    "kind": "请选择客户类型",
    "audience": "请填写适合谁，最多200字",
    **dict.fromkeys(("amount_min", "online_limit", "amount_max"), "请填写整元数，1到1亿"),
    **dict.fromkeys(("term_max", "term_ceiling"), "请填写月数，1到360"),
    "annual_rate": "请填写最低和最高年利率，最多两位小数",
    "repayment": "请至少选一种还款方式",
    "spouse_consent_from": "请填写整元数，1到1亿；不需要就不填",
    "documents": "请填写所需材料，最多200字",
    "districts": "每个区域最多30字",
    "prohibited_purposes": "每项用途最多30字",
    "is_offered": "请选择在办或停办",
}


class Product(BaseModel):
    """A product as it is in force on one day.

    Amounts in yuan: above `online_limit` an account manager decides. Terms in months, of a single draw; `term_ceiling`
    is what the law allows. `annual_rate`: lowest and highest, percent a year, simple, with all direct costs.
    `spouse_consent_from`: the sum from which the spouse has to consent; None: never. `documents` as customers are told
    them. `districts`: where it is offered; none means wherever the bank lends. One that is not `is_offered` is kept for
    the applications that name it, and offered to nobody any more.
    `revision` counts the product's revisions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN)]
    revision: int
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=16)]
    kind: Kind
    audience: Words
    amount_min: Yuan
    online_limit: Yuan
    amount_max: Yuan
    term_max: Months
    term_ceiling: Months
    annual_rate: tuple[Rate, Rate]
    repayment: Annotated[tuple[Method, ...], Field(min_length=1)]
    spouse_consent_from: Yuan | None = None
    documents: Words
    districts: tuple[Item, ...] = ()
    prohibited_purposes: tuple[Item, ...] = ()
    is_offered: bool = True

    @property
    def reference(self) -> str:
        """Names the revision that these values are of: `farmer_loan#2`."""
        return f"{self.id}#{self.revision}"

    def needs_spouse(self, amount: int) -> bool:
        """Whether the spouse has to consent to a loan of this sum."""
        return self.spouse_consent_from is not None and amount >= self.spouse_consent_from

    def dump_content(self) -> dict[str, Any]:
        """The fields as a revision keeps them."""
        return self.model_dump(mode="json", exclude={"id", "revision"})

    @model_validator(mode="after")
    def check_consistency(self) -> Self:
        """Refuses values that contradict each other."""
        if problems := dict(_find_contradictions(self)):
            raise ValueError("；".join(problems.values()))
        return self


class DatedProduct(BaseModel):
    """A product's values and the day they are in force from."""

    model_config = ConfigDict(extra="forbid")

    effective_from: date
    product: Product


class ProductList(BaseModel):
    """Each product's dated values, in the order in which they replace each other."""

    products: list[DatedProduct]


def build_product(product_id: str, revision: int, content: Mapping[str, Any]) -> Product:
    """The product that a revision describes; raises pydantic.ValidationError."""
    return Product.model_validate({**content, "id": product_id, "revision": revision})


def find_problems(product_id: str, content: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a product, in words for its editor, by field; empty if nothing is."""
    try:
        build_product(product_id, 0, content)
    except ValidationError as error:
        fields = [str(problem["loc"][0]) for problem in error.errors() if problem["loc"]]
        if fields:
            return {field: _WRONG.get(field, "这一项不认识") for field in fields}
        # Only the last check, of fields that are right by themselves, names none.
        unchecked = Product.model_construct(id=product_id, revision=0, **_coerce(content))
        return dict(_find_contradictions(unchecked))
    return {}


def _coerce(content: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {
        name: int(content[name]) for name in ("amount_min", "online_limit", "amount_max", "term_max", "term_ceiling")
    }
    lowest, highest = (Decimal(str(rate)) for rate in content["annual_rate"])
    return {**content, **numbers, "annual_rate": (lowest, highest)}


def _find_contradictions(product: Product) -> Iterator[tuple[str, str]]:
    if product.amount_min >= product.online_limit:
        yield "online_limit", "线上最高要大于起贷金额"
    if product.online_limit > product.amount_max:
        yield "amount_max", "最高额度不能小于线上最高"
    if product.term_max > product.term_ceiling:
        yield "term_max", "单笔最长不能超过法定期限上限"
    lowest, highest = product.annual_rate
    if lowest > highest:
        yield "annual_rate", "最低年利率不能高于最高年利率"
    elif highest > RATE_CEILING:
        yield "annual_rate", f"年利率不能超过{RATE_CEILING}%"
    if len(set(product.repayment)) < len(product.repayment):
        yield "repayment", "同一种还款方式只选一次"
