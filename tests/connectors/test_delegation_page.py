"""The page /help: a code is posted, and opens the list of papers alone."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from connectors.customer_limits import CustomerLimits
from connectors.delegation_page import build_router
from connectors.settings import GatewaySettings
from delegation.service import Delegations
from kit.database import Database
from kit.limits import MemoryLimiter
from kit.web import create_web_app
from tests.connectors.customers_data import APPLICATION
from tests.delegation.conftest import Applicant
from tests.fakes import FixedClock
from tests.vaults import VAULT

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def delegations(database: Database, clock: FixedClock) -> Delegations:
    return Delegations(database, VAULT, clock)


@pytest.fixture
async def browser(delegations: Delegations, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    app = create_web_app("gateway", checks={})
    limits = CustomerLimits(GatewaySettings(), MemoryLimiter(lambda: clock().timestamp()))
    app.include_router(build_router(delegations, limits, clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


@pytest.fixture
async def code(delegations: Delegations, database: Database, clock: FixedClock) -> str:
    return (await delegations.create(await Applicant(database, clock).apply())).text


async def test_the_code_is_asked_for_and_posted(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/help")
    assert '<form method="post" action="/help">' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "script-src" not in page.headers["Content-Security-Policy"]


async def test_it_shows_the_papers_and_nothing_of_the_application(browser: httpx.AsyncClient, code: str) -> None:
    page = await browser.post("/help", data={"code": code})
    assert page.status_code == 200
    assert all(paper in page.text for paper in ("身份证", "户口簿", "土地承包或流转合同"))
    content = APPLICATION.model_dump(include={"name", "phone", "region", "purpose", "product", "amount"})
    assert [value for value in (*map(str, content.values()), "QH", "农户贷", "5万") if value in page.text] == []
    assert not re.search(r"(?:href|action)=\"[^\"]*" + re.escape(code), page.text)


async def test_a_paper_is_marked_and_unmarked(browser: httpx.AsyncClient, code: str) -> None:
    marked = await browser.post("/help", data={"code": code, "paper": "身份证", "is_ready": "yes"})
    assert marked.text.count("✓") == 1
    again = await browser.post("/help", data={"code": code})
    assert again.text.count("✓") == 1
    unmarked = await browser.post("/help", data={"code": code, "paper": "身份证", "is_ready": ""})
    assert "✓" not in unmarked.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 404),
        ({"code": "AAAAA-AAAAA"}, 404),
        ({"code": "<script>alert(1)</script>"}, 404),
        ({f"field{n}": "x" for n in range(50)}, 404),
    ],
)
async def test_any_other_code_opens_nothing(
    browser: httpx.AsyncClient, code: str, fields: dict[str, str], status: int
) -> None:
    refused = await browser.post("/help", data=fields)
    assert refused.status_code == status
    assert "帮办码不对" in refused.text
    assert "身份证" not in refused.text
    assert "<script" not in refused.text


async def test_a_paper_that_is_not_asked_for_is_refused(browser: httpx.AsyncClient, code: str) -> None:
    refused = await browser.post("/help", data={"code": code, "paper": "房产证", "is_ready": "yes"})
    assert refused.status_code == 422


async def test_a_code_in_the_address_is_not_read(browser: httpx.AsyncClient, code: str) -> None:
    assert "身份证" not in (await browser.get("/help", params={"code": code})).text
    assert (await browser.post(f"/help?code={code}")).status_code == 404
