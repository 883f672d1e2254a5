"""Staff of the demo bank, at their own browsers: only how they are added needs the inside."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Page, ViewportSize, expect

from desk.accounts import Accounts
from desk.roles import Role
from dev.stack import Stack
from tests.waiting import PATIENCE_MS, WAIT_SECONDS

FIRST_PASSWORD, PASSWORD = "青禾-Start-2026", "换过的-密码-2026"
PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Member:
    """Somebody who may sign in."""

    login: str
    name: str
    role: Role
    details: Mapping[str, Any] = field(default_factory=dict)


def add_members(stack: Stack, *members: Member) -> None:
    """As the operator's command does it (which takes seconds to start); each then chooses a password."""

    async def add() -> None:
        database = stack.open_database()
        for member in members:
            await Accounts(database).add_staff(member.login, member.name, member.role, FIRST_PASSWORD, **member.details)
        await database.close()

    with ThreadPoolExecutor() as threads:  # the browser's loop runs in this one
        threads.submit(asyncio.run, add()).result()
    for member in members:
        with open_session(stack, member.login, FIRST_PASSWORD) as session:
            chosen = {"old": FIRST_PASSWORD, "new": PASSWORD, "again": PASSWORD}
            assert session.post("/password", data=chosen).status_code == 303


@contextmanager
def open_session(stack: Stack, login: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
    """Signed in, without a browser."""
    url = stack.urls["desk"]
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=WAIT_SECONDS, trust_env=False) as session:
        assert session.post("/sign-in", data={"login": login, "password": password}).status_code == 303
        yield session


def sign_in(page: Page, stack: Stack, login: str) -> None:
    """Opens the staff site and signs in."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(stack.urls["desk"])
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def set_status(page: Page, status: str) -> None:
    """接待中, 小休 or 不接待."""
    page.get_by_label("接待状态").click()
    page.get_by_role("option", name=status).click()


def open_newest(page: Page, words: str = "") -> None:
    """Opens whoever came last of those who wait and said this; danger and complaints stand above the others."""
    page.get_by_role("region", name="等待人工").get_by_role("link").filter(has_text=words).last.click()
    expect(page.get_by_role("log", name="对话记录")).to_be_visible()


def take_newest(page: Page, words: str = "") -> None:
    """Opens whoever came last of those who said this, and takes them."""
    open_newest(page, words)
    page.get_by_role("button", name="接待").click()
    expect(page.get_by_label("回复客户")).to_be_visible()


def reply(page: Page, words: str) -> None:
    """Says something to the customer."""
    page.get_by_label("回复客户").fill(words)
    page.get_by_label("回复客户").press("Enter")
    expect(page.get_by_role("log")).to_contain_text(words)


def close_talk(page: Page, disposition: str, summary: str) -> None:
    """Ends the talk."""
    page.get_by_role("button", name="结束").click()
    page.get_by_role("radio", name=disposition).click()
    page.get_by_label("小结").fill(summary)
    page.get_by_role("dialog").get_by_role("button", name="结束").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
