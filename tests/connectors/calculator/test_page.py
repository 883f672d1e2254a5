"""The calculator's page and its spreadsheet, over HTTP."""

import re
from collections.abc import AsyncIterator
from io import BytesIO

import httpx
import openpyxl
import pytest
from fastapi import FastAPI

from connectors.calculator.page import build_router
from connectors.customer_limits import CALCULATIONS, CustomerLimits
from connectors.settings import GatewaySettings
from kit.errors import RequestError
from kit.limits import MemoryLimiter
from kit.web import answer_request_error
from lending.schedule import METHODS
from products.catalogue import list_products

LOAN = {"amount": "100000", "term": "36"}


def make_app(environment: str = "demo") -> FastAPI:
    settings = GatewaySettings().model_copy(update={"environment": environment})
    app = FastAPI()
    limiter = MemoryLimiter(clock=lambda: 1000.0)  # nothing is given back while a slow machine asks
    app.include_router(build_router(CustomerLimits(settings, limiter)))
    app.add_exception_handler(RequestError, answer_request_error)
    return app


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://test") as client:
        yield client


async def test_an_empty_form_shows_the_rates_of_all_products(web: httpx.AsyncClient) -> None:
    page = await web.get("/calculator")
    assert page.status_code == 200
    for product in list_products():
        assert f"年化{product.annual_rate[0]}%至{product.annual_rate[1]}%" in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_loan_month_by_month(web: httpx.AsyncClient) -> None:
    page = (await web.get("/calculator", params=LOAN | {"product": "trader_loan"})).text
    assert re.search(r'class="rate">6\.9%<', page)
    for words in (
        "商户贷的最高利率，已含全部费用",
        "商户贷年化5.2%至6.9%",
        "3,083.14元",
        "10,993.03元",
        "110,993.03元",
    ):
        assert words in page
    body = page.split("<tbody>")[-1].split("</tbody>")[0]
    assert body.count("<tr>") == 36
    assert '<th scope="row">1</th><td>3,083.14</td><td>2,508.14</td><td>575.00</td><td>97,491.86</td>' in body
    assert "十二分之一" in page


async def test_the_rate_stands_before_every_payment(web: httpx.AsyncClient) -> None:
    page = (await web.get("/calculator", params=LOAN)).text
    assert page.index('class="rate"') < page.index("3,083.14")


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("equal_principal", ["第一期还款", "3,352.78元", "2,793.75元"]),
        ("interest_first", ["每期利息", "575.00元", "100,575.00元"]),
        ("bullet", ["最后一期还款", "120,700.00元"]),
    ],
)
async def test_other_methods(web: httpx.AsyncClient, method: str, words: list[str]) -> None:
    page = (await web.get("/calculator", params=LOAN | {"method": method})).text
    assert [each for each in words if each not in page] == []


async def test_another_method_is_a_link_with_the_same_loan(web: httpx.AsyncClient) -> None:
    page = (await web.get("/calculator", params=LOAN)).text
    (link,) = re.findall(r'href="(/calculator\?[^"]*bullet)#result"', page)
    assert "120,700.00元" in (await web.get(link.replace("&amp;", "&"))).text


async def test_what_repaying_early_saves(web: httpx.AsyncClient) -> None:
    page = (await web.get("/calculator", params=LOAN | {"month": "12", "prepaid": "5万"})).text
    for words in ("还欠68,932.01元", "再提前还50,000.00元", "1年5个月", "4,663.92", "846.78", "3,672.72", "5,063.34"):
        assert words in page
    assert "再提前还68,932.01元" in (await web.get("/calculator", params=LOAN | {"month": "12"})).text


@pytest.mark.parametrize("path", ["/calculator", "/calculator.xlsx"])
async def test_what_cannot_be_calculated_is_said_and_shown_again(web: httpx.AsyncClient, path: str) -> None:
    page = await web.get(path, params={"amount": '"><script>alert(1)</script>', "term": "36", "month": "99"})
    assert page.status_code == 422
    assert page.headers["content-type"].startswith("text/html")
    assert "有2处要改" in page.text
    assert "金额请填数字" in page.text
    assert "<script" not in page.text
    assert 'value="36"' in page.text


@pytest.mark.parametrize("method", METHODS)
async def test_the_spreadsheet_adds_up(web: httpx.AsyncClient, method: str) -> None:
    answer = await web.get("/calculator.xlsx", params=LOAN | {"method": method, "rate": "5.25"})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("年化利率（单利）", 0.0525)
    start = next(number for number, row in enumerate(rows) if row[0] == "期数") + 1
    months, total = rows[start:-1], rows[-1]
    assert [row[0] for row in months] == list(range(1, 37))
    assert months[-1][4] == 0
    for column in (1, 2, 3):
        assert sum(round(row[column] * 100) for row in months) == round(total[column] * 100)
    assert total[0] == "合计"
    assert total[2] == 100_000
    assert not [cell for row in rows for cell in row if isinstance(cell, str) and cell.startswith("=")]


async def test_an_address_may_calculate_only_so_often() -> None:
    transport = httpx.ASGITransport(make_app("production"), client=("203.0.113.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = [(await client.get("/calculator")).status_code for _ in range(CALCULATIONS.times + 1)]
    assert (answers.count(200), answers[-1]) == (CALCULATIONS.times, 429)
