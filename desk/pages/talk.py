"""The chat page: what was said, live both ways, with the pack beside it and what can be done above it."""

from fastapi import Request
from nicegui import ui
from starlette.exceptions import HTTPException

from conversations.schemas import HandoffView
from desk.collaborators import Desk
from desk.pages.composer import Composer
from desk.pages.frame import frame
from desk.pages.talk_actions import Actions
from desk.pages.talk_log import TalkLog
from desk.pages.talk_side import Side
from desk.pages.viewers import Viewers
from desk.pages.visit import Visit
from desk.wording import name_customer
from kit.errors import RequestError
from kit.news import Signal

LOOK_SECONDS = 3.0
LEAVE_SECONDS = 3.0  # for reading who has it


def register(desk: Desk) -> None:
    """The page at /talks/…"""

    @ui.page("/talks/{handoff_id}")
    async def show_talk(request: Request, handoff_id: str) -> None:
        visit = Visit(desk, request, "talk")
        try:
            page = TalkPage(visit, await desk.talks.open(visit.staff, handoff_id))
        except RequestError as error:
            raise HTTPException(error.status) from error
        with frame(visit, name_customer(page.handoff.customer_id, page.handoff.name), "/", is_wide=True):
            await page.build()


class TalkPage:
    """One talk on one screen. Its parts share `handoff`, which follows the record."""

    def __init__(self, visit: Visit, handoff: HandoffView) -> None:
        self.visit = visit
        self.desk = visit.desk
        self.handoff = handoff
        self.names: dict[str, str] = {}

    async def build(self) -> None:
        """Everything as it stands now; what is new is shown from then on."""
        self.names = {member.id: member.name for member in await self.desk.accounts.list_staff()}
        self.viewers = Viewers(self.visit, self.handoff.conversation_id, self.names)
        self.layer = ui.element("div")  # for dialogs
        with ui.element("div").classes("talk"):
            with ui.element("section").classes("talk-main"):
                self.actions = Actions(self)
                self.log = TalkLog(self)
                with ui.element("p").classes("talk-typing").props('role="status"') as self.typing:
                    self.typing_text = ui.label()
                self.composer = Composer(
                    self.visit, self.handoff, self.names, self.layer, self.log.is_said, self.log.refresh
                )
            self.side = Side(self)
        await self.log.refresh()
        await self.refresh()
        topics = [self.handoff.conversation_id]
        self.visit.follow(topics, self.hear, LOOK_SECONDS)

    async def hear(self, signals: list[Signal]) -> None:
        """Shows what is new."""
        await self.viewers.hear(signals)
        self.actions.show_viewers()
        kinds = {signal.kind for signal in signals}
        is_typing = any(signal.kind == "typing" and signal.by == "customer" for signal in signals)
        self.typing_text.set_text("客户正在输入…" if is_typing else "")
        if is_typing and kinds == {"typing"}:
            return
        has_news = await self.log.refresh()
        if kinds - {"typing", "looking", "message"} or has_news:
            await self.refresh()

    async def refresh(self) -> None:
        """The talk's state, and all that depends on it."""
        self.handoff = await self.desk.handoffs.get(self.handoff.id)
        if not await self.desk.talks.is_visible(self.visit.staff, self.handoff):
            self.visit.is_over = True  # a colleague has it now
            ui.timer(LEAVE_SECONDS, lambda: ui.navigate.to("/"), once=True)
        self.actions.refresh()
        self.composer.refresh(self.handoff, self.log.last_words)
        await self.side.refresh()
