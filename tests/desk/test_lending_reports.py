"""The lending report: who came how far, how long it took, where the form is left; who may have it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import update

from applications.moves import move
from applications.schemas import ApplicationView, Move
from applications.stages import Actor, Stage
from applications.tables import Application
from conversations.tables import Message
from desk.audit import AuditLog
from desk.entrance import COOKIE
from desk.guard import StaffOnly
from desk.lending_export import build_router
from desk.lending_reports import LendingReports
from desk.roles import Role
from kit.errors import RequestError
from kit.web import create_web_app
from tests.applications.making import read_hours
from tests.campaigns.registers import TWO, start
from tests.desk.village import PASSWORD, PHONE, Village

FORM = "application_form"
STAFF: tuple[Actor, ...] = ("account_manager", "credit_department", "bank_core")


@pytest.fixture
def reports(village: Village) -> LendingReports:
    return LendingReports(village.database, village.accounts, village.clock)


async def ask(village: Village, user: str, *slots: str, form: str = FORM) -> None:
    """The customer opens a form and is asked these questions."""
    conversation = (await village.conversations.open_conversation("wechat", user)).id
    async with village.database.transaction() as session:
        for slot in slots:
            said = {"conversation_id": conversation, "direction": "outbound", "author": "bot", "text": "请问"}
            session.add(Message(**said, asked=f"{form}.{slot}", at=village.clock.now))
            await session.flush()


async def take(village: Village, application: ApplicationView, *stages: Stage, hours: float = 1, **more: Any) -> None:
    """It moves on, an hour for each stage."""
    stage = application.stage
    async with village.database.transaction() as session:
        for following in stages:
            village.clock.move(hours=hours)
            change = Move(expected=stage, stage=following, **(more if following == stages[-1] else {}))
            await move(session, application.id, change, STAFF, now=village.clock.now, hours=await read_hours())
            stage = following


@pytest.fixture
async def month(village: Village) -> None:
    """Four hand in, of whom one is paid out, one refused and one late; three more leave the form."""
    manager = await village.hire("zhang")
    await ask(village, "an", "application_consent", "product", "amount", "application_confirmed")
    paid = await village.apply("an")
    await take(village, paid, "checking", "approved", "signed", "drawn")
    refused = await village.apply("bo", region="青山村", amount=50_000)
    await take(village, refused, "checking", "declined", hours=3, reason_class="debt")
    late = await village.apply("cui")
    async with village.database.transaction() as session:
        await session.execute(update(Application).where(Application.id == late.id).values(manager_id=manager.id))
    village.clock.move(days=9)
    await village.apply("du", product="trader_loan")
    await ask(village, "eng", "application_consent")
    await ask(village, "fan", "application_consent", "product", "amount", "product", "amount")
    await ask(village, "ge", "application_consent", "product", "amount", "term")
    await ask(village, "he", "quota_consent", "product", form="quota_form")


async def test_how_far_they_came(village: Village, reports: LendingReports, month: None) -> None:
    report = await reports.read(await village.hire("wu", "supervisor"), 30)
    funnel = {step.name: step.count for step in report.funnel}
    assert funnel == {
        "打开申请": 4,
        "同意填写": 3,
        "提交": 4,
        "开始处理": 2,
        "批准": 1,
        "签合同": 1,
        "放款": 1,
    }
    reached = {each.label: (each.asked, each.stopped) for each in report.questions if each.asked}
    assert reached == {"同意填写": (4, 1), "选产品": (3, 0), "金额": (3, 1), "期限": (1, 1), "核对提交": (1, 0)}
    assert next(each.drop_off for each in report.questions if each.label == "金额") == pytest.approx(1 / 3)
    assert [(each.submitted, each.approved) for each in report.days if each.submitted] == [(2, 1), (1, 0), (1, 0)]
    assert len(report.days) == 30


async def test_how_long_it_took_and_what_is_late(village: Village, reports: LendingReports, month: None) -> None:
    report = await reports.read(await village.hire("wu", "supervisor"), 30)
    stages = {each.stage: each for each in report.stages}
    submitted, checking = stages["submitted"], stages["checking"]
    assert (submitted.here, submitted.late, submitted.left) == (2, 1, 2)
    assert (submitted.time.median, submitted.time.p90) == (2 * 3600, 3 * 3600)
    assert (checking.here, checking.left, stages["visit"].time.median) == (0, 2, None)
    assert report.late == 1
    groups = {each.name: (each.submitted, each.approved, each.declined, each.late) for each in report.places}
    assert groups == {"柳河镇": (3, 1, 0, 1), "青山村": (1, 0, 1, 0)}
    assert [(each.name, each.submitted, each.amount) for each in report.managers] == [
        ("还没有客户经理", 3, 250_000),
        ("zhang的名", 1, 100_000),
    ]
    farmer = report.products[0]
    assert (farmer.name, farmer.submitted, farmer.approval, farmer.decision.p90) == ("农户贷", 3, 0.5, 6 * 3600)
    assert [(each.name, each.approval) for each in report.products[1:]] == [("商户贷", None)]


async def test_what_was_approved_and_refused_after_all_is_not_approved(
    village: Village, reports: LendingReports
) -> None:
    await take(village, await village.apply("an"), "checking", "approved", "declined", reason_class="debt")
    report = await reports.read(await village.hire("wu", "supervisor"), 30)
    assert {step.name: step.count for step in report.funnel}["批准"] == 0
    assert (report.products[0].approval, report.products[0].decision.median) == (0.0, 2 * 3600)


async def test_by_campaign_and_beside_them_what_is_about_loans_that_exist(
    village: Village, reports: LendingReports
) -> None:
    campaign = await start(village.database, village.clock, TWO.replace("13800001234", PHONE))
    paid = await village.apply("an")
    await take(village, paid, "checking", "approved", "signed", "drawn")
    await village.apply("bo", phone="13900001111")  # on no list
    await village.apply("an", product="trader_loan")  # not what was offered
    renewed = await village.apply("cui")
    async with village.database.transaction() as session:
        await session.execute(update(Application).where(Application.id == renewed.id).values(kind="renewal"))
    await take(village, renewed, "checking", "approved", "completed")
    report = await reports.read(await village.hire("wu", "supervisor"), 30)
    assert [(each.name, each.submitted, each.drawn) for each in report.campaigns] == [(campaign.name, 1, 1)]
    assert [(each.name, each.submitted, each.approved, each.drawn) for each in report.existing] == [("续贷", 1, 1, 1)]
    assert sum(each.submitted for each in report.products) == 3


async def test_without_anything(village: Village, reports: LendingReports) -> None:
    report = await reports.read(await village.hire("wu", "supervisor"), 90)
    assert (sum(step.count for step in report.funnel), report.products, report.late) == (0, (), 0)


@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver", "admin"])
async def test_it_is_for_supervisors(village: Village, reports: LendingReports, role: Role) -> None:
    with pytest.raises(RequestError) as refusal:
        await reports.read(await village.hire("li", role), 30)
    assert refusal.value.status == 403


@pytest.fixture
async def client(village: Village, reports: LendingReports) -> AsyncIterator[httpx.AsyncClient]:
    staff = await village.hire("wu", "supervisor")
    await village.accounts.change_password(staff.id, PASSWORD, f"{PASSWORD}-新")
    token = await village.accounts.sign_in("wu", f"{PASSWORD}-新")
    app: FastAPI = create_web_app("desk", checks={})
    app.add_middleware(StaffOnly, accounts=village.accounts)
    app.include_router(build_router(reports))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", cookies={COOKIE: token}) as opened:
        yield opened


async def test_as_a_spreadsheet(village: Village, client: httpx.AsyncClient) -> None:
    await village.apply("an", region="=柳河镇")
    response = await client.get("/export/lending.xlsx", params={"days": "30"})
    assert response.status_code == 200, response.text
    book = load_workbook(BytesIO(response.content))
    assert book.sheetnames == ["漏斗", "阶段", "产品", "村镇", "客户经理", "活动", "续贷用款年审", "申请表"]
    headings, place = list(book["村镇"].iter_rows(values_only=True))
    assert dict(zip(headings, place, strict=True)) | {"名称": "'=柳河镇", "提交": 1} == dict(
        zip(headings, place, strict=True)
    )  # no formula
    written = (await AuditLog(village.database).list_records(1))[0]
    assert (written.action, written.subject, written.details["rows"]) == ("exported", "lending", 1)
    for days in ("", "8", "7000", "x"):
        assert (await client.get("/export/lending.xlsx", params={"days": days})).status_code == 422


async def test_what_was_handed_in_before_the_period_is_not_in_it(village: Village, reports: LendingReports) -> None:
    await village.apply("an")
    village.clock.now += timedelta(days=31)
    report = await reports.read(await village.hire("wu", "supervisor"), 30)
    assert report.products == ()
