"""Benchmark of the staff desk: messages both ways, also through pages in a real browser, and a queue of a thousand."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy import update

from bench.load import summarize
from bench.talks import (
    AGENT_SAYS,
    CUSTOMER_SAYS,
    NEXT_PASSWORD,
    PASSWORD,
    TALKS,
    Customer,
    Talk,
    add_agent,
    make_words,
    measure_talks,
    open_desk,
    open_floor,
    run_beside,
    take,
)
from conversations.handoff.states import OPEN
from conversations.tables import Conversation, Handoff
from conversations.tables import Customer as CustomerRow
from desk.entrance import COOKIE
from desk.schemas import StaffView
from desk.services import DeskServices
from dev.browser import find_browser
from dev.environment import SECRETS
from dev.stack import Stack
from kit.clock import read_clock
from kit.database import Database
from tests.conftest import KINDS, POSTGRES
from tests.databases import make_bare_database

# Open at any hour, so that the results do not depend on when they are taken.
HOUSE = {"XIAOHE_OFFICE_HOURS": "00:00-24:00", "XIAOHE_OFFICE_DAYS": "all", "XIAOHE_MESSAGES_PER_MINUTE": "600"}
SHARED = ("knowledge", "scoring", "actions", "rasa")
BROWSER_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUEUE, LOADS, NEWCOMERS, WORDS_EACH = 1000, 5, 5, 20
ENDLESS = 10_000
MINUTES_WAITED = 150
REASONS = ("customer_request", "customer_request", "not_understood", "credit_review", "large_amount", "complaint")
REGIONS = ("柳河镇", "青禾镇", "东风乡", None)
PRODUCTS = ("farmer_loan", "trader_loan", None)
# Records when something was first painted: the frame after it was found. Both sides use the same clock.
WATCH = """
window.bench = {seen: {}, awaited: new Map(), entered: 0};
bench.rows = () => document.querySelectorAll('[aria-labelledby="waiting"] a.row').length;
bench.says = (words) => document.querySelector('[role="log"]')?.textContent.includes(words);
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


def measure_desk(stack: Stack) -> dict[str, Any]:
    """Metrics on SQLite, and on PostgreSQL if there is one (tests/conftest.py), with a desk and gateway of its own.

    The house must be started with the settings of HOUSE.
    """
    results = {"sqlite": asyncio.run(measure_house(stack))}
    if "postgresql" in KINDS:
        results["postgresql"] = asyncio.run(_measure_on_postgres(stack))
    return results


async def measure_house(stack: Stack) -> dict[str, Any]:
    """Measures everything on one running house, after emptying its queue."""
    results = {}
    for name, measure in (("talks", measure_talks), ("pages", measure_pages), ("queue", measure_queue)):
        await empty_queue(stack)
        results[name] = await measure(stack)
    await empty_queue(stack)
    return results


async def measure_pages(stack: Stack, talks: int = TALKS, words_each: int = WORDS_EACH) -> dict[str, Any]:
    """Milliseconds each way with an agent at a browser, while so many other talks go on: from the enter key until the
    customer's stream has the words, and from the customer's POST until they are painted on the agent's page."""
    async with open_desk(stack) as desk, open_floor(stack, desk, talks) as floor, open_browser() as browser:
        await floor.warm_up()
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
    return {"to_customer": summarize(to_customer), "to_agent": summarize(to_agent)}


async def measure_queue(stack: Stack, count: int = QUEUE) -> dict[str, Any]:
    """Milliseconds from navigation until a queue of so many is painted, and from a customer's POST until they are
    painted on the open page."""
    async with open_desk(stack) as desk, open_browser() as browser:
        await fill_queue(desk.database, count)
        page = await open_page(stack, desk, browser, await add_agent(desk))
        await page.add_init_script(f"bench.awaited.set('queue', () => bench.rows() >= {count});")
        loads = []
        for _ in range(LOADS):
            await page.goto(stack.urls["desk"])
            seen = await _wait_until_seen(page, "queue")
            loads.append(seen - await page.evaluate("performance.timeOrigin") / 1000)
        newcomers = [await _come(page, stack, count + number) for number in range(1, NEWCOMERS + 1)]
    return {"load": summarize(loads), "newcomer": summarize(newcomers)}


async def fill_queue(database: Database, count: int) -> None:
    """Fills the queue with customers of all kinds who have waited for up to some hours."""
    now, waiting = read_clock(), []
    async with database.transaction() as session:
        for number in range(count):
            asked = now - timedelta(minutes=MINUTES_WAITED * (count - number) / count + 3)
            customer = CustomerRow(
                id=str(uuid.uuid4()), channel="web", channel_user_id=uuid.uuid4().hex, created_at=asked
            )
            conversation = Conversation(id=str(uuid.uuid4()), customer=customer, holder="queue", created_at=asked)
            handoff = Handoff(
                id=str(uuid.uuid4()),
                conversation_id=conversation.id,
                reason=REASONS[number % len(REASONS)],
                state="queued",
                slots={"amount": 80000 + number, "term": 24, "business_type": "种植"},
                name="张三丰"[: number % 3 + 1],
                product=PRODUCTS[number % len(PRODUCTS)],
                region=REGIONS[number % len(REGIONS)],
                requested_at=asked,
                due_at=asked + timedelta(hours=2),
                told_to_wait_at=asked + timedelta(minutes=3),
            )
            session.add(conversation)
            waiting.append(handoff)
        await session.flush()  # the conversations first
        session.add_all(waiting)


async def empty_queue(stack: Stack) -> None:
    """Ends all waits and talks."""
    database = stack.open_database()
    async with database.transaction() as session:
        ended = {"state": "returned", "ended_at": read_clock()}
        await session.execute(update(Handoff).where(Handoff.state.in_(OPEN)).values(ended))
        await session.execute(update(Conversation).values(holder="bot"))
    await database.close()


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium, as staff use it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_ARGUMENTS)
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


async def _write_words(page: Page, talk: Talk) -> float:
    await asyncio.sleep(0.5)
    words = make_words(CUSTOMER_SAYS)
    await page.evaluate("(words) => bench.awaited.set(words, () => bench.says(words))", words)
    began = time.time()
    await talk.customer.say(words)
    return await _wait_until_seen(page, words) - began


async def _come(page: Page, stack: Stack, rows: int) -> float:
    name = f"row {rows}"
    await page.evaluate("([name, rows]) => bench.awaited.set(name, () => bench.rows() >= rows)", [name, rows])
    async with Customer(stack.urls["gateway"]) as customer:
        began = time.time()
        await customer.say("转人工")
        return await _wait_until_seen(page, name) - began


async def _wait_until_seen(page: Page, name: str) -> float:
    """When it was painted, in seconds since 1970."""
    found = await page.wait_for_function("(name) => bench.seen[name]", arg=name)
    moment: float = await found.json_value()
    return moment / 1000


async def _measure_on_postgres(stack: Stack) -> dict[str, Any]:
    shared = {f"XIAOHE_{name.upper()}_URL": stack.urls[name] for name in SHARED}
    same = {name: stack.environment[name] for name in SECRETS}
    async with make_bare_database("postgresql", POSTGRES, Path()) as url:
        with Stack(("gateway", "desk"), database_url=url, **shared, **same, **HOUSE) as house:
            return await measure_house(house)
