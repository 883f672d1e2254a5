"""A talk that goes on, as the browser page of its agent shows it."""

from playwright.async_api import Page, expect

from conversations.handoff.schemas import HandoffView
from desk.schemas import StaffView
from tests.desk.office import Office


class Talk:
    """A talk that goes on, and its agent's page."""

    def __init__(self, office: Office, agent: StaffView, handoff: HandoffView, page: Page) -> None:
        self.office = office
        self.agent = agent
        self.handoff = handoff
        self.page = page
        self.box = page.get_by_label("回复客户")
        self.unconfirmed = page.get_by_label("还没有发出的消息")

    async def choose(self, title: str) -> None:
        """Puts in a prepared answer."""
        await self.page.get_by_label("常用语和知识库").click()
        await self.page.get_by_role("dialog").get_by_text(title, exact=True).click()
        await expect(self.page.get_by_role("dialog")).to_have_count(0)

    async def send(self, *texts: str) -> None:
        for text in texts:
            await self.box.fill(text)
            await self.box.press("Enter")

    async def expect_said(self, *texts: str) -> None:
        """The customer heard this after the greeting, and nothing else."""
        bubbles = self.page.locator(".bubble.agent .text")
        await expect(bubbles).to_have_text([*[await bubbles.first.inner_text()], *texts])
        await expect(self.unconfirmed).to_have_count(0)
        assert (await self.office.read_words(self.handoff))[1:] == list(texts)

    async def count_drafts(self) -> int:
        """How many talks this tab keeps something of."""
        count: int = await self.page.evaluate(
            "Object.keys(sessionStorage).filter((key) => key.startsWith('draft:')).length"
        )
        return count

    async def reload(self) -> None:
        await self.page.reload()
        await expect(self.box).to_be_visible()
