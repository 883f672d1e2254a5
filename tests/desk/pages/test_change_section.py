"""What a product's draft touches is shown before it is submitted and approved, on a phone too."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import ViewportSize, expect

from desk.canned import CannedAnswers
from desk.impact import ApplicationImpact, Impact
from desk.pages import change_section
from desk.pages.change_section import KEPT, SHOWN, ImpactLine, draw_impact
from desk.pages.open_page import OpenPage as AnyPage
from desk.schemas import StaffView
from kit.clock import CHINA, read_clock
from knowledge.record import entry_revisions
from products.catalogue import replace_catalogue
from products.schemas import build_product
from revisions.schemas import Content
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser
from tests.desk.pages.still_page import StillClient, draw, read_texts

pytestmark = pytest.mark.exhaustive

SMALL: ViewportSize = {"width": 360, "height": 740}
TYPED = "小微企业贷的年利率从4.30%起，最高300万元。"


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


def open_line(judge: Callable[[Content], Impact]) -> tuple[ImpactLine, StillClient]:
    async def preview(staff: StaffView, product_id: str, content: Content, day: date) -> Impact:
        await asyncio.sleep(0)
        return judge(content)

    page = SimpleNamespace(staff=None, desk=SimpleNamespace(changes=SimpleNamespace(preview=preview)))
    with draw() as client:
        return ImpactLine(cast(AnyPage, page), "firm_loan", {}), client


async def test_only_what_was_typed_last_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_section, "PAUSE_SECONDS", 0.01)
    judged: list[Content] = []

    def judge(content: Content) -> Impact:
        judged.append(content)
        return Impact(quotas=content["amount_max"], quotas_until=date(2026, 7, 30))

    line, client = open_line(judge)
    await asyncio.gather(*(line.show({"amount_max": number}, "2026-07-01") for number in range(1, 6)))
    assert judged == [{"amount_max": 5}]
    assert "这次改动会影响：5位客户的额度结果" in read_texts(client)


async def test_nothing_is_said_of_what_is_no_product_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_section, "PAUSE_SECONDS", 0.0)
    line, client = open_line(lambda content: Impact(quotas=build_product("firm_loan", 0, content).amount_max))
    await line.show({}, "2026-07-01")
    await line.show({}, "")
    assert read_texts(client) == []


def test_of_many_applications_those_outside_the_limits_come_first() -> None:
    applications = tuple(ApplicationImpact(f"QH{n}", None, is_outside=n >= SHOWN) for n in range(SHOWN + 10))
    with draw() as client:
        draw_impact(Impact(applications=applications), {})
    texts = read_texts(client)
    assert texts[texts.index(KEPT) + 2] == f"QH{SHOWN}，超出新范围，请客户经理和客户商量"
    assert texts[-1] == "还有10笔"


@in_browser
async def test_what_a_change_touches_is_shown_before_it_is_submitted_and_approved(
    site_office: Office, open_page: OpenPage
) -> None:
    editor = await site_office.hire("qianyi", "editor", is_online=False)
    await site_office.hire("sunqi", "approver", is_online=False)
    today = read_clock().astimezone(CHINA).date()
    usual: dict[str, Any] = {"category": "loans", "similar_questions": [], "answer_english": None}
    entries = {
        "typed-firm": ("小微企业贷怎么算？", TYPED),
        "filled-firm": ("公司贷款利率？", "年利率{rate:小微企业贷}。"),
    }
    async with site_office.database.transaction() as session:
        for key, (question, answer) in entries.items():
            content = {**usual, "question": question, "answer": answer}
            await entry_revisions.seed(session, key, [(today, content)], read_clock())
    await CannedAnswers(site_office.database).save(editor, "企业利率", "小微企业贷年利率百分之四点三起")

    page = await open_page("qianyi", "/products")
    card = page.locator("article", has=page.get_by_role("heading", name="小微企业贷", exact=True))
    await card.get_by_role("button", name="修改").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("年利率最低").fill("4.1")
    await expect(form.get_by_text("2处手写的旧数字会变错")).to_be_visible()
    await expect(form.get_by_text("手写的4.30%会变错")).to_be_visible()
    await form.get_by_role("button", name="提交审核").click()
    await expect(card.get_by_text("这次改动会影响：2条知识、1条常用语")).to_be_visible()
    await expect(card.get_by_text("常用语“企业利率”：手写的百分之四点三会变错")).to_be_visible()
    await card.get_by_text("条知识的数字自动跟着变").click()
    await expect(card.get_by_text("年利率4.10%至5.90%。")).to_be_visible()

    judge = await open_page("sunqi", "/products", SMALL)
    judged = judge.locator("article", has=judge.get_by_role("heading", name="小微企业贷", exact=True))
    await expect(judged.get_by_role("button", name="起草修改")).to_have_count(0)
    await judged.get_by_text("处表单文字自动跟着变").click()
    await expect(judged.get_by_text("A级4.10%")).to_be_visible()
    assert await judge.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await judged.get_by_role("button", name="通过").click()
    await expect(judge.get_by_role("dialog").get_by_text("还有2处手写的旧数字没有改")).to_be_visible()
    await judge.get_by_role("dialog").get_by_role("button", name="取消").click()

    await card.get_by_role("button", name="起草修改").click()
    other = judged.locator("section.draft", has_text="知识“小微企业贷怎么算？”").last
    await expect(other.locator(".old", has_text=TYPED)).to_be_visible()
    await expect(other.locator(".new", has_text="从{rate_min:小微企业贷}起，最高300万元")).to_be_visible()
    await expect(other.get_by_text("qianyi，")).to_be_visible()
    assert await judge.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.goto(page.url.replace("/products", "/entries"))
    await expect(page.get_by_role("link", name="在“产品”页审核")).to_be_visible()
    # Nothing is left for other tests of this site.
    await page.goto(page.url.replace("/entries", "/products"))
    await card.get_by_role("button", name="撤回").click()
    await page.get_by_role("dialog").get_by_role("button", name="撤回").click()
    await expect(card.get_by_text("草稿等审核")).to_have_count(0)
