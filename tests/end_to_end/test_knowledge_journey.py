"""An answer from its first draft to the customer and back: near duplicates, golden questions, two persons."""

import time

import pytest
from playwright.sync_api import Locator, Page, expect

from dev.stack import Stack
from tests.end_to_end.conftest import OpenDesk
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.staff import PHONE
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.exhaustive

QUESTION = "收割机作业补贴怎么领？"
ASKED = "收割机补贴咋个领法"
# On a slow machine a trial takes its time.
LEARNED_MS = WAIT_SECONDS * 1000
NEXT = "银行卡丢了怎么挂失？"
FIRST, SECOND = "带作业合同到柳河网点登记就行。", "带作业合同和身份证到柳河网点登记就行。"


def find_card(page: Page, question: str = QUESTION) -> Locator:
    page.get_by_label("搜索问题、问法和答案").fill(question)
    # On a busy machine the list of before stands there for a moment, too.
    return page.locator("article", has=page.get_by_role("heading", name=question)).first


def publish(page: Page, question: str = QUESTION) -> None:
    find_card(page, question).get_by_role("button", name="通过").click()
    page.get_by_role("dialog").get_by_role("button", name="通过").click()


def hears(stack: Stack, words: str, asked: str = ASKED) -> bool:
    with Customer(stack.urls["gateway"]) as asking:
        return words in read_words(asking.say(asked))


def wait_until_heard(stack: Stack, words: str, asked: str = ASKED) -> None:
    deadline = time.monotonic() + 2 * WAIT_SECONDS
    while not hears(stack, words, asked):
        assert time.monotonic() < deadline, words
        time.sleep(0.2)


def test_an_answer_is_written_tried_published_and_taken_back(staffed: Stack, open_desk: OpenDesk) -> None:
    assert not hears(staffed, FIRST)

    editor = open_desk("sunmei")
    editor.goto(f"{staffed.urls['desk']}/entries")
    editor.get_by_role("button", name="写新答案").click()
    form = editor.get_by_role("dialog")
    form.get_by_label("问题", exact=True).fill(QUESTION)
    form.get_by_label("相似问法").fill("收割机补贴\n银行卡丢了怎么挂失")
    expect(form.locator(".alike")).to_contain_text("银行卡丢了怎么挂失")
    form.get_by_label("答案（数字").fill(FIRST)
    expect(form.locator(".preview")).to_have_text(FIRST)
    form.get_by_role("button", name="提交审核").click()
    expect(form.get_by_text("请填写主题")).to_be_visible()
    form.get_by_label("主题").click()
    editor.get_by_role("option", name="乡村服务").click()
    form.get_by_role("button", name="提交审核").click()
    expect(find_card(editor).get_by_text("草稿等审核")).to_be_visible()
    expect(find_card(editor).get_by_role("button", name="通过")).to_have_count(0)

    # It would take the questions of lost cards.
    approver = open_desk("zhoujie", PHONE)
    approver.goto(f"{staffed.urls['desk']}/entries")
    publish(approver)
    refusal = approver.get_by_role("dialog", name="个问题会答错")
    expect(refusal.get_by_text(f"发布后会答：{QUESTION}").first).to_be_visible(timeout=LEARNED_MS)
    assert approver.evaluate("document.documentElement.scrollWidth <= innerWidth")
    refusal.get_by_role("button", name="关闭").click()
    assert not hears(staffed, FIRST)

    # The editor sees why, and what the draft would do.
    find_card(editor).get_by_role("button", name="试一试").click()
    test = editor.get_by_role("dialog", name="试一试")
    test.get_by_role("button", name="试答必测题").click()
    expect(test.get_by_text(f"发布后会答：{QUESTION}").first).to_be_visible(timeout=LEARNED_MS)
    test.get_by_label("客户会怎么问").fill(ASKED)
    test.get_by_role("button", name="问", exact=True).click()
    expect(test.get_by_text("发布这份草稿后")).to_be_visible(timeout=LEARNED_MS)
    expect(test.get_by_text(f"　{QUESTION}")).to_have_count(1)
    test.get_by_role("button", name="关闭").click()

    find_card(editor).get_by_role("button", name="改草稿").click()
    form.get_by_label("相似问法").fill("收割机补贴\n收割机补贴到哪儿领")
    expect(form.locator(".alike")).to_be_empty()
    form.get_by_role("button", name="提交审核").click()
    expect(find_card(editor).get_by_text("银行卡丢了怎么挂失")).to_have_count(0)
    expect(find_card(approver).get_by_text("收割机补贴到哪儿领")).to_be_visible()
    publish(approver)
    expect(find_card(approver).get_by_text("在用")).to_be_visible(timeout=LEARNED_MS)
    wait_until_heard(staffed, FIRST)

    expect(find_card(editor).get_by_text("草稿等审核")).to_have_count(0, timeout=LEARNED_MS)
    find_card(editor).get_by_role("button", name="修改").click()
    form.get_by_label("答案（数字").fill(SECOND)
    form.get_by_label("接着可以问").fill("银行卡丢了怎么办")
    form.get_by_role("button", name=NEXT).click()
    expect(form.get_by_role("button", name=f"去掉“{NEXT}”")).to_be_visible()
    form.get_by_role("button", name="提交审核").click()
    expect(find_card(approver).locator(".diff .new")).to_have_text([SECOND, NEXT])
    publish(approver)
    wait_until_heard(staffed, SECOND)
    with Customer(staffed.urls["gateway"]) as customer:
        answer, more = customer.say(ASKED)["replies"]
        assert (answer["text"], more["text"]) == (SECOND, "您可能还想问：")
        assert "挂失" in read_words(customer.press(NEXT))

    expect(find_card(editor).get_by_text("草稿等审核")).to_have_count(0, timeout=LEARNED_MS)
    find_card(editor).get_by_role("button", name="历史").click()
    history = editor.get_by_role("dialog")
    history.get_by_role("button", name="恢复到这一版").click()
    editor.get_by_role("dialog", name="恢复到第1版？").get_by_role("button", name="起草").click()
    expect(find_card(approver).get_by_text("到第1版")).to_be_visible()
    publish(approver)
    wait_until_heard(staffed, FIRST)
    assert not hears(staffed, SECOND)


