"""The page /help: a code is posted, opens the list of papers alone, and takes pictures of them."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from connectors.customer_limits import CustomerLimits
from connectors.delegation_page import PICTURES_PATH, build_router
from connectors.helper_pictures import HelperPictures
from connectors.settings import GatewaySettings
from conversations.service import Conversations
from delegation.service import Delegations
from documents.schemas import DocumentView
from documents.service import Documents
from kit.database import Database
from kit.limits import MemoryLimiter
from kit.web import create_web_app
from tests.connectors.customers_data import APPLICATION
from tests.connectors.papers import BLURRED, CARD, UNKNOWN
from tests.delegation.conftest import Applicant
from tests.documents.pictures import draw, encode
from tests.fakes import FixedClock, ScriptedPictureReader
from tests.vaults import VAULT

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def delegations(database: Database, clock: FixedClock) -> Delegations:
    return Delegations(database, VAULT, clock)


@pytest.fixture
def reader() -> ScriptedPictureReader:
    return ScriptedPictureReader(CARD)


@pytest.fixture
def documents(database: Database, clock: FixedClock) -> Documents:
    return Documents(database, clock=clock)


@pytest.fixture
async def browser(
    delegations: Delegations, documents: Documents, reader: ScriptedPictureReader, clock: FixedClock
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_web_app("gateway", checks={}, uploads={PICTURES_PATH: 2 * documents.bytes_max})
    limits = CustomerLimits(GatewaySettings(), MemoryLimiter(lambda: clock().timestamp()))
    app.include_router(build_router(delegations, HelperPictures(delegations, documents, reader), limits, clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


@pytest.fixture
async def conversation_id(database: Database, clock: FixedClock) -> str:
    return await Applicant(database, clock).apply()


@pytest.fixture
async def code(delegations: Delegations, conversation_id: str) -> str:
    return (await delegations.create(conversation_id)).text


async def send(browser: httpx.AsyncClient, code: str, content: bytes, paper: str = "身份证") -> httpx.Response:
    """A picture as the page's form sends it."""
    fields, files = {"code": code, "paper": paper}, {"picture": ("照片.jpg", content, "image/jpeg")}
    return await browser.post(PICTURES_PATH, data=fields, files=files)


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
    shown = page.text.replace(code, "")  # its letters are drawn by lot
    assert [value for value in (*map(str, content.values()), "QH", "农户贷", "5万") if value in shown] == []
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


@pytest.fixture
async def stored(documents: Documents, conversation_id: str) -> Callable[[], Awaitable[list[DocumentView]]]:
    return lambda: documents.list_of_conversations([conversation_id])


Stored = Callable[[], Awaitable[list[DocumentView]]]


async def test_a_picture_goes_to_the_application_and_is_told_to_its_applicant(
    browser: httpx.AsyncClient, code: str, stored: Stored, database: Database, clock: FixedClock, conversation_id: str
) -> None:
    page = await send(browser, code, encode(draw()))
    assert page.status_code == 200
    assert "身份证的照片收到了，已经交给客户经理。" in page.text
    assert page.text.count("✓") == 1
    assert "王秀英" not in page.text  # nothing that the picture says
    [document] = await stored()
    assert document.application_id
    assert document.expires_at is None
    assert document.name == "身份证正面（帮办人传）"
    assert document.fields  # for the checks
    told = await Conversations(database, clock).list_messages(conversation_id)
    assert [message.text for message in told if message.author == "system"][-1].startswith("帮办人传来一张照片：身份证")


async def test_the_same_picture_twice_is_one_and_told_once(
    browser: httpx.AsyncClient, code: str, stored: Stored, database: Database, clock: FixedClock, conversation_id: str
) -> None:
    for _ in range(2):
        assert (await send(browser, code, encode(draw()))).status_code == 200
    assert len(await stored()) == 1
    messages = await Conversations(database, clock).list_messages(conversation_id)
    assert len([message for message in messages if "帮办人传来" in message.text]) == 1


async def test_one_picture_of_two_papers_is_kept_for_each(
    browser: httpx.AsyncClient, code: str, stored: Stored
) -> None:
    for paper in ("身份证", "户口簿"):
        await send(browser, code, encode(draw()), paper)
    assert sorted(document.paper or "" for document in await stored()) == ["户口簿", "身份证"]


async def test_what_cannot_be_read_is_to_be_taken_again(
    browser: httpx.AsyncClient, code: str, reader: ScriptedPictureReader, stored: Stored
) -> None:
    reader.reading = BLURRED
    page = await send(browser, code, encode(draw()))
    assert "身份证的照片有点糊" in page.text
    assert "✓" not in page.text
    assert len(await stored()) == 1  # a human may still read it


async def test_a_paper_nobody_knows_keeps_the_name_that_the_helper_gave_it(
    browser: httpx.AsyncClient, code: str, reader: ScriptedPictureReader, stored: Stored
) -> None:
    reader.reading = UNKNOWN
    await send(browser, code, encode(draw()), paper="户口簿")
    assert [document.name for document in await stored()] == ["户口簿（帮办人传）"]


@pytest.mark.parametrize(
    ("content", "paper", "status", "said"),
    [
        (b"", "身份证", 422, "请先选一张照片"),
        (b"MZ\x90\x00 no picture", "身份证", 422, "JPG"),
        (encode(draw()), "房产证", 422, "不用这份材料"),
        (b"\xff\xd8\xff" + b"x" * 12_000_000, "身份证", 413, "10MB"),
    ],
    ids=["empty", "program", "paper", "large"],
)
async def test_what_is_not_taken_is_said_above_the_list(
    browser: httpx.AsyncClient, code: str, stored: Stored, content: bytes, paper: str, status: int, said: str
) -> None:
    refused = await send(browser, code, content, paper)
    assert refused.status_code == status
    assert said in refused.text
    assert "✓" not in refused.text
    assert await stored() == []


async def test_a_picture_with_any_other_code_is_not_kept(
    browser: httpx.AsyncClient, code: str, stored: Stored, delegations: Delegations, conversation_id: str
) -> None:
    assert (await send(browser, "AAAAA-AAAAA", encode(draw()))).status_code == 404
    await delegations.revoke(conversation_id)
    refused = await send(browser, code, encode(draw()))
    assert refused.status_code == 404
    assert "户口簿" not in refused.text
    assert await stored() == []


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", ""])
async def test_a_body_that_is_no_form_is_refused(browser: httpx.AsyncClient, kind: str) -> None:
    refused = await browser.post(PICTURES_PATH, content=b"--y\r\nhello", headers={"Content-Type": kind})
    assert refused.status_code in (404, 422)


async def test_pictures_are_limited_by_address(browser: httpx.AsyncClient, code: str) -> None:
    statuses = [(await send(browser, code, b"")).status_code for _ in range(12)]
    assert statuses[-1] == 429
