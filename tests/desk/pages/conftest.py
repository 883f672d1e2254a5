"""The staff site alone (one desk process and its database), and browsers that are signed in to it."""

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Literal, TypeVar

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect
from sqlalchemy import delete, func, or_, update

from applications.tables import Application
from campaigns.tables import Campaign
from conversations.handoff.schemas import HandoffView
from conversations.tables import Customer
from desk.entrance import COOKIE
from desk.roles import Role
from desk.schemas import StaffView
from desk.tables import CannedAnswer, QualityCheck, ReasonName, RoleProposal, Skill, Staff
from dev.browser import ARGUMENTS, find_browser
from dev.stack import Stack
from documents.tables import StoredDocument
from early_warning.tables import EarlyWarning
from kit.clock import read_clock
from kit.database import Database
from knowledge.tables import TuningRun
from privacy.tables import DataRequest
from revisions.tables import Revision, RevisionNote
from tests.desk.office import PASSWORD, Office
from tests.desk.pages.own_talk import Talk
from tests.fakes import FixedClock
from tests.waiting import PATIENCE_MS
from verification.tables import PhoneVerification

CLOSE_SECONDS = 10
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
WIDE: ViewportSize = {"width": 1440, "height": 900}
SHOT_SIZES: tuple[ViewportSize, ...] = ({"width": 1440, "height": 900}, {"width": 1024, "height": 768}, PHONE)
SHOT_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

OpenPage = Callable[..., Awaitable[Page]]
Test = TypeVar("Test", bound=Callable[..., object])


def in_browser(test: Test) -> Test:
    """Marks a test that opens pages: all of them run in the session's event loop, where the one browser lives."""
    marked: Test = pytest.mark.slow(pytest.mark.asyncio(loop_scope="session")(test))
    return marked


@pytest.fixture(scope="session")
def site() -> Iterator[Stack]:
    """Open whenever the tests run, with the knowledge base away; no talk is taken from its agent in a slow test."""
    hours = {"XIAOHE_OFFICE_HOURS": "00:00-24:00", "XIAOHE_OFFICE_DAYS": "all"}
    timeouts = {"XIAOHE_AGENT_GRACE_SECONDS": "3600", "XIAOHE_ACCEPT_SECONDS": "600"}
    links = {"XIAOHE_LINK_HOSTS": "www.bank.example", "XIAOHE_MAP_URL": "https://map.example/?q={place}"}
    with Stack(("desk",), **hours, **timeouts, **links) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def site_office(site: Stack, cheap_hashes: None) -> AsyncIterator[Office]:
    """Works on the record of the running site."""
    opened = site.open_database()
    yield Office(opened, FixedClock(read_clock()))
    await clear(opened)
    await opened.close()


async def clear(database: Database) -> None:
    """Nothing that the test has called its own stands in the way of another one: of itself, when it is run once more
    since a page was late.
    """
    is_own_topic = Revision.topic.in_(("entry", "office", "text"))
    is_written = is_own_topic, Revision.state == "draft", Revision.decided_by.is_not(None)
    theirs = func.substr(Staff.id, 1, 32)
    async with database.transaction() as session:
        await session.execute(update(Staff).values(login=theirs, name=theirs))
        await session.execute(update(Customer).values(channel_user_id=Customer.id))
        await session.execute(delete(Revision).where(or_(*is_written)))
        for table in (
            Campaign,
            StoredDocument,
            EarlyWarning,
            Application,
            DataRequest,
            RevisionNote,
            RoleProposal,
            CannedAnswer,
            QualityCheck,
            TuningRun,
            PhoneVerification,
            ReasonName,
            Skill,
        ):
            await session.execute(delete(table))


async def seat(office: Office, login: str, role: Role = "agent") -> StaffView:
    """Somebody new who is there, but whom the running dispatcher offers no other test's customers."""
    staff = await office.hire(login, role, is_online=False)
    await office.accounts.mark_seen(staff.id)
    return staff


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Lives in the loop of the session, as do all tests that use it: a browser each would take most of their time."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, site: Stack, site_office: Office) -> AsyncIterator[OpenPage]:
    """Opens a page of the site in a browser of its own, signed in as somebody who works there."""

    opened: list[BrowserContext] = []

    async def open_one(login: str, path: str = "/", size: ViewportSize = DESKTOP) -> Page:
        async with site_office.database.transaction() as session:
            is_theirs = Staff.login == login
            await session.execute(update(Staff).where(is_theirs).values(must_change_password=False))
        token = await site_office.accounts.sign_in(login, PASSWORD, address=login)  # a place counts wrong passwords
        context = await browser.new_context(viewport=size, locale="zh-CN")
        opened.append(context)
        await context.add_cookies([{"name": COOKIE, "value": token, "url": site.urls["desk"]}])
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(site.urls["desk"] + path)
        return page

    yield open_one
    for context in opened:  # an open page counts as being there
        # Chromium sometimes never answers when a page that is just being led elsewhere is closed.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.close(), CLOSE_SECONDS)


@pytest_asyncio.fixture(loop_scope="session")
async def talk(site_office: Office, open_page: OpenPage) -> AsyncIterator[Talk]:
    login = f"agent{uuid.uuid4().hex[:8]}"
    agent = await seat(site_office, login)
    handoff = await site_office.ask(f"customer-{login}")
    await site_office.talks.take(agent, handoff.id)
    opened = Talk(site_office, agent, handoff, await open_page(login, f"/talks/{handoff.id}"))
    await expect(opened.box).to_be_visible()
    yield opened
    await site_office.talks.close(agent, handoff.id, "solved", "测试")


async def shoot(page: Page, name: str) -> None:
    """Screenshots of all widths, light and dark, for somebody to look at, where XIAOHE_TEST_SHOTS names a folder."""
    if folder := os.environ.get("XIAOHE_TEST_SHOTS"):
        for size, scheme in product(SHOT_SIZES, SHOT_SCHEMES):
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=Path(folder) / f"{name}-{size['width']}-{scheme}.png", full_page=True)
        await page.set_viewport_size(DESKTOP)
        await page.emulate_media(color_scheme="light")


async def measure_overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def take_two(office: Office, login: str, **slots: str) -> tuple[StaffView, HandoffView, HandoffView]:
    """A new agent with two customers, who told so much."""
    agent = await seat(office, login)
    talks = [await office.ask(f"{name}-of-{login}", slots=slots) for name in ("first", "second")]
    for talk in talks:
        await office.talks.take(agent, talk.id)
    return agent, talks[0], talks[1]


async def choose_act(page: Page, title: str) -> None:
    """What stands under 更多 in the head of the shown talk."""
    await page.locator(".talk.shown").get_by_role("button", name="更多").click()
    await page.locator(".q-menu").get_by_text(title).click()
