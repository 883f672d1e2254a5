"""The widget in a real browser, on a bank's site of another origin; behind it the gateway with a scripted bot."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, Route, expect

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from kit.database import Database
from migrations.metadata import METADATA
from tests.connectors.conftest import serve
from tests.connectors.webchat.conftest import DESKTOP, PHONE
from tests.fakes import ScriptedBot, ScriptedEvidence
from tests.vaults import VAULT
from tests.waiting import PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]

SCRIPT = '<script src="{gateway}/widget.js" async></script>'
CONTENT = "<h1>青禾农商银行</h1><p><input aria-label='站内搜索'></p>" + "<p>贷款、存款、社保卡。</p>" * 60
HOSTILE_STYLE = """<style>
html { font-size: 4px; }
* { all: unset !important; --brand: red !important; }
body, body * { display: block !important; transform: scale(0.9) !important; opacity: 0 !important; }
xiaohe-widget, button, iframe, div { display: none !important; position: static !important; }
</style>"""
STRICT_POLICY = (
    "default-src 'none'; script-src {gateway}; frame-src {gateway}; style-src 'self'; "
    "require-trusted-types-for 'script'"
)
PAGES = {
    "plain": CONTENT + SCRIPT,
    "hostile": HOSTILE_STYLE + CONTENT + SCRIPT,
    "strict": CONTENT + SCRIPT,
    "head": SCRIPT.replace(" async", "") + "<title>青禾农商银行</title></head><body>" + CONTENT,
    "bare": "<title>青禾农商银行</title>" + CONTENT,
    "twice": SCRIPT.replace(" async", "") + "<body>" + CONTENT + SCRIPT * 2,
    "left": CONTENT + SCRIPT.replace(" async", ' async data-position="left" data-label="在线咨询"'),
}


@dataclass(frozen=True)
class Bank:
    """Origins: the gateway, the bank's pages beside it, the bank's pages on another site, somebody else's pages."""

    gateway: str
    near: str
    far: str
    stranger: str


@asynccontextmanager
async def open_bank(folder: Path) -> AsyncIterator[Bank]:
    gateway_url = ""
    pages = FastAPI()

    @pages.get("/{name}")
    async def show(name: str) -> HTMLResponse:
        policy = {"Content-Security-Policy": STRICT_POLICY.format(gateway=gateway_url)} if name == "strict" else {}
        page = "<!doctype html><meta name=viewport content='width=device-width'>" + PAGES.get(name, "")
        return HTMLResponse(page.replace("{gateway}", gateway_url), headers=policy)

    database = Database(f"sqlite+aiosqlite:///{folder}/test.db", VAULT)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await database.close()
    async with serve(pages) as near, serve(pages) as stranger:
        # As www.bank.example and chat.bank.example, ports of one address are one site. Another name is another site:
        # its frames run in a process of their own and, in many browsers, without storage.
        far = near.replace("127.0.0.1", "localhost")
        settings = GatewaySettings(
            database_url=f"sqlite+aiosqlite:///{folder}/test.db", widget_origins=(near, far), messages_per_minute=600
        )
        async with serve(create_app(settings, bot=ScriptedBot(), evidence=ScriptedEvidence())) as gateway_url:
            yield Bank(gateway_url, near, far, stranger)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    # In a thread of its own: Playwright's synchronous side keeps this one's event loop.
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(open_bank(tmp_path_factory.mktemp("bank"))) as opened,
    ):
        yield opened


@pytest.fixture(params=[DESKTOP])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    is_phone = request.param is PHONE
    opened = browser.new_context(viewport=request.param, is_mobile=is_phone, has_touch=is_phone, locale="zh-CN")
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


