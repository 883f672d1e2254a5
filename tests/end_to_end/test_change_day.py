"""A rate is changed: answers, quota check and calculator say the new one together, and the old one after a rollback."""

import re
import time
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from dev.stack import Stack
from tests.end_to_end.conftest import OpenDesk
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.staff import PHONE
from tests.end_to_end.test_knowledge_journey import LEARNED_MS, find_card, hears, publish, wait_until_heard
from tests.waiting import WAIT_SECONDS

QUESTION = "早市摆摊的商户贷有早鸟优惠吗？"
TYPED, MENDED = "没有早鸟优惠，商户贷年利率5.20%起。", "没有早鸟优惠，商户贷年利率4.35%起。"
ASKED = "商户贷有早鸟优惠没得"
RATES = "商户贷年利率是多少"


def find_product(page: Page, name: str = "商户贷") -> Locator:
    return page.locator("article", has=page.get_by_role("heading", name=name, exact=True))


def read_quota_rate(stack: Stack) -> Decimal:
    with Customer(stack.urls["gateway"]) as trader:
        trader.say("能贷多少")
        trader.press("同意")
        trader.press("开店摆摊")
        trader.say("每月5万，开了五年，没有欠款")
        found = re.search(r"年利率([0-9.]+)%", read_words(trader.say("没有")))
    assert found
    return Decimal(found[1])


def calculates(stack: Stack, rate: str) -> bool:
    return hears(stack, f"{rate}%", "商户贷借10万三年每月还多少")


def wait_until_said(stack: Stack, quota: Decimal, calculated: str) -> None:
    """Each process learns of a change by itself, within seconds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (read_quota_rate(stack) == quota and calculates(stack, calculated)):
        assert time.monotonic() < deadline, (quota, calculated)


def write_entry(editor: Page, approver: Page) -> None:
    editor.get_by_role("button", name="写新答案").click()
    form = editor.get_by_role("dialog")
    form.get_by_label("问题", exact=True).fill(QUESTION)
    form.get_by_label("相似问法").fill(f"{ASKED}\n商户贷早鸟优惠")
    form.get_by_label("答案（数字").fill(TYPED)
    form.get_by_label("主题").click()
    editor.get_by_role("option", name="贷款产品").click()
    form.get_by_role("button", name="提交审核").click()
    expect(find_card(approver, QUESTION).get_by_text("草稿等审核")).to_be_visible()
    publish(approver, QUESTION)


def approve(approver: Page) -> None:
    find_product(approver).get_by_role("button", name="通过").click()
    dialog = approver.get_by_role("dialog")
    expect(dialog.get_by_text("份草稿一起通过")).to_be_visible()
    dialog.get_by_role("button", name="通过").click()
    expect(find_product(approver).get_by_text("草稿等审核")).to_have_count(0, timeout=LEARNED_MS)


@pytest.mark.exhaustive
def test_a_changed_rate_is_heard_everywhere_and_taken_back_everywhere(staffed: Stack, open_desk: OpenDesk) -> None:
    editor, approver = open_desk("sunmei"), open_desk("zhoujie", PHONE)
    for page in (editor, approver):
        page.goto(f"{staffed.urls['desk']}/entries")
    write_entry(editor, approver)
    wait_until_heard(staffed, TYPED, ASKED)
    before = read_quota_rate(staffed)
    assert hears(staffed, "5.20%至6.90%", RATES)
    assert calculates(staffed, "6.9")

    for page in (editor, approver):
        page.goto(f"{staffed.urls['desk']}/products")
    find_product(editor).get_by_role("button", name="修改").click()
    form = editor.get_by_role("dialog")
    form.get_by_label("年利率最低").fill("4.35")
    form.get_by_label("年利率最高").fill("6.05")
    expect(form.get_by_text("这次改动会影响")).to_be_visible()
    expect(form.get_by_text("手写的5.20%会变错")).to_be_visible()
    form.get_by_role("button", name="提交审核").click()
    card = find_product(editor)
    card.get_by_role("button", name="起草修改").click()
    expect(card.get_by_text(f"知识“{QUESTION}”")).to_be_visible()
    expect(card.get_by_text("手写的")).to_have_count(0)
    expect(find_product(approver).get_by_text(f"知识“{QUESTION}”")).to_be_visible()
    find_product(approver).get_by_text("条知识的数字自动跟着变").click()
    expect(find_product(approver).get_by_text(MENDED)).to_be_visible()
    assert approver.evaluate("document.documentElement.scrollWidth <= innerWidth")

    approve(approver)
    wait_until_heard(staffed, "4.35%至6.05%", RATES)
    wait_until_heard(staffed, MENDED, ASKED)
    wait_until_said(staffed, before - Decimal("0.85"), "6.05")

    card.get_by_role("button", name="历史").click()
    editor.get_by_role("dialog").get_by_role("button", name="整个改动恢复到之前").click()
    editor.get_by_role("dialog", name="整个改动恢复到之前？").get_by_role("button", name="起草").click()
    expect(find_product(approver).get_by_text(f"知识“{QUESTION}”")).to_be_visible()
    approve(approver)
    wait_until_heard(staffed, "5.20%至6.90%", RATES)
    wait_until_heard(staffed, TYPED, ASKED)
    wait_until_said(staffed, before, "6.9")
