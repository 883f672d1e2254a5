"""What an agent writes belongs to their browser: nothing cleared comes back, nothing is lost or sent twice."""

import uuid

import pytest
import pytest_asyncio
from playwright.async_api import expect

from desk.canned import CannedAnswers
from dev.stack import Stack
from tests.desk.office import Office
from tests.desk.pages.conftest import PHONE
from tests.desk.pages.own_talk import Talk

CANNED = {"违约金": "提前还款不收违约金。", "材料": "请带身份证和户口簿。"}
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


@pytest_asyncio.fixture(loop_scope="session")
async def canned(site_office: Office) -> None:
    chen = await site_office.hire(f"chen{uuid.uuid4().hex[:8]}", "supervisor", is_online=False)
    answers = CannedAnswers(site_office.database, site_office.clock)
    for known in await answers.search(""):
        await answers.remove(chen, known.id)
    for title, text in CANNED.items():
        await answers.save(chen, title, text)


async def test_a_cleared_suggestion_does_not_come_back(talk: Talk, canned: None) -> None:
    sent = [f"我查一下，马上回复您（{number}）" for number in range(6)]
    for text in sent:
        await talk.choose("违约金")
        await expect(talk.box).to_have_value(CANNED["违约金"])
        await talk.send(text)
        await expect(talk.box).to_have_value("")
    await talk.expect_said(*sent)
    await expect(talk.box).to_have_value("")


async def test_a_suggestion_replaces_another_but_nothing_that_was_typed(talk: Talk, canned: None) -> None:
    await talk.choose("违约金")
    await talk.choose("材料")
    await expect(talk.box).to_have_value(CANNED["材料"])
    await talk.box.fill("您好，")
    await talk.choose("材料")
    await expect(talk.box).to_have_value("您好，" + CANNED["材料"])
    await expect(talk.box).to_be_focused()