on_phone_and_desktop = pytest.mark.parametrize("context", [PHONE, DESKTOP], ids=["phone", "desktop"], indirect=True)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must load without a fault."""
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield opened
    assert [fault for fault in faults if "favicon" not in fault] == []


def find_launcher(page: Page) -> Locator:
    return page.locator("xiaohe-widget .launcher")


def find_panel(page: Page) -> Locator:
    return page.locator("xiaohe-widget .panel")


def find_chat(page: Page) -> FrameLocator:
    return page.frame_locator("xiaohe-widget iframe")


def find_input(page: Page) -> Locator:
    return find_chat(page).get_by_label("您的问题")


def open_chat(page: Page, url: str) -> FrameLocator:
    page.goto(url)
    find_launcher(page).click()
    expect(find_chat(page).get_by_role("log")).to_contain_text("我是小禾")
    return find_chat(page)


def say(page: Page, text: str) -> None:
    find_input(page).fill(text)
    find_input(page).press("Enter")


def expect_open(page: Page) -> None:
    # The attribute changes at once; the panel takes a moment to fade.
    expect(find_launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(find_panel(page)).to_be_visible()


def expect_closed(page: Page) -> None:
    expect(find_launcher(page)).to_have_attribute("aria-expanded", "false")
    expect(find_panel(page)).to_be_hidden()


def locate(locator: Locator) -> dict[str, float]:
    """Left, top, right and bottom edge in the window, in pixels."""
    box = locator.bounding_box()
    assert box is not None
    return {
        "left": box["x"],
        "top": box["y"],
        "right": box["x"] + box["width"],
        "bottom": box["y"] + box["height"],
    }


@on_phone_and_desktop
@pytest.mark.parametrize("name", ["plain", "hostile", "strict"])
def test_a_customer_asks_closes_and_finds_everything_again(page: Page, bank: Bank, name: str) -> None:
    chat = open_chat(page, f"{bank.far}/{name}")
    say(page, "农户贷要什么材料")
    expect(chat.get_by_role("log")).to_contain_text("听到：农户贷要什么材料")
    find_input(page).fill("还没写完")
    page.get_by_role("button", name="关闭").click()
    expect_closed(page)
    find_launcher(page).click()
    expect(chat.get_by_role("log").get_by_text("听到：农户贷要什么材料")).to_have_count(1)
    expect(find_input(page)).to_have_value("还没写完")


def test_a_conversation_goes_on_from_page_to_page(page: Page, bank: Bank) -> None:
    chat = open_chat(page, f"{bank.near}/plain")
    say(page, "社保卡丢了咋办")
    expect(chat.get_by_role("log")).to_contain_text("听到：社保卡丢了咋办")
    chat = open_chat(page, f"{bank.near}/left")
    expect(chat.get_by_role("log")).to_contain_text("听到：社保卡丢了咋办")


@pytest.mark.parametrize("context", [PHONE], indirect=True)
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_on_a_phone_the_chat_takes_the_whole_screen(page: Page, bank: Bank, name: str) -> None:
    chat = open_chat(page, f"{bank.far}/{name}")
    width, height = page.evaluate("() => [innerWidth, innerHeight]")
    whole = {"left": 0, "top": 0, "right": width, "bottom": height}
    frame = page.locator("xiaohe-widget iframe")
    frame.evaluate("frame => Promise.all(frame.getRootNode().getAnimations().map((each) => each.finished))")
    assert locate(frame) == whole
    expect(find_launcher(page)).to_be_hidden()
    expect(find_input(page)).not_to_be_focused()  # the soft keyboard would cover the greeting
    assert chat.locator("body").evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["plain", "hostile", "left"])
def test_on_a_wide_screen_the_chat_stands_above_its_button(page: Page, bank: Bank, name: str) -> None:
    open_chat(page, f"{bank.far}/{name}")
    panel, launcher = locate(find_panel(page)), locate(find_launcher(page))
    assert (panel["right"] - panel["left"], panel["bottom"] - panel["top"]) == (400, 640)
    assert panel["bottom"] < launcher["top"]
    assert launcher["bottom"] == DESKTOP["height"] - 20
    side, edge = ("left", 20) if name == "left" else ("right", DESKTOP["width"] - 20)
    assert panel[side] == launcher[side] == edge


@on_phone_and_desktop
def test_the_close_button_covers_nothing_of_the_chat(page: Page, bank: Bank) -> None:
    chat = open_chat(page, f"{bank.far}/plain")
    new_session, close = locate(chat.locator("#new-session")), locate(page.get_by_role("button", name="关闭"))
    assert new_session["right"] <= close["left"]
    assert new_session["top"] == close["top"]
    chat.locator("#new-session").click()
    chat.get_by_role("button", name="继续当前对话").click()


@pytest.mark.parametrize("place", ["near", "far"])
def test_keyboard_and_screen_reader_find_their_way(page: Page, bank: Bank, place: str) -> None:
    page.goto(f"{getattr(bank, place)}/plain")
    launcher = page.get_by_role("button", name="问小禾")
    expect_closed(page)
    launcher.press("Enter")
    expect_open(page)
    expect(page.get_by_role("dialog", name="问小禾")).to_be_visible()
    expect(page.locator("xiaohe-widget iframe")).to_have_attribute("title", "与小禾对话")
    expect(find_input(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect_closed(page)
    expect(launcher).to_be_focused()

    page.keyboard.press("Space")
    expect(find_input(page)).to_be_focused()
    close = page.get_by_role("button", name="关闭")
    close.focus()
    page.keyboard.press("Escape")
    expect_closed(page)
    expect(launcher).to_be_focused()

    launcher.press("Enter")
    close.press("Enter")
    expect_closed(page)
    expect(launcher).to_be_focused()


def test_escape_means_the_nearest_thing_first(page: Page, bank: Bank) -> None:
    chat = open_chat(page, f"{bank.far}/plain")
    chat.locator("#new-session").click()
    page.keyboard.press("Escape")
    expect(chat.locator("#confirm")).to_be_hidden()
    expect_open(page)
    search = page.get_by_label("站内搜索")
    search.press("Escape")
    expect(search).to_be_focused()
    expect_open(page)
    search.blur()
    page.keyboard.press("Escape")
    expect_closed(page)


def test_a_foreign_page_sees_no_chat(context: BrowserContext, bank: Bank) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{bank.stranger}/plain")
    with page.expect_response(f"{bank.gateway}/"):
        find_launcher(page).click()
    expect_open(page)
    (frame,) = page.frames[1:]
    frame.wait_for_load_state()
    assert frame.url == "chrome-error://chromewebdata/"
    assert any("frame-ancestors" in complaint for complaint in complaints)
    page.get_by_role("button", name="关闭").click()
    expect_closed(page)


@pytest.mark.parametrize("name", ["head", "twice"])
def test_one_button_wherever_and_however_often_the_script_stands(page: Page, bank: Bank, name: str) -> None:
    page.goto(f"{bank.far}/{name}", wait_until="load")
    expect(find_launcher(page)).to_have_count(1)
    find_launcher(page).click()
    expect(find_chat(page).get_by_role("log")).to_contain_text("我是小禾")


def test_the_label_is_the_banks_to_choose(page: Page, bank: Bank) -> None:
    page.goto(f"{bank.far}/left")
    expect(page.get_by_role("button", name="在线咨询")).to_be_visible()


def test_the_page_around_it_stays_as_it_was(page: Page, bank: Bank, context: BrowserContext) -> None:
    list_state = "() => [Object.keys(window).sort(), document.title, document.cookie, localStorage.length]"
    page.goto(f"{bank.far}/bare")
    before = page.evaluate(list_state)
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url))
    page.goto(f"{bank.far}/head")
    expect(find_launcher(page)).to_be_visible()
    # Until somebody asks, the script is all it costs.
    assert [url for url in loads if url.startswith(bank.gateway)] == [f"{bank.gateway}/widget.js"]
    find_launcher(page).click()
    expect(find_chat(page).get_by_role("log")).to_contain_text("我是小禾")
    say(page, "你好")
    expect(find_chat(page).get_by_role("log")).to_contain_text("听到：你好")
    assert page.evaluate(list_state) == before
    assert context.cookies() == []


def test_a_chat_that_loads_late_does_not_take_the_focus(page: Page, bank: Bank) -> None:
    held: list[Route] = []
    page.route(f"{bank.gateway}/", lambda route: held.append(route))
    page.goto(f"{bank.far}/plain")
    find_launcher(page).click()
    search = page.get_by_label("站内搜索")
    search.click()
    held[0].continue_()
    expect(find_chat(page).get_by_role("log")).to_contain_text("我是小禾")
    page.frames[1].wait_for_load_state("load")
    page.keyboard.type("利率")
    expect(search).to_have_value("利率")


def test_a_reply_while_closed_shows_as_a_dot(page: Page, bank: Bank, context: BrowserContext) -> None:
    chat = open_chat(page, f"{bank.near}/plain")
    say(page, "你好")
    expect(chat.get_by_role("log")).to_contain_text("听到：你好")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="问小禾", exact=True)).to_be_visible()
    other = context.new_page()
    open_chat(other, f"{bank.near}/plain")
    say(other, "再问一句")
    expect(page.get_by_role("button", name="问小禾，有新消息")).to_be_visible()
    assert "再问一句" not in find_launcher(page).evaluate("node => node.outerHTML")
    find_launcher(page).click()
    expect(chat.get_by_role("log")).to_contain_text("听到：再问一句")
    expect(page.get_by_role("button", name="问小禾", exact=True)).to_be_visible()


def test_only_the_chat_itself_is_heard(page: Page, bank: Bank) -> None:
    open_chat(page, f"{bank.far}/plain")
    page.evaluate("() => { window.heard = 0; addEventListener('message', () => heard++); }")
    page.evaluate("() => postMessage({ source: 'xiaohe', type: 'close' }, '*')")
    page.evaluate(
        """() => {
            const frame = document.createElement("iframe");
            frame.srcdoc = "<script>parent.postMessage({ source: 'xiaohe', type: 'close' }, '*')</script>";
            document.body.append(frame);
        }"""
    )
    (chat,) = (frame for frame in page.frames if frame.url == f"{bank.gateway}/")
    for message in ("null", "'close'", "{ type: 'close' }", "{ source: 'xiaohe', type: 'open' }"):
        chat.evaluate(f"() => parent.postMessage({message}, '*')")
    page.wait_for_function("() => heard === 6")
    expect_open(page)
    chat.evaluate("() => parent.postMessage({ source: 'xiaohe', type: 'close' }, '*')")
    expect_closed(page)


def test_the_chat_works_where_storage_is_forbidden(page: Page, bank: Bank, context: BrowserContext) -> None:
    context.add_init_script(
        """for (const area of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, area, { get() { throw new DOMException("", "SecurityError"); } });
        }"""
    )
    chat = open_chat(page, f"{bank.far}/plain")
    say(page, "能贷多少")
    expect(chat.get_by_role("log")).to_contain_text("听到：能贷多少")
    page.keyboard.press("Escape")
    expect_closed(page)
    find_launcher(page).click()
    expect(chat.get_by_role("log")).to_contain_text("听到：能贷多少")


def test_a_browser_without_constructable_style_sheets_shows_it_too(page: Page, bank: Bank) -> None:
    page.add_init_script("delete window.CSSStyleSheet")
    open_chat(page, f"{bank.far}/plain")
    assert locate(find_launcher(page))["bottom"] == DESKTOP["height"] - 20


@pytest.mark.parametrize(("motion", "seconds"), [("reduce", {"0s"}), ("no-preference", {"0.15s", "0s"})])
def test_nothing_moves_for_those_who_asked_for_it(page: Page, bank: Bank, motion: str, seconds: set[str]) -> None:
    page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    page.goto(f"{bank.far}/plain")
    durations = find_panel(page).evaluate("panel => getComputedStyle(panel).transitionDuration")
    assert set(durations.split(", ")) == seconds
