"""The page of products: drafted by one, approved by another for tomorrow, and followed by the bot."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from bot.actions.product_limits import limit_amount
from desk.pages.product_fields import split_items
from desk.pages.products import list_facts
from desk.product_wording import write_value
from desk.roles import Role
from desk.tables import Staff
from dev.stack import Stack
from kit.clock import CHINA, read_clock, write_day
from kit.http import ServiceClient
from products import catalogue
from products.catalogue import read_seed, replace_catalogue
from products.client import ProductsClient
from tests.desk.office import Office
from tests.desk.pages.conftest import PHONE, OpenPage, in_browser
from tests.fakes import FixedClock

FARMER = read_seed().products["farmer_loan"][-1][1]


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount_max", 300_000, "30万元"),
        ("term_max", 36, "3年"),
        ("annual_rate", ["4.9", "6.5"], "4.90%至6.50%"),
        ("kind", "farmer", "农户"),
        ("repayment", ["bullet", "equal_instalments"], "等额本息、到期一次还本付息"),
        ("districts", [], "全部"),
        ("prohibited_purposes", [], "无"),
        ("prohibited_purposes", ["购房", "炒股"], "购房、炒股"),
    ],
)
def test_a_value_is_written_in_words(field: str, value: object, words: str) -> None:
    assert write_value(field, value) == words


def test_a_product_at_a_glance_begins_with_the_rate() -> None:
    facts = list_facts(FARMER.dump_content())
    assert facts[0] == ("年利率", "4.90%至6.50%（单利，含全部直接费用）")
    assert facts[1] == ("额度", "1000元至30万元，全部线上")


def test_items_are_split_and_named_once() -> None:
    assert split_items("购房、炒股，购房\n 理财投资 ") == ["购房", "炒股", "理财投资"]


async def promote(office: Office, staff_id: str, role: Role) -> None:
    async with office.database.transaction() as session:
        await session.execute(update(Staff).where(Staff.id == staff_id).values(role=role))


async def read_limits(site: Stack, monkeypatch: pytest.MonkeyPatch, day: date) -> tuple[int, int]:
    """What the bot would allow on a day, as it reads the catalogue from the desk."""
    token = site.environment["XIAOHE_SERVICE_TOKEN"]
    client = ProductsClient(ServiceClient("products", site.urls["desk"], deadline=60, token=token))
    replace_catalogue(await client.read())
    await client.close()
    noon = read_clock().astimezone(CHINA).replace(year=day.year, month=day.month, day=day.day, hour=12)
    monkeypatch.setattr(catalogue, "read_clock", FixedClock(noon))
    return limit_amount({"product": "农户贷"})


@in_browser
async def test_drafted_by_one_approved_by_another_and_followed_by_the_bot(
    site: Stack, site_office: Office, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await site_office.hire("lihong", "editor", is_online=False)
    await site_office.hire("wangwei", "approver", is_online=False)
    today = read_clock().astimezone(CHINA).date()
    tomorrow = today + timedelta(days=1)

    page = await open_page("lihong", "/products")
    card = page.locator("article", has=page.get_by_role("heading", name="农户贷"))
    await card.get_by_role("button", name="修改").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("最高额度（元）").fill("200000")
    await form.get_by_label("从哪天起生效").fill(tomorrow.isoformat())
    await form.get_by_role("button", name="提交审核").click()
    await expect(form.get_by_text("最高额度不能小于线上最高")).to_be_visible()
    await form.get_by_label("最高额度（元）").fill("400000")
    await form.get_by_role("button", name="提交审核").click()
    await expect(card.get_by_text("草稿等审核")).to_be_visible()
    await expect(card.locator(".diff")).to_have_text(re.compile("最高额度.*30万元.*40万元"))
    await expect(card.get_by_role("button", name="通过")).to_have_count(0)

    # The same person, even as an approver.
    await promote(site_office, writer.id, "approver")
    own = await open_page("lihong", "/products")
    own_card = own.locator("article", has=own.get_by_role("heading", name="农户贷"))
    await expect(own_card.get_by_text("由另一位同事审核")).to_be_visible()
    await expect(own_card.get_by_role("button", name="通过")).to_have_count(0)

    phone = await open_page("wangwei", "/products", PHONE)
    phone_card = phone.locator("article", has=phone.get_by_role("heading", name="农户贷"))
    await expect(phone_card.locator(".diff")).to_have_text(re.compile("最高额度.*30万元.*40万元"))
    assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await phone_card.get_by_role("button", name="通过").click()
    await phone.get_by_role("dialog").get_by_role("button", name="通过").click()
    await expect(phone_card.get_by_text(f"{write_day(tomorrow)}起有新内容")).to_be_visible()
    await expect(phone_card.get_by_text("1000元至30万元")).to_be_visible()

    assert await read_limits(site, monkeypatch, today) == (1_000, 300_000)
    assert await read_limits(site, monkeypatch, tomorrow) == (1_000, 400_000)

    await phone_card.get_by_role("button", name="历史").click()
    history = phone.get_by_role("dialog")
    await expect(history.get_by_role("heading", name="第3版")).to_be_visible()
    await expect(history.get_by_text("wangwei")).to_be_visible()


@in_browser
async def test_a_draft_is_returned_with_a_reason_and_a_product_is_added(
    site_office: Office, open_page: OpenPage
) -> None:
    await site_office.hire("zhaolei", "editor", is_online=False)
    await site_office.hire("sunyan", "approver", is_online=False)
    page = await open_page("zhaolei", "/products")
    await page.get_by_role("button", name="添加产品").click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="提交审核").click()
    await expect(form.get_by_text("请填写2到16个字的名称")).to_be_visible()
    await form.get_by_label(re.compile("产品编号")).fill("orchard_loan")
    await form.get_by_label("名称").fill("果园贷")
    await form.get_by_label("客户类型").click()
    await page.get_by_role("option", name="农户").click()
    await form.get_by_label("适合谁").fill("种果树的农户")
    limits = {"起贷": "1000", "线上最高": "50000", "最高额度": "80000", "单笔最长": "36", "法定期限": "60"}
    for label, value in limits.items():
        await form.get_by_label(re.compile(f"^{label}")).fill(value)
    await form.get_by_label(re.compile("年利率最低")).fill("4.9")
    await form.get_by_label(re.compile("年利率最高")).fill("6.55")
    await form.get_by_label("还款方式").click()
    await page.get_by_role("option", name="等额本息").click()
    await page.keyboard.press("Escape")
    await form.get_by_label("所需材料").fill("身份证、土地承包合同")
    await form.get_by_role("button", name="提交审核").click()
    card = page.locator("article", has=page.get_by_role("heading", name="果园贷"))
    await expect(card.get_by_text("4.90%至6.55%")).to_be_visible()

    judge = await open_page("sunyan", "/products")
    judged = judge.locator("article", has=judge.get_by_role("heading", name="果园贷"))
    await judged.get_by_role("button", name="退回").click()
    await judge.get_by_label("原因").fill("利率还没有定价会纪要")
    await judge.get_by_role("dialog").get_by_role("button", name="退回").click()
    await expect(judged.get_by_text("草稿等审核")).to_have_count(0)
    await expect(card.get_by_text("利率还没有定价会纪要")).to_be_visible()
    assert Decimal("6.55") > FARMER.annual_rate[1]
