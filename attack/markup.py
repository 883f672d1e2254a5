"""Opens the pages that show hostile words, in a real browser: nothing of them may run, or be taken for markup."""

import asyncio
import json
import time
from collections.abc import Awaitable, Sequence
from random import Random

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    async_playwright,
)

from attack.house import House
from attack.plant import plant
from attack.row import Row
from desk.entrance import COOKIE
from dev.browser import ARGUMENTS, find_browser

TOKEN_KEY = "xiaohe.token"  # noqa: S105 (a name) as connectors/webchat/static/session.js keeps it
SETTLE_MS, AT_ONCE = 1500, 4
WORDS = (
    "<script>__xss=1</script>",
    "<img src=x onerror=__xss=1>",
    '"><svg onload=__xss=1>',
    "'-(__xss=1)-'",
    "javascript:__xss=1//",
    "[点我](javascript:__xss=1)",
    "{{constructor.constructor('__xss=1')()}}",
    "${__xss=1}",
    "</textarea></title><script>__xss=1</script>",
    "<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>",
    "<a href=javascript:__xss=1 autofocus onfocus=__xss=1>x</a>",
    '"onmouseover=__xss=1 x="',
    "<b id=xss-planted style=position:fixed;inset:0>x</b>",
    "<template><img src=x onerror=__xss=1></template>",
    "\u202e<img/src/onerror=__xss=1>",
    "＜script＞__xss=1＜/script＞",
    "<math><mtext><table><mglyph><style><img src onerror=__xss=1>",
)
# Pages that show all words at once, and as whom they are opened.
PAGES = (
    ("supervisor", "/"),
    ("agent", "/"),
    ("supervisor", "/customers"),
    ("supervisor", "/dashboard"),
    ("supervisor", "/answers"),
    ("agent", "/notifications"),
    ("admin", "/staff"),
    ("admin", "/audit"),
)


async def try_markup(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row: a try is a page, opened in a browser with hostile words in every field."""
    row = Row("markup: pages with hostile words", len(WORDS) * 2 + len(PAGES), seconds)
    planted = []
    for words in dice.sample(WORDS, len(WORDS)):
        if time.monotonic() - row.began > seconds * 0.4:
            break
        planted.append((words, *await plant(house, words, closes=False)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        looks = [open_desk_page(browser, house, role, path, row, "all words") for role, path in PAGES]
        for words, token, handoff in planted:
            looks.append(open_chat(browser, house.url("gateway"), token, row, words))
            looks.append(open_desk_page(browser, house, "supervisor", f"/talks/{handoff.id}", row, words))
        few = asyncio.Semaphore(AT_ONCE)

        async def run(look: Awaitable[None]) -> None:
            async with few:
                await look

        await asyncio.gather(*map(run, looks))
        await browser.close()
    return [row]


async def open_desk_page(browser: Browser, house: House, role: str, path: str, row: Row, words: str) -> None:
    """A page of the staff site, as somebody with the role."""
    if row.next_try():
        context = await browser.new_context(locale="zh-CN")
        await context.add_cookies([{"name": COOKIE, "value": house.tokens[role], "url": house.url("desk")}])
        await look(context, house.url("desk") + path, row, words)


async def open_chat(browser: Browser, url: str, token: str, row: Row, words: str) -> None:
    """The customer's own page, opened again with all that was said."""
    if row.next_try():
        context = await browser.new_context(locale="zh-CN")
        stored = json.dumps(json.dumps(token))
        await context.add_init_script(f"localStorage.setItem('{TOKEN_KEY}', {stored})")
        await look(context, url, row, words, has_strict_policy=True)


async def look(context: BrowserContext, url: str, row: Row, words: str, *, has_strict_policy: bool = False) -> None:
    """Opens one page, and notes what ran; the context is closed."""
    page = await context.new_page()
    ran: list[str] = []

    async def note_dialog(dialog: Dialog) -> None:
        ran.append("a dialog opened")
        await dialog.dismiss()

    def note_message(message: ConsoleMessage) -> None:
        if has_strict_policy and "Content Security Policy" in message.text:
            ran.append(f"only the policy stopped it: {message.text[:150]}")

    page.on("dialog", note_dialog)
    page.on("console", note_message)
    await page.goto(url, wait_until="load")
    await page.wait_for_timeout(SETTLE_MS)
    ran += await find_marks(page)
    if ran:
        row.fail(words, f"{url.split('/', 3)[3] or '/'}: {'; '.join(ran)}")
    await context.close()


async def find_marks(page: Page) -> Sequence[str]:
    """What of the words ran, or stands in the page as an element."""
    made = "#xss-planted, [onerror], svg[onload], [onfocus], iframe[srcdoc], mglyph"
    found: list[str] = await page.evaluate(
        """(made) => [
            window.__xss && "a script ran",
            document.querySelector(made) && "an element was made",
            document.querySelector("a[href^='javascript:' i]") && "a link runs a script",
        ].filter(Boolean)""",
        made,
    )
    return found
