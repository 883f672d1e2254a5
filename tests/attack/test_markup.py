"""Words that become an element of a page are noticed."""

import html

import pytest
from playwright.async_api import async_playwright

from attack.markup import WORDS, find_marks
from dev.browser import ARGUMENTS, find_browser


@pytest.mark.slow
async def test_words_that_become_an_element_are_noticed() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        found = []
        for words in WORDS[:3]:
            for shown in (words, html.escape(words)):
                page = await browser.new_page()
                await page.set_content(f"<p>{shown}</p>")
                found.append(bool(await find_marks(page)))
        await browser.close()
    assert found == [True, False] * 3
