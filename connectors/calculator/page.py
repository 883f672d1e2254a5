"""GET /calculator and /calculator.xlsx: what a loan costs, month by month; a plain form that needs no JavaScript."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment

from connectors.calculator.query import FIELDS, CalculatorQuery, read_query
from connectors.calculator.wording import ROUNDING, describe_rate
from connectors.calculator.workbook import write_workbook
from connectors.customer_limits import CustomerLimits
from connectors.page_headers import WITH_FORM
from imports.writing import XLSX
from kit.errors import InvalidFields
from kit.money import format_months, format_yuan
from kit.web import read_address
from lending.prepayment import compare_prepayment
from lending.schedule import METHODS, Method, make_schedule, sum_interest
from products.catalogue import list_products
from products.schemas import REPAYMENT_NAMES

SHOWN_MAX = 20  # characters of a field that are shown again
_ENVIRONMENT = Environment(autoescape=True)
_ENVIRONMENT.filters |= {
    "money": lambda fen: f"{fen // 100:,}.{fen % 100:02d}",
    "yuan": format_yuan,
    "months": format_months,
    "percent": lambda rate: f"{float(rate):g}%",
}
_PAGE = _ENVIRONMENT.from_string(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def build_router(limits: CustomerLimits) -> APIRouter:
    """The routes of the page and its spreadsheet: 422 with a sentence for each field that cannot be calculated."""
    router = APIRouter(include_in_schema=False)

    @router.get("/calculator", response_class=HTMLResponse)
    async def show_page(request: Request) -> HTMLResponse:
        await limits.count_calculation(read_address(request))
        given = _read_fields(request)
        if not any(given[name] for name in ("amount", "term")):
            return _render(given)
        try:
            return _render(given, read_query(given))
        except InvalidFields as error:
            return _render(given, problems=error.problems)

    @router.get("/calculator.xlsx")
    async def send_workbook(request: Request) -> Response:
        await limits.count_calculation(read_address(request))
        given = _read_fields(request)
        try:
            query = read_query(given)
        except InvalidFields as error:
            return _render(given, problems=error.problems)
        schedule = make_schedule(query.amount, query.term, query.rate, query.method)
        content = await asyncio.to_thread(write_workbook, query, schedule)
        disposition = f"attachment; filename=repayment.xlsx; filename*=UTF-8''{quote('还款计划.xlsx')}"
        return Response(content, media_type=XLSX, headers=WITH_FORM | {"Content-Disposition": disposition})

    return router


def _read_fields(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in FIELDS}


def _render(
    given: Mapping[str, str], query: CalculatorQuery | None = None, problems: Mapping[str, str] | None = None
) -> HTMLResponse:
    page = _PAGE.render(
        given={name: value[:SHOWN_MAX] for name, value in given.items()},
        problems=problems or {},
        products=list_products(),
        methods=REPAYMENT_NAMES,
        rounding=ROUNDING,
        query=query,
        **(_calculate(given, query) if query else {}),
    )
    return HTMLResponse(page, status_code=422 if problems else 200, headers=WITH_FORM)


def _calculate(given: Mapping[str, str], query: CalculatorQuery) -> dict[str, object]:
    loan = (query.amount, query.term, query.rate)
    schedules = {method: make_schedule(*loan, method) for method in METHODS}

    def link(path: str, method: Method) -> str:
        filled = {name: value for name, value in given.items() if value}
        return f"{path}?{urlencode(filled | {'method': method})}"

    return {
        "rate_note": describe_rate(query),
        "schedule": schedules[query.method],
        "interest": sum_interest(schedules[query.method]),
        "interests": {method: sum_interest(schedule) for method, schedule in schedules.items()},
        "links": {method: link("/calculator", method) for method in METHODS},
        "workbook": link("/calculator.xlsx", query.method),
        "prepayment": compare_prepayment(*loan, query.method, query.month, query.prepaid) if query.month else None,
    }
