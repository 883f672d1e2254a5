"""The reply box of a talk, with suggested answers and the platform's limits."""

import asyncio
import re
import uuid
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from nicegui import events, ui
from nicegui.element import Element

from conversations.channels import describe_limit
from conversations.handoff.schemas import HandoffView
from desk.customer_wording import address
from desk.pages.open_page import OpenPage
from desk.pages.suggestions import Suggestions, choose_answer, find_answers
from desk.pages.toasts import show_toast
from desk.pages.widgets import open_form
from desk.talks import WORDS_MAX
from documents.files import ENDINGS
from kit.errors import RequestError

OFFERED_MAX = 8
CAPTION_MAX = 200
REJECTED = "只能发图片和PDF、Word、Excel文件，每个最多{}MB"
_KEY = re.compile(r"[0-9a-f]{32}")


class ReplyBox(Element, component="../static/composer.js"):
    """The text box. Its text belongs to the browser: the server never holds it and never writes it back."""

    def __init__(self, staff_id: str, handoff_id: str, files: int) -> None:
        """`files` is the upload element that takes pasted and dropped files."""
        super().__init__()
        self._props |= {
            "staff": staff_id,
            "talk": handoff_id,
            "files": files,
            "length-max": WORDS_MAX,
            "label": "回复客户",
            "placeholder": "回复客户，回车发送，/ 找常用语",
        }

    def insert(self, text: str) -> None:
        """Inserts text at the cursor."""
        self.run_method("insert", text)

    def offer(self, words: str, answers: list[tuple[str, str]]) -> None:
        """Lists answers, each with its title, for the words after a slash."""
        self.run_method("offer", words, [{"title": title, "text": text} for title, text in answers])

    def settle(self, key: str, *, is_sent: bool) -> None:
        """Tells the browser whether a message was sent."""
        self.run_method("settle", key, is_sent)


