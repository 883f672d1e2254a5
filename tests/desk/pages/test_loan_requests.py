"""What customers ask for of their loans, as their account manager finds it, on a phone and on a desktop."""

import uuid
from pathlib import Path

import pytest
from playwright.async_api import ViewportSize, expect

from conversations.customers import find_customer_id, set_manager
from conversations.schemas import ConsentGiven
from core_banking.schemas import LoanRequestIn
from kit.clock import read_clock
from privacy.purposes import APPLICATION, SHARING
from tests.connectors.talk import make_rights
from tests.core_banking.bank import Bank
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser
from tests.desk.pages.test_application_sheets import shoot
from tests.desk.village import Village
from tests.fakes import FixedClock, ScriptedBot


async def ask_for(office: Office, folder: Path, manager_id: str, phone: str, kind: str, **more: object) -> None:
    """A customer of theirs confirms it."""
    clock = FixedClock(read_clock())
    bank = Bank(office.database, clock, folder)
    conversation_id = await bank.verify(uuid.uuid4().hex, phone)
    async with office.database.transaction() as session:
        customer_id = await find_customer_id(session, conversation_id)
        await set_manager(session, str(customer_id), manager_id)
    given = [ConsentGiven(purpose=purpose) for purpose in (APPLICATION, SHARING)]
    await make_rights(office.database, clock, ScriptedBot()).record_consents(conversation_id, 1, given)
    (loan,) = (await bank.loans.list_loans(conversation_id)).loans
    wanted = LoanRequestIn.model_validate({"conversation_id": conversation_id, "kind": kind, **more})
    await bank.loans.request(loan.ref, wanted, uuid.uuid4().hex)


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_requests_stand_among_the_applications_with_what_the_core_said(
    site_office: Office, open_page: OpenPage, tmp_path: Path, size: ViewportSize
) -> None:
    login = f"m{uuid.uuid4().hex[:8]}"
    manager = await site_office.hire(login, "account_manager", is_online=False)
    said = {"is_operating": True, "needs_funds": True}
    await ask_for(site_office, tmp_path, manager.id, "13800007001", "renewal", **said)
    await ask_for(site_office, tmp_path, manager.id, "13800007004", "drawdown", amount=30_000)
    await ask_for(site_office, tmp_path, manager.id, "13800007007", "review")
    await Village(site_office.database, site_office.accounts, FixedClock(read_clock())).ownership.assign_new()
    page = await open_page(login, "/customers", size=size)
    for words in ("农户贷续贷", "农户贷用款", "商户贷年审"):
        await expect(page.get_by_text(words).first).to_be_visible()
    await shoot(page, f"loans-{size['width']}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card = page.locator("article", has=page.get_by_role("heading", name="王秀英")).first
    await card.get_by_role("button", name="内容").click()
    sheet = page.locator(".sheet")
    await expect(sheet).to_contain_text("王秀英的申请内容")
    for words in ("贷款余额80000.00元", "还在经营是", "核心受理号DC", "现在逾期没有"):
        await expect(sheet).to_contain_text(words)
    await shoot(page, f"loan-{size['width']}")
    assert await sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")
