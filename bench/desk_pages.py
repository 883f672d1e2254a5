"""Benchmark of the staff desk through pages in a real browser: one, fifty at once, and a cold one."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from bench.load import count_memory, summarize
from bench.talks import (
    AGENT_SAYS,
    CUSTOMER_SAYS,
    NEXT_PASSWORD,
    PASSWORD,
    TALKS,
    Customer,
    Floor,
    Talk,
    add_agent,
    make_words,
    open_desk,
    open_floor,
    run_beside,
    take,
)
from desk.entrance import COOKIE
from desk.schemas import StaffView
from desk.services import DeskServices
from dev.browser import ARGUMENTS, find_browser
from dev.stack import Stack

WORDS_EACH, ENDLESS, PAGES = 20, 10_000, 50
# Records when something was first painted: the frame after it was found. Both sides use the same clock.
WATCH = """
window.bench = {seen: {}, awaited: new Map(), entered: 0};
bench.rows = () => document.querySelectorAll('[aria-labelledby="waiting"] a.row').length;
bench.says = (words) => document.querySelector('[role="log"]')?.textContent.includes(words);
bench.lists = (words) => document.querySelector(`.row.mine[href="${location.pathname}"]`)?.textContent.includes(words);
new MutationObserver(() => {
  for (const [name, is_there] of bench.awaited) {
    if (!is_there()) continue;
    bench.awaited.delete(name);
    requestAnimationFrame(() => setTimeout(() => { bench.seen[name] = Date.now(); }));
  }
}).observe(document, {childList: true, subtree: true, characterData: true});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter") bench.entered = Date.now();
}, true);
"""


async def measure_pages(stack: Stack, talks: int = TALKS, words_each: int = WORDS_EACH) -> dict[str, Any]:
    """Milliseconds each way with an agent at a browser, while so many other talks go on: from the enter key until the
    customer's stream has the words, and from the customer's POST until they are painted in the talk and in the agent's
    own list."""
    async with open_desk(stack) as desk, open_floor(stack, desk, talks) as floor, open_browser() as browser:
        await floor.warm_up()
        return await _measure_page(stack, desk, browser, floor, words_each)


async def measure_open_pages(stack: Stack, pages: int = PAGES, talks: int = TALKS) -> dict[str, Any]:
    """As `measure_pages`, while so many pages of as many agents are open; and the desk's memory in MB, before and then.

    The one browser they share has much to do as well.
    """
    async with open_desk(stack) as desk, open_floor(stack, desk, talks) as floor, open_browser() as browser:
        await floor.warm_up()
        before = count_memory(stack.pid("desk"))
        for _ in range(pages - 1):
            await open_page(stack, desk, browser, await add_agent(desk))
        measured = await _measure_page(stack, desk, browser, floor, WORDS_EACH)
        return measured | {"memory_mb": [before, count_memory(stack.pid("desk"))]}


async def measure_cold_page(stack: Stack) -> dict[str, Any]:
    """Kilobytes that a browser which has never been here transfers for the agents' page, compressed as they come."""
    async with open_desk(stack) as desk, open_browser() as browser:
        agent = await add_agent(desk)
        page = await open_page(stack, desk, browser, agent)
        cookies = await page.context.cookies()
        fresh = await browser.new_context()
        await fresh.add_cookies(
            [{"name": COOKIE, "value": each["value"], "url": stack.urls["desk"]} for each in cookies]
        )
        cold = await fresh.new_page()
        client, sizes = await fresh.new_cdp_session(cold), list[float]()
        client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        await client.send("Network.enable")
        await cold.goto(stack.urls["desk"], wait_until="networkidle")
        await expect(cold.get_by_role("navigation", name="页面")).to_be_visible()
        return {"kilobytes": round(sum(sizes) / 1000)}


async def _measure_page(
    stack: Stack, desk: DeskServices, browser: Browser, floor: Floor, words_each: int
) -> dict[str, Any]:
    agent = await add_agent(desk)
    page = await open_page(stack, desk, browser, agent)
    async with Customer(stack.urls["gateway"]) as customer:
        talk = await take(desk, customer, agent)
        await page.goto(f"{stack.urls['desk']}/talks/{talk.handoff.id}")
        heard: dict[str, float] = {}

        def hear(words: str) -> None:
            heard[words] = time.time()

        async with run_beside(customer.listen(hear), floor.go_on(ENDLESS)):
            to_customer = [await _type_words(page, heard) for _ in range(words_each)]
            to_agent = [await _write_words(page, talk) for _ in range(words_each)]
    shown, listed = zip(*to_agent, strict=True)
    return {"to_customer": summarize(to_customer), "to_agent": summarize(shown), "to_own_list": summarize(listed)}


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium, as staff use it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield browser
        await browser.close()


async def open_page(stack: Stack, desk: DeskServices, browser: Browser, staff: StaffView) -> Page:
    """The browser page of a signed-in agent, on the front page."""
    token = await desk.accounts.sign_in(staff.login, PASSWORD)
    await desk.accounts.change_password(staff.id, PASSWORD, NEXT_PASSWORD, token=token)
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    await context.add_cookies([{"name": COOKIE, "value": token, "url": stack.urls["desk"]}])
    await context.add_init_script(WATCH)
    page = await context.new_page()
    await page.goto(stack.urls["desk"])
    await desk.accounts.mark_seen(staff.id)
    return page


async def _type_words(page: Page, heard: dict[str, float]) -> float:
    await asyncio.sleep(0.5)
    words, field = make_words(AGENT_SAYS), page.get_by_label("回复客户")
    await expect(field).to_have_value("")
    await field.fill(words)
    await field.press("Enter")
    async with asyncio.timeout(15):
        while words not in heard:  # noqa: ASYNC110 (another process is waited for)
            await asyncio.sleep(0.01)
    entered: float = await page.evaluate("bench.entered")
    return heard[words] - entered / 1000


async def _write_words(page: Page, talk: Talk) -> tuple[float, float]:
    """Until they stand in the talk, and in the agent's list."""
    await asyncio.sleep(0.5)
    words = make_words(CUSTOMER_SAYS)
    await page.evaluate("(words) => bench.awaited.set(words, () => bench.says(words))", words)
    await page.evaluate("(words) => bench.awaited.set(`row ${words}`, () => bench.lists(words))", words)
    began = time.time()
    await talk.customer.say(words)
    return await wait_until_seen(page, words) - began, await wait_until_seen(page, f"row {words}") - began


async def wait_until_seen(page: Page, name: str) -> float:
    """When it was painted, in seconds since 1970."""
    found = await page.wait_for_function("(name) => bench.seen[name]", arg=name)
    moment: float = await found.json_value()
    return moment / 1000
