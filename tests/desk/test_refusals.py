"""What staff try without the right is on record with their address, however often a script tries it."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.entrance import COOKIE
from desk.guard import StaffOnly
from desk.refusals import AT_MOST
from desk.schemas import AuditView
from kit.database import Database
from tests.desk.office import PASSWORD

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def list_refusals(database: Database) -> list[AuditView]:
    return [each for each in await AuditLog(database).list_records(100) if each.action == "refused"]


async def refuse(request: Request) -> PlainTextResponse:
    return PlainTextResponse("", 403)


async def test_a_page_without_the_right(accounts: Accounts, database: Database) -> None:
    editor = await accounts.add_staff("sun", "孙梅", "editor", PASSWORD)
    await accounts.change_password(editor.id, PASSWORD, "另一座桥-1988-柳河")
    token = await accounts.sign_in("sun", "另一座桥-1988-柳河")
    app = StaffOnly(Starlette(routes=[Route("/{path:path}", refuse)]), accounts)
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", cookies={COOKIE: token}) as browser:
        for _ in range(5):
            assert (await browser.get("/staff")).status_code == 403
        await browser.get("/talks/13800001234?phone=13900001234")
    second, first = await list_refusals(database)
    assert (first.staff_id, first.subject) == (editor.id, "/staff")
    assert first.details == {"address": "192.0.2.7", "code": "page"}
    assert second.subject == "/talks/138****1234"


async def test_a_script_cannot_fill_the_disk(accounts: Accounts, database: Database) -> None:
    for number in range(AT_MOST * 5):
        await accounts.refusals.add("mallory", f"/talks/{number}", "not_yours")
    assert len(await list_refusals(database)) == AT_MOST
    await accounts.refusals.add("somebody else", "/talks/1", "not_yours")
    assert len(await list_refusals(database)) == AT_MOST + 1