class Composer:
    """The reply box with the hint and the suggestions above it."""

    def __init__(
        self,
        page: OpenPage,
        handoff: HandoffView,
        names: Mapping[str, str],
        layer: ui.element,
        is_said: Callable[[str], bool],
        show_said: Callable[[], Awaitable[object]],
    ) -> None:
        """`is_said` says whether a message with this key is in the log, `show_said` refreshes the log."""
        self._page = page
        self._handoff = handoff
        self._names = names
        self._is_said = is_said
        self._show_said = show_said
        self._sending = asyncio.Lock()  # keeps the order in which they were written
        desk = page.desk
        with ui.element("div").classes("talk-foot") as self._foot:
            self._hint = ui.label().classes("hint").props('role="status"')
            self._suggestions = Suggestions(desk.knowledge, handoff.channel, self._insert)
            self._files = ui.upload(
                multiple=True,
                auto_upload=True,
                max_file_size=desk.sent_documents.bytes_max,
                on_upload=self._show_chosen,
                on_rejected=lambda: show_toast(REJECTED.format(desk.sent_documents.bytes_max // 1024**2), "warning"),
            )
            self._files.on("failed", lambda: show_toast("没有传上来，请再发一次", "warning"), args=[])
            self._files.props(f'accept="image/*,{",".join(ENDINGS.values())}" no-thumbnails').classes("hidden")
            with ReplyBox(page.staff.id, handoff.id, self._files.id) as self._box:
                ui.button(icon="attach_file", on_click=lambda: self._files.run_method("pickFiles"), color=None).props(
                    'flat round aria-label="发图片或文件"'
                ).classes("quiet")
                ui.button(
                    icon="quickreply",
                    on_click=lambda: choose_answer(desk.canned, desk.knowledge, handoff.channel, layer, self._insert),
                    color=None,
                ).props('flat round aria-label="常用语和知识库"').classes("quiet")
                if desk.language_model:
                    ui.button(icon="edit_note", on_click=self._draft, color=None).props(
                        'flat round aria-label="让模型起草"'
                    ).classes("quiet")
        self._box.on("send", self._send).on("check", self._check).on("typing", self.tell_typing, args=[])
        self._box.on("look", self._look)

    def refresh(self, handoff: HandoffView, last_words: str) -> None:
        """Updates who may write, the platform's limits, and suggestions for the customer's last message."""
        self._handoff = handoff
        staff = self._page.staff
        may_write = handoff.state == "active" and (handoff.agent_id == staff.id or self._page.may("oversee"))
        self._foot.set_visibility(may_write)
        is_mine = handoff.agent_id == staff.id
        self._foot.classes(add="" if is_mine else "looks-on", remove="looks-on" if is_mine else "")
        hint = describe_limit(handoff.channel, handoff.window, self._page.desk.clock())
        if not hint and not is_mine:
            hint = f"{self._names.get(handoff.agent_id or '', '同事')}正在接待，您在这里写的，客户看得到。"
        self._hint.set_text(hint)
        if may_write:
            self._suggestions.suggest(last_words)

    async def tell_typing(self) -> None:
        """Tells the customer that the agent is typing."""
        if await self._page.check():
            with suppress(RequestError):  # a colleague has the talk now, as the page will show
                await self._page.desk.talks.tell_typing(self._page.staff, self._handoff.id)

    async def _send(self, event: events.GenericEventArguments) -> None:
        text, key = str(event.args.get("text", "")), str(event.args.get("key", ""))
        if not _KEY.fullmatch(key):
            return
        async with self._sending:
            talks, staff = self._page.desk.talks, self._page.staff
            is_sent = await self._page.attempt(lambda: talks.say(staff, self._handoff.id, text, key))
        if is_sent:
            await self._show_said()
        self._box.settle(key, is_sent=is_sent)

    async def _show_chosen(self, event: events.UploadEventArguments) -> None:
        """What was chosen, pasted or dropped is looked at once more before the customer gets it."""
        content, key, words_key = await event.file.read(), uuid.uuid4().hex, uuid.uuid4().hex
        self._files.run_method("removeUploadedFiles")  # a reset would end those still under way
        documents, staff = self._page.desk.sent_documents, self._page.staff
        is_picture = event.file.content_type.startswith("image/")
        small, name = b"", ""

        async def look() -> None:
            nonlocal small, name
            if is_picture:
                small = await documents.preview(content)
            else:
                name = await documents.describe(self._handoff.channel, content, event.file.name)

        async def send_all() -> None:
            await documents.send(staff, self._handoff.id, content, key, file_name=name)
            if words := (caption.value or "").strip():  # platforms have no captions, or not for all
                await self._page.desk.talks.say(staff, self._handoff.id, words, words_key)

        async def send() -> bool:
            async with self._sending:
                is_sent = await self._page.attempt(send_all)
            await self._show_said()  # of two, one may have gone
            return is_sent

        if await self._page.attempt(look):
            with open_form(f"把这{'张图片' if is_picture else '个文件'}发给客户？", send, "发送"):
                if is_picture:
                    shown = ui.element("img").classes("preview").props('alt="要发的图片"')
                    shown.props["src"] = f"data:image/jpeg;base64,{b64encode(small).decode()}"
                else:
                    ui.label(f"{name}（{max(1, len(content) // 1024)}KB）")
                caption = ui.input("再说一句（可不填）").props(f"outlined dense maxlength={CAPTION_MAX}")

    async def _look(self, event: events.GenericEventArguments) -> None:
        """Looks for answers to what is typed after a slash."""
        words, desk = str(event.args), self._page.desk
        if await self._page.check():
            found = await find_answers(desk.canned, desk.knowledge, self._handoff.channel, words)
            offered = [(title, address(text, self._handoff.name)) for title, text in found.offered[:OFFERED_MAX]]
            self._box.offer(words, offered)

    async def _draft(self) -> None:
        """Puts a draft of the language model into the box, from where only the agent sends it."""
        drafted: list[str] = []

        async def draft() -> None:
            drafted.append(await self._page.desk.talk_drafts.draft_reply(self._handoff))

        if await self._page.attempt(draft):
            self._box.insert(drafted[0])
            show_toast("草稿是模型写的，请核对后再发送", "info")

    def _insert(self, text: str) -> None:
        self._box.insert(address(text, self._handoff.name))

    def _check(self, event: events.GenericEventArguments) -> None:
        """Handles the question of a reloaded page whether a message was sent."""
        for key in map(str, event.args):
            self._box.settle(key, is_sent=self._is_said(key))
