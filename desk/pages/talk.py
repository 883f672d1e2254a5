"""One talk: the live chat, the handoff summary beside it and the actions above."""

from collections.abc import Callable, Mapping, Sequence

from nicegui import ui

from conversations.handoff.schemas import HandoffEventView, HandoffView
from desk.dispatcher import BUSY, NO_ANSWER
from desk.pages.composer import Composer
from desk.pages.open_page import OpenPage
from desk.pages.talk_acts import TalkActs
from desk.pages.talk_head import TalkHead
from desk.pages.talk_log import TalkLog
from desk.pages.talk_side import TalkSide
from desk.pages.toasts import show_toast
from desk.pages.viewers import Viewers
from desk.talk_access import find_readable
from desk.wording import name_customer
from kit.pubsub import Signal

POLL_SECONDS = 3.0


class TalkPage:
    """A talk in a page: its components and when they refresh; nothing is refreshed while it is hidden."""

    def __init__(
        self,
        page: OpenPage,
        handoff: HandoffView,
        names: Mapping[str, str],
        lose: Callable[[str, str], None],
        go_on: Callable[[], None],
    ) -> None:
        """`names` of staff by id; `lose` is called with its id, and why, once the member may not see it any more.

        `go_on` is called once they have closed it.
        """
        self.id = handoff.id
        self._page = page
        self._handoff = handoff
        self._names = names
        self._lose = lose
        self._stop: Callable[[], object] | None = None  # following it
        self._is_lost = False
        desk = page.desk
        self._viewers = Viewers(page, handoff.conversation_id, names)
        with ui.element("div").classes("talk").props(f"data-talk={handoff.id}") as self._area:
            layer = ui.element("div")  # dialogs live here, since their buttons may be redrawn
            with ui.element("section").classes("talk-main"):
                self._head = TalkHead(page, names)
                with self._head.acts:
                    self.acts = TalkActs(page, layer, self.refresh, lambda: self._side.toggle(), go_on)
                self._log = TalkLog(desk, handoff.conversation_id, names, find_readable(page.staff, handoff))
                ui.html("新消息 ↓", sanitize=False, tag="button").classes("new-below").props('type="button"')
                with ui.element("p").classes("talk-typing").props('role="status"'):
                    self._typing = ui.label()
                self._composer = Composer(page, handoff, names, layer, self._log.is_said, self._log.refresh)
            self._side = TalkSide(page, handoff, names, self._log)

    async def prepare(self) -> None:
        """Fills it, hidden, so that it is there at once when it is shown."""
        await self._log.refresh()
        await self.refresh()

    async def show(self) -> None:
        """Shows it as it is now, and follows it."""
        self._area.classes(add="shown")
        if self._stop is None:
            await self.prepare()
            self._stop = self._page.follow([self._handoff.conversation_id], self.handle, POLL_SECONDS)

    async def hide(self) -> None:
        """Keeps it, for when it is shown again."""
        self._area.classes(remove="shown")
        if self._stop:
            self._stop()
            self._stop = None
            await self._viewers.leave()

    async def close(self) -> None:
        """Takes it out of the page."""
        await self.hide()
        self._area.delete()

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

    async def refresh(self, *, is_told: bool | None = None) -> None:
        """Updates the talk's state and everything that depends on it.

        After an act of the member `is_told` is whether they know already if the talk is lost.
        """
        desk = self._page.desk
        before = self._handoff
        self._handoff = handoff = await desk.handoffs.get(self._handoff.id)
        events = await desk.handoffs.list_events(handoff.id)
        if not desk.talks.is_visible(self._page.staff, handoff):
            if self._is_lost or (self.acts.is_acting and is_told is None):
                return  # what comes of the act tells it
            self._is_lost = True
            who = name_customer(handoff.customer_id, handoff.name)
            self._lose(self.id, "" if is_told else f"{who}：{describe_loss(events, self._names)}")
            return
        was_offered = before.state == "assigned" and before.agent_id == self._page.staff.id
        if was_offered and events and events[-1].note in (NO_ANSWER, BUSY):
            show_toast(f"没有及时接待，{name_customer(handoff.customer_id, handoff.name)}回到了排队", "warning")
        self._log.period = find_readable(self._page.staff, handoff)
        self._head.refresh(handoff, events)
        self.acts.refresh(handoff)
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
