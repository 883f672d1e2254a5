"""A product as one row of a table that staff download, change and import."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from imports.cells import ITEMS, MONTHS, PERCENT, TEXT, YUAN, choose, choose_several
from imports.columns import Column, KeyedRow
from products.schemas import KIND_NAMES, REPAYMENT_NAMES, Product

OFFERED = {True: "在办", False: "停办"}


class ProductRow(KeyedRow):
    """The columns; what a valid product is, says `products.schemas`."""

    id: Annotated[str, Column("产品编号", TEXT, "orchard_loan", "小写英文、数字和下划线，以后不能改", ("编号",))]
    name: Annotated[str, Column("名称", TEXT, "果园贷", "2到16个字", ("产品名称", "产品"), is_unique=True)]
    kind: Annotated[str, Column("客户类型", choose(KIND_NAMES), "农户")]
    audience: Annotated[str, Column("适合谁", TEXT, "种果树的农户", aliases=("适用客户", "受众"))]
    amount_min: Annotated[int, Column("起贷金额（元）", YUAN, "1000", aliases=("最低额度",))]
    online_limit: Annotated[int, Column("线上最高（元）", YUAN, "20万", "超过的由客户经理办", ("线上额度",))]
    amount_max: Annotated[int, Column("最高额度（元）", YUAN, "30万")]
    term_max: Annotated[int, Column("单笔最长（月）", MONTHS, "3年", aliases=("最长期限",))]
    term_ceiling: Annotated[int, Column("法定期限上限（月）", MONTHS, "5年")]
    rate_min: Annotated[Decimal, Column("年利率最低（%）", PERCENT, "4.9%", "单利，含全部直接费用")]
    rate_max: Annotated[Decimal, Column("年利率最高（%）", PERCENT, "6.5%", "单利，含全部直接费用")]
    repayment: Annotated[list[str], Column("还款方式", choose_several(REPAYMENT_NAMES), "等额本息、等额本金")]
    spouse_consent_from: Annotated[
        int | None, Column("配偶同意（元起）", YUAN, "10万", "已婚的从这个金额起要配偶签字，不填是不需要")
    ] = None
    documents: Annotated[str, Column("所需材料", TEXT, "身份证、土地承包合同")]
    districts: Annotated[list[str], Column("办理区域", ITEMS, "石桥镇、柳庄镇", "乡镇或县，不填是全部")] = Field(
        default_factory=list
    )
    prohibited_purposes: Annotated[list[str], Column("禁止用途", ITEMS, "购房、炒股")] = Field(default_factory=list)
    is_offered: Annotated[bool, Column("是否在办", choose(OFFERED), "在办")] = True

    def to_content(self) -> dict[str, Any]:
        """The fields as a revision keeps them, not yet checked."""
        content = self.model_dump(mode="json", exclude={"id", "rate_min", "rate_max"})
        return {**content, "annual_rate": [str(self.rate_min), str(self.rate_max)]}


# Fields of a product that stand under another name in a row.
ROW_FIELDS = {"annual_rate": "rate_max"}


def build_row(product: Product) -> ProductRow:
    """The row of a product."""
    rate_min, rate_max = product.annual_rate
    return ProductRow.model_validate({**product.model_dump(), "rate_min": rate_min, "rate_max": rate_max})
