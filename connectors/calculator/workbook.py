"""The schedule of a loan as a spreadsheet."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO

from connectors.calculator.query import CalculatorQuery
from connectors.calculator.wording import ROUNDING, describe_rate
from kit.money import format_months
from lending.schedule import Instalment, sum_interest
from products.schemas import REPAYMENT_NAMES

HEADINGS = ("期数", "还款（元）", "本金（元）", "利息（元）", "还欠（元）")
_MONEY, _WIDTH = "#,##0.00", 16


def write_workbook(query: CalculatorQuery, schedule: Sequence[Instalment]) -> bytes:
    """An xlsx file with the terms, a row for each month, and the sums as numbers."""
    # Only here, since it loads numpy: the gateway does without until somebody asks.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book, bold = Workbook(), Font(bold=True)
    sheet = book.active
    sheet.title = "还款计划"
    sheet.append(["年化利率（单利）", float(query.rate) / 100, describe_rate(query)])
    sheet["B1"].number_format = "0.00##%"
    for cell in sheet[1]:
        cell.font = Font(bold=True, size=14)
    sheet.append(["金额（元）", query.amount])
    sheet["B2"].number_format = "#,##0"
    sheet.append(["期限", format_months(query.term)])
    sheet.append(["还款方式", REPAYMENT_NAMES[query.method]])
    sheet.append([ROUNDING])
    sheet.append([])
    sheet.append(HEADINGS)
    for cell in sheet[sheet.max_row]:
        cell.font = bold
    sheet.freeze_panes = f"A{sheet.max_row + 1}"
    for each in schedule:
        sheet.append([each.month, *map(_to_yuan, (each.payment, each.principal, each.interest, each.debt))])
    interest = sum_interest(schedule)
    sheet.append(["合计", *map(_to_yuan, (query.amount * 100 + interest, query.amount * 100, interest))])
    for cell in sheet[sheet.max_row]:
        cell.font = bold
    for row in sheet.iter_rows(min_row=sheet.max_row - len(schedule), min_col=2):
        for cell in row:
            cell.number_format = _MONEY
    for letter in "ABCDE":
        sheet.column_dimensions[letter].width = _WIDTH
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _to_yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
