"""The page of a talk: the live chat, the handoff summary beside it and the actions above."""

from collections.abc import Mapping, Sequence

from fastapi import Request
from nicegui import ui
from starlette.exceptions import HTTPException

from conversations.handoff.schemas import HandoffEventView, HandoffView
from desk.entrance import REFUSAL
from desk.pages.composer import Composer
from desk.pages.frame import frame
from desk.pages.open_page import OpenPage
from desk.pages.talk_head import TalkHead
from desk.pages.talk_log import TalkLog
from desk.pages.talk_side import TalkSide
from desk.pages.viewers import Viewers
from desk.services import DeskServices
from desk.wording import name_customer
from kit.errors import RequestError
from kit.pubsub import Signal

POLL_SECONDS = 3.0


def register(desk: DeskServices) -> None:
    """The page at /talks/…"""

    @ui.page("/talks/{handoff_id}")
    async def show_talk(request: Request, handoff_id: str) -> None:
        page = OpenPage(desk, request, "talk")
        try:
            handoff = await desk.talks.open(page.staff, handoff_id)
        except RequestError as error:
            setattr(request.state, REFUSAL, error.code)
            raise HTTPException(error.status, error.reason) from error
        names = {member.id: member.name for member in await desk.accounts.list_staff()}
        with frame(page, name_customer(handoff.customer_id, handoff.name), "/", is_wide=True):
            await TalkPage(page, handoff, names).start()


class TalkPage:
    """One open page of a talk: its components and when they refresh."""

    def __init__(self, page: OpenPage, handoff: HandoffView, names: dict[str, str]) -> None:
        """`names` of staff by id."""
        self._page = page
        self._handoff = handoff
        self._names = names
        desk = page.desk
        self._viewers = Viewers(page, handoff.conversation_id, names)
        layer = ui.element("div")  # dialogs live here, since their buttons may be redrawn
        with ui.element("div").classes("talk"):
            with ui.element("section").classes("talk-main"):
                self._head = TalkHead(page, names, layer, self.refresh, lambda: self._side.toggle())
                self._log = TalkLog(desk, handoff.conversation_id, names)
                with ui.element("p").classes("talk-typing").props('role="status"'):
                    self._typing = ui.label()
                self._composer = Composer(page, handoff, names, layer, self._log.is_said, self._log.refresh)
            self._side = TalkSide(page, handoff, names, self._log)

    async def start(self) -> None:
        """Shows the current state and starts following it."""
        await self._log.refresh()
        await self.refresh()
        self._page.follow([self._handoff.conversation_id], self.handle, POLL_SECONDS)

    async def handle(self, signals: list[Signal]) -> None:
        """Handles signals."""
        await self._viewers.handle(signals)
        self._head.show_viewers(self._viewers.label)
        kinds = {signal.kind for signal in signals}
        is_typing = any(signal.kind == "typing" and signal.by == "customer" for signal in signals)
        self._typing.set_text("客户正在输入…" if is_typing else "")
        if is_typing and kinds == {"typing"}:
            return
        has_news = await self._log.refresh()
        if kinds - {"typing", "looking", "message"} or has_news:
            await self.refresh()

    async def refresh(self) -> None:
        """Updates the talk's state and everything that depends on it."""
        desk = self._page.desk
        self._handoff = handoff = await desk.handoffs.get(self._handoff.id)
        events = await desk.handoffs.list_events(handoff.id)
        if not desk.talks.is_visible(self._page.staff, handoff):
            self._page.leave("/", describe_loss(events, self._names))
            return
        self._head.refresh(handoff, events)
        self._composer.refresh(handoff, self._log.last_words)
        await self._side.refresh(handoff, events)


def describe_loss(events: Sequence[HandoffEventView], names: Mapping[str, str]) -> str:
    """Where a talk has gone that one may not see any more: 已由王芳接管."""
    words = {"transfer": "已转给{}", "assign": "已分派给{}", "take_over": "已由{}接管"}
    words |= dict.fromkeys(("take", "accept", "claim"), "已由{}接待")
    last = next((event for event in reversed(events) if event.event in words), None)
    if last is None:
        return "这个会话已不在您这里"
    return "这个会话" + words[last.event].format(names.get(last.agent_id or "", "同事"))
