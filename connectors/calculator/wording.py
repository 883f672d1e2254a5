"""What the calculator's page and spreadsheet say of a rate and of how they calculate."""

from connectors.calculator.query import CalculatorQuery

ROUNDING = (
    "每月按年利率的十二分之一计息，不分大月小月；利息四舍五入到分，各期合计与借款分毫不差。"
    "随借随还的按实际天数计息。这是估算，实际利率和还款以合同为准。"
)


def describe_rate(query: CalculatorQuery) -> str:
    """Whose rate it is. Our rates include all direct costs (products/schemas.py)."""
    if query.is_own_rate:
        return "您填的利率，不是本行报价"
    whose = f"{query.product.name}的最高利率" if query.product else "本行贷款的最高利率"
    return f"{whose}，已含全部费用"
