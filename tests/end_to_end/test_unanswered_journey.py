"""From questions asked in vain to the answer: collected, clustered, drafted, published, and asked again."""

import pytest
from playwright.sync_api import Locator, Page, expect

from dev.stack import Stack
from tests.end_to_end.conftest import OpenDesk
from tests.end_to_end.customer import Customer
from tests.end_to_end.staff import PHONE
from tests.end_to_end.test_knowledge_journey import LEARNED_MS, hears, publish, wait_until_heard

pytestmark = pytest.mark.exhaustive

ASKED = ("古筝考级报名在你们这儿吗", "古筝考级能在你们这儿报名吗", "古筝考级报名找你们吗")
QUESTION = "古筝考级能在网点报名吗？"
ANSWER = "不能，古筝考级请找县文化馆报名。"


def find_cluster(page: Page, words: str = "古筝考级") -> Locator:
    return page.locator("article", has=page.get_by_role("heading", name=words))


def test_what_is_asked_in_vain_becomes_an_answer(staffed: Stack, open_desk: OpenDesk) -> None:
    for asked in ASKED:
        with Customer(staffed.urls["gateway"]) as customer:
            customer.say(f"{asked}，我电话13800138000")
            customer.say("都不是")  # what was offered

    editor = open_desk("sunmei", PHONE)
    editor.goto(f"{staffed.urls['desk']}/unanswered")
    cluster = find_cluster(editor)
    expect(cluster).to_have_count(1, timeout=LEARNED_MS)
    expect(cluster.get_by_text("问了3次")).to_be_visible(timeout=LEARNED_MS)
    expect(cluster.get_by_text("13800138000")).to_have_count(0)
    assert editor.evaluate("document.documentElement.scrollWidth <= innerWidth")

    cluster.get_by_role("button", name="写新答案").click()
    form = editor.get_by_role("dialog")
    form.get_by_label("问题", exact=True).fill(QUESTION)
    form.get_by_label("相似问法").fill("\n".join(ASKED))
    form.get_by_label("答案（数字").fill(ANSWER)
    form.get_by_label("主题").click()
    editor.get_by_role("option", name="乡村服务").click()
    form.get_by_role("button", name="提交审核").click()
    editor.get_by_role("dialog", name="也加成必测题？").get_by_role("button", name="加为必测题").click()
    expect(find_cluster(editor)).to_have_count(0)
    editor.goto(f"{staffed.urls['desk']}/golden-questions")
    expect(editor.get_by_role("heading", name="古筝考级")).to_be_visible()

    approver = open_desk("zhoujie")
    approver.goto(f"{staffed.urls['desk']}/entries")
    publish(approver, QUESTION)
    wait_until_heard(staffed, ANSWER, "古筝考级报名找你们吗")
    assert hears(staffed, ANSWER, ASKED[0])


def test_what_is_not_for_us_stays_dismissed(staffed: Stack, open_desk: OpenDesk) -> None:
    def ask(asked: str) -> None:
        with Customer(staffed.urls["gateway"]) as customer:
            customer.say(asked)

    ask("马拉松赛道今年怎么跑")
    editor = open_desk("sunmei")
    editor.goto(f"{staffed.urls['desk']}/unanswered")
    cluster = find_cluster(editor, "马拉松")
    expect(cluster).to_have_count(1, timeout=LEARNED_MS)
    cluster.get_by_role("button", name="不该回答").click()
    editor.get_by_role("dialog").get_by_role("button", name="加为必测题").click()
    expect(cluster).to_have_count(0)
    ask("马拉松赛道今年怎么跑")

    editor.goto(f"{staffed.urls['desk']}/golden-questions")
    expect(editor.get_by_role("heading", name="马拉松赛道今年怎么跑")).to_be_visible()
    editor.goto(f"{staffed.urls['desk']}/unanswered")
    editor.get_by_label("状态").click()
    editor.get_by_role("option", name="不用管").click()
    expect(find_cluster(editor, "马拉松").get_by_text("问了2次")).to_be_visible(timeout=LEARNED_MS)
    find_cluster(editor, "马拉松").get_by_role("button", name="还是要处理").click()
    editor.get_by_label("状态").click()
    editor.get_by_role("option", name="要处理").click()
    expect(find_cluster(editor, "马拉松")).to_be_visible()
