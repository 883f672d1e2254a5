"""Where an agent writes: enter sends, prepared answers and the knowledge base are at hand, limits are told before."""

import time
import uuid
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, events, ui

from conversations.windows import is_open
from desk.talks import WORDS_MAX
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.news import Signal
from kit.security import mask_personal_data
from knowledge.schemas import Match

if TYPE_CHECKING:
    from desk.pages.talk import TalkPage

TYPING_SECONDS = 2.0
SUGGESTIONS_MAX = 3
# Enter ends the composition of a Chinese word; only another one sends.
ENTER = """(event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  emit(event.target.value);
  event.target.value = "";
  event.target.dispatchEvent(new Event("input"));
}"""


class Composer:
    """The foot of the page."""

    def __init__(self, page: "TalkPage") -> None:
        self._page = page
        self._tried: dict[str, str] = {}  # words that may not have been taken, and their key
        self._typed_at = 0.0
        self._suggested_for = ""
        with ui.element("div").classes("talk-foot") as self._foot:
            self._hint = ui.label().classes("hint").props('role="status"')
            self._suggestions = ui.element("div").classes("suggestions").props('aria-label="推荐答案"')
            with ui.element("div").classes("composer"):
                ui.button(icon="quickreply", on_click=self._choose, color=None).props(
                    'flat round aria-label="常用语和知识库"'
                ).classes("quiet")
                self._input = (
                    ui.textarea(placeholder="回复客户，回车发送，Shift+回车换行")
                    .props(f'outlined autogrow dense maxlength={WORDS_MAX} aria-label="回复客户"')
                    .classes("words")
                )
                self._input.on("keydown", self._send_typed, js_handler=ENTER)
                self._input.on_value_change(self._tell_typing)
                ui.button(icon="send", on_click=lambda: self._send(self._input.value or "")).props(
                    'unelevated round aria-label="发送"'
                )

    def refresh(self) -> None:
        """Who may write now, and what the platform allows."""
        handoff, visit = self._page.handoff, self._page.visit
        may_write = handoff.state == "active" and (handoff.agent_id == visit.staff.id or visit.may("oversee"))
        self._foot.set_visibility(may_write)
        self._hint.set_text("")
        window = handoff.window
        if window and not is_open(window, self._page.desk.clock()):
            self._hint.set_text("微信限制：现在发不出去，写了会先存着，等客户再来消息时自动发出；急事请打电话。")
        elif window and window.left <= 1:
            self._hint.set_text(f"微信限制：客户再来消息前只能再发{window.left}条，请一次说完。")
        elif handoff.agent_id != visit.staff.id:
            self._hint.set_text(f"您正在加入{self._page.names.get(handoff.agent_id or '', '同事')}的会话。")

    def suggest(self, words: str) -> None:
        """Answers of the knowledge base to what the customer said last, when they are found."""
        if self._foot.visible and words != self._suggested_for:
            self._suggested_for = words
            background_tasks.create(self._suggest(words))

    async def _suggest(self, words: str) -> None:
        matches = await self._search(words)
        if words != self._suggested_for or self._suggestions.is_deleted:
            return
        self._suggestions.clear()
        with self._suggestions:
            for match in matches:
                button = ui.button(match.question, on_click=lambda answer=match.answer: self._fill(answer), color=None)
                button.props("outline no-caps dense").classes("quiet").tooltip(match.answer)

    async def _search(self, words: str) -> list[Match]:
        if not words.strip():
            return []
        try:
            found = await self._page.desk.knowledge.search(mask_personal_data(words), SUGGESTIONS_MAX)
        except (ServiceUnavailable, ServiceRefused):
            return []
        return found.matches if found.outcome != "none" else []

    def _fill(self, text: str) -> None:
        self._input.set_value(text)
        self._input.run_method("focus")

    async def _send_typed(self, event: events.GenericEventArguments) -> None:
        await self._send(str(event.args))

    async def _send(self, words: str) -> None:
        page = self._page
        if not words.strip():
            return
        self._input.set_value("")
        # The same words once more, after a failure, carry the same key: what was said in doubt is said once.
        key = self._tried.setdefault(words, uuid.uuid4().hex)
        if await page.visit.attempt(lambda: page.desk.talks.say(page.visit.staff, page.handoff.id, words, key)):
            del self._tried[words]
            await page.log.refresh()
        elif not self._input.value:
            self._fill(words)

    async def _tell_typing(self, event: Any) -> None:
        now = time.monotonic()
        if event.value and now - self._typed_at > TYPING_SECONDS and self._page.handoff.state == "active":
            self._typed_at = now
            await self._page.desk.news.send(
                Signal(self._page.handoff.conversation_id, "typing", self._page.visit.staff.name)
            )

    async def _choose(self) -> None:
        with self._page.layer, ui.dialog() as dialog, ui.card().classes("dialog wide"):
            ui.label("常用语和知识库").classes("title")
            search = ui.input("搜索").props("outlined clearable autofocus debounce=200")
            results = ui.element("div").classes("answers")

        async def show() -> None:
            words = search.value or ""
            canned = [(answer.title, answer.text) for answer in await self._page.desk.canned.search(words)]
            known = [(match.question, match.answer) for match in await self._search(words)]
            results.clear()
            with results:
                for title, text in [*canned, *known]:
                    with ui.element("button").classes("answer").on("click", lambda text=text: use(text)):
                        ui.label(title).classes("name")
                        ui.label(text)
                if not canned and not known:
                    ui.label("没有找到。" if words else "还没有常用语，可以直接搜索知识库。").classes("empty")

        def use(text: str) -> None:
            self._fill(text)
            dialog.close()

        dialog.on("hide", dialog.delete)
        search.on_value_change(show)
        await show()
        dialog.open()
