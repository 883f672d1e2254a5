"""The whole stack, started once: real Rasa, encoder, services and database, and platforms of our own around it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from dev.browser import ARGUMENTS, find_browser
from dev.stack import Stack
from kit.clock import read_clock
from kit.serving import serve_in_thread
from tests.core_banking.small_core import SmallCore
from tests.end_to_end.connections import Connections
from tests.end_to_end.customer import Customer
from tests.end_to_end.staff import DESKTOP, Member, add_members, sign_in
from tests.platforms.telegram import FakeTelegram
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wecom_service import ServicePlatform
from tests.waiting import PATIENCE_MS, WAIT_SECONDS


@pytest.fixture(scope="session")
def wechat() -> WeChatPlatform:
    return WeChatPlatform()


@pytest.fixture(scope="session")
def telegram() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture(scope="session")
def service() -> ServicePlatform:
    return ServicePlatform()


OpenDesk = Callable[..., Page]
# Open whenever the tests run; tests/end_to_end/test_desk_at_night.py has a stack of its own that is closed.
ALWAYS_OPEN = {"office_hours": "00:00-24:00", "office_days": "all"}
CORE_SECRET = "secret-of-the-core-of-the-demo-bank-0001"
MEMBERS = (
    Member("zhangmin", "张敏", "agent"),
    Member("wanglei", "王磊", "agent"),
    Member("liqiang", "李强", "account_manager", {"villages": ("柳河镇",), "phone": "13900001111"}),
    Member("zhaoli", "赵丽", "supervisor"),
    Member("sunmei", "孙梅", "editor"),
    Member("zhoujie", "周洁", "approver"),
    Member("wuhao", "吴昊", "admin"),
    Member("guofang", "郭芳", "admin"),
)


@pytest.fixture(scope="session")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Connections:
    return Connections(tmp_path_factory.mktemp("connections"))


@pytest.fixture(scope="session")
def sms_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where text messages are written, a line of JSON each."""
    return tmp_path_factory.mktemp("sms") / "sms.jsonl"


@pytest.fixture(scope="session")
def small_core(tmp_path_factory: pytest.TempPathFactory) -> SmallCore:
    """The bank's core, with the demo's loans."""
    return SmallCore(tmp_path_factory.mktemp("core") / "requests.json", read_clock, secret=CORE_SECRET)


@pytest.fixture(scope="session")
def stack(
    wechat: WeChatPlatform,
    telegram: FakeTelegram,
    service: ServicePlatform,
    connections: Connections,
    sms_file: Path,
    small_core: SmallCore,
) -> Iterator[Stack]:
    with (
        serve_in_thread(wechat.api) as wechat_url,
        serve_in_thread(telegram.app) as telegram_url,
        serve_in_thread(service.api) as service_url,
        serve_in_thread(small_core.app) as core_url,
    ):
        settings = ALWAYS_OPEN | {
            "agent_grace_seconds": "20",
            "reading_seconds": str(WAIT_SECONDS),
            "core_secret": CORE_SECRET,
            "core_url": f"{core_url}/core",
            "sms_file": str(sms_file),
            "telegram_bot_token": telegram.token,
            "telegram_webhook_secret": telegram.secret,
            "telegram_api_url": telegram_url,
            **{f"wechat_{name}": value for name, value in wechat.settings(wechat_url).items()},
            **{f"wecom_service_{name}": value for name, value in service.settings(service_url).items()},
        }
        variables = {f"XIAOHE_{name.upper()}": value for name, value in settings.items()}
        with Stack(**variables, **connections.environment) as running:
            yield running


@pytest.fixture(scope="session")
def staffed(stack: Stack) -> Stack:
    """The stack with one member of staff of each role, and a second agent."""
    add_members(stack, *MEMBERS)
    return stack


@pytest.fixture(scope="module")  # its loop must be gone before a module of asynchronous tests begins
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_desk(browser: Browser, staffed: Stack) -> Iterator[OpenDesk]:
    """Opens browsers of members of staff, and closes them all at the end: an open page counts as being there."""
    contexts: list[BrowserContext] = []

    def open_one(login: str, size: ViewportSize = DESKTOP, *, house: Stack = staffed) -> Page:
        contexts.append(browser.new_context(viewport=size, locale="zh-CN"))
        page = contexts[-1].new_page()
        sign_in(page, house, login)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def customer(stack: Stack) -> Iterator[Customer]:
    with Customer(stack.urls["gateway"]) as somebody:
        yield somebody
