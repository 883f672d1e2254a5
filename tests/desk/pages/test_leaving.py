"""Pages that one must not see any more are left at once, and say why."""

import secrets
from datetime import timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from desk.pages.talk import describe_loss
from desk.second_factor.service import SecondFactors, reset
from dev.stack import Stack
from kit.tables import SignalRow
from tests.conversations.talk import sqlite_only
from tests.desk.office import PASSWORD, Office
from tests.desk.pages.conftest import OpenPage, in_browser, seat
from tests.desk.pages.still_page import draw, open_desk, open_still
from tests.desk.pages.test_talk_head import NAMES, make_event
from tests.desk.second_factor.conftest import enrol
from tests.vaults import VAULT

AT_ONCE_MS = 3_000  # pages look by themselves every ten seconds


@sqlite_only
async def test_every_end_of_a_session_is_signalled(office: Office) -> None:
    chen, an = await office.hire("chen", "supervisor"), await office.hire("an")
    sessions, accounts = office.accounts.sessions, office.accounts
    factors = SecondFactors(office.database, VAULT, office.clock)

    async def count() -> int:
        async with office.database.reading() as session:
            of_staff = select(SignalRow).where(SignalRow.subject == f"staff:{an.id}", SignalRow.kind == "signed_out")
            return len((await session.scalars(of_staff)).all())

    async def end_others() -> None:
        await accounts.sign_in("an", PASSWORD)
        await sessions.end_others(an.id, await accounts.sign_in("an", PASSWORD))

    async def sign_out() -> None:
        await sessions.end(await accounts.sign_in("an", PASSWORD))

    async def reset_factor() -> None:
        await enrol(factors, an, office.clock)
        await reset(office.database, an, by=chen)

    for act in (
        end_others,
        sign_out,
        reset_factor,
        lambda: accounts.set_password(an.id, "三棵柿子树下早上9点见"),
        lambda: accounts.update_staff(an.id, is_active=False),
    ):
        before = await count()
        await act()
        assert await count() > before, act


@sqlite_only
@pytest.mark.parametrize("why", ["elsewhere", "closed", "idle"])
async def test_the_sign_in_page_is_told_why_and_where_from(office: Office, why: str) -> None:
    an = await office.hire("an")
    async with open_desk(office) as desk:
        page = await open_still(office, desk, an)
        if why == "elsewhere":
            await office.accounts.sessions.end_others(an.id, "another token")
        elif why == "closed":
            await office.accounts.update_staff(an.id, is_active=False)
        else:
            office.clock.now += timedelta(hours=2)
        with draw() as client:
            assert not await page.check()
            assert not await page.check()
    (left,) = client.scripts
    assert left.endswith(f'("/sign-in?why={why}&next=/here", "")')


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (["request", "assign", "accept", "transfer"], "这个会话已转给薄荷"),
        (["accept", "transfer", "close"], "这个会话已转给薄荷"),
        (["accept", "transfer", "accept"], "这个会话已由薄荷接待"),
        (["accept", "take_over"], "这个会话已由薄荷接管"),
        (["assign"], "这个会话已分派给薄荷"),
        (["request"], "这个会话已不在您这里"),
    ],
)
def test_where_a_talk_has_gone(events: list[str], told: str) -> None:
    assert describe_loss([make_event(event) for event in events], NAMES | {"bo": "薄荷"}) == told


@in_browser
async def test_a_session_ended_elsewhere_is_left_at_once(site: Stack, site_office: Office, open_page: OpenPage) -> None:
    login = f"left{secrets.token_hex(3)}"  # a new one, if it is tried again
    left = await seat(site_office, login)
    page = await open_page(login, "/notifications")
    await expect(page.get_by_role("heading", name="通知")).to_be_visible()
    await page.wait_for_function("window.socket?.connected")
    await site_office.accounts.sessions.end_others(left.id, "another token")
    await page.wait_for_url(f"{site.urls['desk']}/sign-in?why=elsewhere&next=/notifications", timeout=AT_ONCE_MS)
    await expect(page.get_by_role("status")).to_have_text("您已在别处退出，请重新登录")
    assert await page.locator("[name=next]").input_value() == "/notifications"


@in_browser
async def test_a_talk_taken_over_is_left_with_a_word_and_its_draft_is_kept(
    site: Stack, site_office: Office, open_page: OpenPage
) -> None:
    login, name = (f"{part}{secrets.token_hex(3)}" for part in ("loser", "taker"))  # new ones, if it is tried again
    agent = await seat(site_office, login)
    boss = await site_office.hire(name, "supervisor", is_online=False)
    handoff = await site_office.ask(f"customer-of-{login}")
    await site_office.talks.take(agent, handoff.id)
    page = await open_page(login, f"/talks/{handoff.id}")
    await page.get_by_label("回复客户").fill("我正在写")
    await site_office.talks.take_over(boss, handoff.id)
    await page.wait_for_url(f"{site.urls['desk']}/", timeout=AT_ONCE_MS * 3)
    await expect(page.locator(".toasts")).to_contain_text(f"这个会话已由{name}接管")
    kept = await page.evaluate(f"sessionStorage.getItem('draft:{agent.id}:{handoff.id}')")
    assert "我正在写" in kept