HEADINGS = "编号,主题,问题,相似问法,答案"
ROWS = (
    'pond-pump,乡村服务,鱼塘抽水机怎么租？,"抽水机出租\n鱼塘抽水找谁",到柳河网点登记，当天可以拉走。',
    'seed-drill,乡村服务,播种机怎么租？,"播种机出租\n租播种机找谁",到柳河网点登记，先到先得。',
)


def import_rows(page: Page, *rows: str) -> Locator:
    page.get_by_role("button", name="表格").click()
    page.get_by_text("导入表格…").click()
    content = "\n".join((HEADINGS, *rows)).encode()
    page.locator("input[type=file]").set_input_files({"name": "知识.csv", "mimeType": "text/csv", "buffer": content})
    return page.get_by_role("dialog")


def test_a_table_is_imported_and_approved_at_once(staffed: Stack, open_desk: OpenDesk) -> None:
    editor = open_desk("sunmei")
    editor.goto(f"{staffed.urls['desk']}/entries")
    broken = import_rows(editor, ROWS[0], ROWS[1].replace("乡村服务", "农机"))
    expect(broken.get_by_text("第3行 主题：“农机”不认识")).to_be_visible()
    expect(broken.get_by_role("button", name="导入")).to_be_disabled()
    broken.get_by_role("button", name="取消").click()
    expect(find_card(editor, "鱼塘抽水机怎么租？")).to_have_count(0)

    right = import_rows(editor, *ROWS)
    right.get_by_role("button", name="导入2行").click()
    expect(find_card(editor, "鱼塘抽水机怎么租？").get_by_text("草稿等审核")).to_be_visible()

    editor.goto(f"{staffed.urls['desk']}/batch-test")
    with_drafts = editor.get_by_label("连同等审核的草稿一起试")
    with_drafts.click()
    expect(with_drafts).to_be_checked()
    questions = "问题,该答的知识\n鱼塘抽水找谁呢,pond-pump\n租播种机找谁,播种机怎么租？".encode()
    editor.locator("input[type=file]").set_input_files(
        {"name": "问题.csv", "mimeType": "text/csv", "buffer": questions}
    )
    expect(editor.get_by_text("答对0个，发布草稿后答对2个")).to_be_visible(timeout=LEARNED_MS)
    editor.get_by_role("button", name="草稿改变的").click()
    expect(editor.get_by_text("答对：鱼塘抽水机怎么租？")).to_be_visible()

    approver = open_desk("zhoujie", PHONE)
    approver.goto(f"{staffed.urls['desk']}/entries")
    approver.get_by_label("状态").click()
    approver.get_by_role("option", name="等审核").click()
    approver.get_by_label("搜索问题、问法和答案").fill("怎么租")
    approver.get_by_role("button", name="通过这2份").click()
    approver.get_by_role("dialog").get_by_role("button", name="通过").click()
    expect(approver.get_by_text("已通过2份")).to_be_visible(timeout=LEARNED_MS)
    assert approver.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wait_until_heard(staffed, "当天可以拉走", "鱼塘抽水找谁呢")
    assert hears(staffed, "先到先得", "租播种机找谁")