async def test_a_slash_looks_for_answers_and_is_never_sent(talk: Talk, canned: None) -> None:
    found = talk.page.get_by_role("listbox", name="常用语和知识库")
    await talk.box.press_sequentially("/")
    await expect(found.get_by_role("option")).to_have_count(len(CANNED))
    await talk.box.press_sequentially("材料")
    await expect(found.get_by_role("option")).to_have_count(1)
    await talk.box.press("Enter")
    await expect(talk.box).to_have_value(CANNED["材料"])
    await expect(found).to_have_count(0)
    await talk.box.fill("")
    await talk.box.press_sequentially("/没有这样的话")
    await expect(talk.page.get_by_text("没有找到，换个说法试试")).to_be_visible()
    await talk.box.press("Enter")
    await talk.box.fill("")
    await talk.box.press_sequentially("/")
    await expect(found).to_be_visible()
    await talk.box.press("ArrowDown")
    await expect(found.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    await talk.box.press("Escape")
    await expect(found).to_have_count(0)
    await talk.send("在的")
    await talk.expect_said("在的")


async def test_the_same_words_twice_are_two_messages(talk: Talk) -> None:
    await talk.send("在的", "在的", "请说")
    await talk.expect_said("在的", "在的", "请说")


async def test_enter_sends_unless_it_ends_a_word_or_a_line(talk: Talk) -> None:
    await talk.box.fill("第一行")
    await talk.box.press("Shift+Enter")
    await talk.box.press_sequentially("b")
    await talk.box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    await expect(talk.box).to_have_value("第一行\nb")
    await talk.page.get_by_label("发送").click()
    await talk.expect_said("第一行\nb")


async def test_half_an_emoji_stops_nothing(talk: Talk) -> None:
    await talk.box.evaluate("box => { box.value = '好的\\ud83d'; box.dispatchEvent(new Event('input')); }")
    await talk.box.press("Enter")
    await talk.expect_said("好的")


async def test_a_draft_outlives_the_page_until_it_is_sent(talk: Talk) -> None:
    await talk.box.fill("写了一半的回复")
    await talk.reload()
    await expect(talk.box).to_have_value("写了一半的回复")
    await talk.box.press("Enter")
    await talk.expect_said("写了一半的回复")
    await talk.reload()
    await expect(talk.box).to_have_value("")
    assert await talk.count_drafts() == 0


async def test_a_draft_outlives_a_lost_connection(talk: Talk) -> None:
    await talk.box.fill("断线前写的")
    await talk.page.evaluate("window.socket.disconnect()")
    await talk.box.press_sequentially("，断线后接着写")
    await talk.page.evaluate("window.location.reload()")  # what NiceGUI does when the server forgot the page
    await expect(talk.box).to_have_value("断线前写的，断线后接着写")


async def test_nobody_else_finds_a_draft(talk: Talk, site: Stack) -> None:
    await talk.box.fill("只给王阿姨看")
    await talk.page.evaluate("sessionStorage.setItem('draft:somebody-else:1', 'x')")
    await talk.reload()
    assert await talk.page.evaluate("sessionStorage.getItem('draft:somebody-else:1')") is None
    await talk.page.get_by_label("我的账号").click()
    await talk.page.get_by_role("button", name="退出登录").click()
    await talk.page.wait_for_url(f"{site.urls['desk']}/sign-in")
    assert await talk.count_drafts() == 0


async def test_keys_are_explained_where_there_is_a_keyboard(talk: Talk) -> None:
    assert "回车发送" in (await talk.box.get_attribute("placeholder") or "")
    await talk.page.set_viewport_size(PHONE)
    await talk.reload()
    assert await talk.box.get_attribute("placeholder") == "回复客户"


HOLD_MESSAGES = """
  window.held = [];
  const emit = window.socket.emit.bind(window.socket);
  window.release = () => { window.socket.emit = emit; };
  window.socket.emit = (kind, ...rest) => {
    const message = kind === "event" && String(rest[0].args).includes('"key"') && JSON.parse(rest[0].args[0]);
    if (!message) return emit(kind, ...rest);
    window.held.push({ id: rest[0].id, key: message.key });
  };
"""
SETTLE = "(isSent) => { const { id, key } = window.held.at(-1); runMethod(id, 'settle', [key, isSent]); }"


class TestFailure:
    @pytest_asyncio.fixture(loop_scope="session")
    async def stuck(self, talk: Talk) -> Talk:
        """What is sent from now on does not reach the server."""
        await talk.page.evaluate(HOLD_MESSAGES)
        return talk

    async def test_words_come_back_into_an_empty_box_and_are_the_same_message(self, stuck: Talk) -> None:
        await stuck.send("这句没发出去")
        await expect(stuck.box).to_have_value("")
        await stuck.page.evaluate(SETTLE, False)
        await expect(stuck.box).to_have_value("这句没发出去")
        await stuck.box.press("Enter")
        first, second = await stuck.page.evaluate("window.held.map((message) => message.key)")
        assert first == second
        await stuck.page.evaluate(SETTLE, True)
        await stuck.send("这句没发出去")
        assert await stuck.page.evaluate("window.held.at(-1).key") != first

    async def test_a_full_box_is_not_overwritten(self, stuck: Talk) -> None:
        await stuck.send("这句没发出去")
        await stuck.box.fill("已经在写下一句")
        await stuck.page.evaluate(SETTLE, False)
        await expect(stuck.box).to_have_value("已经在写下一句")
        await expect(stuck.unconfirmed).to_contain_text("没有发出")
        await stuck.page.evaluate("window.release()")
        await stuck.unconfirmed.get_by_role("button", name="重发").click()
        await stuck.expect_said("这句没发出去")
        await expect(stuck.box).to_have_value("已经在写下一句")

    async def test_what_arrived_unnoticed_is_not_offered_again(self, talk: Talk) -> None:
        await talk.send("到了的话")
        await talk.expect_said("到了的话")
        (key,) = [
            message.message_id.removeprefix("desk:")
            for message in await talk.office.read_said(talk.handoff)
            if message.message_id
        ]
        unconfirmed = [{"key": key, "text": "到了的话"}, {"key": "f" * 32, "text": "没到的话"}]
        await talk.page.evaluate(
            "([key, kept]) => sessionStorage.setItem(key, JSON.stringify(kept))",
            [f"draft:{talk.agent.id}:{talk.handoff.id}", {"draft": "", "unconfirmed": unconfirmed}],
        )
        await talk.reload()
        await expect(talk.box).to_have_value("没到的话")
        await talk.expect_said("到了的话")
