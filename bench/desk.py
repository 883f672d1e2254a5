"""Benchmark of the staff desk: messages both ways, also through pages in a real browser, and a queue of a thousand."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import chain, pairwise, permutations
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect
from sqlalchemy import update

from bench.desk_pages import (
    measure_cold_page,
    measure_open_pages,
    measure_pages,
    open_browser,
    open_page,
    wait_until_seen,
)
from bench.load import summarize
from bench.talks import (
    Customer,
    add_agent,
    measure_talks,
    open_desk,
    take,
)
from conversations.handoff.states import OPEN
from conversations.tables import Conversation, Handoff
from conversations.tables import Customer as CustomerRow
from dev.environment import SECRETS
from dev.stack import Stack
from kit.clock import read_clock
from kit.database import Database
from tests.conftest import KINDS, POSTGRES
from tests.databases import make_bare_database

# Open at any hour, so that the results do not depend on when they are taken.
HOUSE = {"XIAOHE_OFFICE_HOURS": "00:00-24:00", "XIAOHE_OFFICE_DAYS": "all", "XIAOHE_MESSAGES_PER_MINUTE": "600"}
SHARED = ("knowledge", "scoring", "actions", "rasa")
QUEUE, LOADS, NEWCOMERS, WORDS_EACH = 1000, 5, 5, 20
ENDLESS = 10_000
AT_ONCE = 10
PAGES = 50
MINUTES_WAITED = 150
REASONS = ("customer_request", "customer_request", "not_understood", "credit_review", "large_amount", "complaint")
REGIONS = ("柳河镇", "青禾镇", "东风乡", None)
PRODUCTS = ("farmer_loan", "trader_loan", None)
Measure = Callable[[Stack], Awaitable[dict[str, Any]]]
# Clicks on the row of a talk; gives the milliseconds until it and its words are painted.
SWITCH = """
(id) => new Promise((done) => {
  const began = performance.now();
  const shown = `.talk.shown[data-talk="${id}"]`;
  const look = () => {
    if (!document.querySelector(`${shown} [role="log"]`)?.textContent) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  };
  document.querySelector(`.row.mine[href="/talks/${id}"]`).click();
  look();
})
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
    parts: dict[str, Measure] = {
        "talks": measure_talks,
        "pages": measure_pages,
        "cold_page": measure_cold_page,
        "open_pages": measure_open_pages,
        "switching": measure_switching,
        "queue": measure_queue,
    }
    for name, measure in parts.items():
        await empty_queue(stack)
        results[name] = await measure(stack)
    await empty_queue(stack)
    return results


async def measure_switching(stack: Stack, talks: int = AT_ONCE) -> dict[str, Any]:
    """Milliseconds from a click on a talk until it is painted, the first time and again, in a page with so many talks.

    In each stands a draft, and each is sent in the end. RuntimeError if a draft or a text was elsewhere than it was
    typed.
    """
    async with open_desk(stack) as desk, open_browser() as browser, AsyncExitStack() as open_customers:
        agent = await add_agent(desk)
        page = await open_page(stack, desk, browser, agent)
        taken = []
        for _ in range(talks):
            customer = await open_customers.enter_async_context(Customer(stack.urls["gateway"]))
            taken.append(await take(desk, customer, agent))
        await expect(page.locator(".row.mine")).to_have_count(talks)
        drafts = {talk.handoff.id: f"给第{number}位" for number, talk in enumerate(taken)}
        reply = page.locator(".talk.shown").get_by_label("回复客户")
        first, again = [], []
        for handoff_id, draft in drafts.items():
            first.append(await page.evaluate(SWITCH, handoff_id) / 1000)
            await reply.fill(draft)
        order = chain.from_iterable(permutations(drafts, 2))  # from each talk to each other one
        for handoff_id in (each for before, each in pairwise(order) if each != before):
            again.append(await page.evaluate(SWITCH, handoff_id) / 1000)
            if await reply.input_value() != drafts[handoff_id]:
                raise RuntimeError("a draft was lost")
        for handoff_id, draft in drafts.items():
            await page.evaluate(SWITCH, handoff_id)
            await reply.press("Enter")
            await expect(page.locator(".talk.shown").get_by_role("log")).to_contain_text(draft)
        for talk in taken:
            messages = await desk.conversations.list_messages(talk.handoff.conversation_id)
            if [each.text for each in messages if each.text in drafts.values()] != [drafts[talk.handoff.id]]:
                raise RuntimeError("a text went to another customer")
    return {"first": summarize(first), "again": summarize(again)}


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
            seen = await wait_until_seen(page, "queue")
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


async def _come(page: Page, stack: Stack, rows: int) -> float:
    name = f"row {rows}"
    await page.evaluate("([name, rows]) => bench.awaited.set(name, () => bench.rows() >= rows)", [name, rows])
    async with Customer(stack.urls["gateway"]) as customer:
        began = time.time()
        await customer.say("转人工")
        return await wait_until_seen(page, name) - began


async def _measure_on_postgres(stack: Stack) -> dict[str, Any]:
    shared = {f"XIAOHE_{name.upper()}_URL": stack.urls[name] for name in SHARED}
    same = {name: stack.environment[name] for name in SECRETS}
    async with make_bare_database("postgresql", POSTGRES, Path()) as url:
        with Stack(("gateway", "desk"), database_url=url, **shared, **same, **HOUSE) as house:
            return await measure_house(house)
