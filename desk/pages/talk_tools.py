"""Below the canned answers: the labels there are, and the macros."""

from nicegui import ui

from desk.labels import LABEL_MAX
from desk.macros import TITLE_MAX, MacroValues, MacroView
from desk.pages.open_page import OpenPage
from desk.pages.talk_dialogs import describe_macro
from desk.pages.widgets import add_button, confirm, open_form, show_all, show_heading
from desk.talks import DISPOSITIONS, NOTE_MAX, SUMMARY_MAX, WORDS_MAX


class LabelList:
    """The labels, each with its removal, and a field for another."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        show_heading("会话标签", 2)
        self._chips = ui.row().classes("label-chips")
        with ui.row().classes("bar"):
            self._name = (
                ui.input("新标签").props(f"outlined dense maxlength={LABEL_MAX}").on("keydown.enter", self._add)
            )
            add_button("添加标签", self._add)

    async def load(self) -> None:
        """Shows them."""
        show_all(self._chips, await self._page.desk.labels.list_all(), self._draw, "还没有标签")

    def _draw(self, name: str) -> None:
        chip = ui.chip(name, removable=True, color=None).props(f'remove-aria-label="删除标签{name}"')
        chip.on("remove", lambda: self._remove(name))

    async def _add(self) -> None:
        labels, staff, name = self._page.desk.labels, self._page.staff, self._name.value or ""
        if await self._page.attempt(lambda: labels.add(staff, name), then=self.load):
            self._name.set_value("")

    async def _remove(self, name: str) -> None:
        labels, staff = self._page.desk.labels, self._page.staff
        if await confirm(f"删除标签“{name}”？", "已经打了这个标签的会话不变。", "删除"):
            await self._page.attempt(lambda: labels.remove(staff, name))
        await self.load()


class MacroList:
    """The macros, with buttons to change each."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        with ui.row().classes("bar"):
            show_heading("快捷处理", 2)
            ui.button("添加快捷处理", icon="add", on_click=lambda: self._open(None)).props("unelevated no-caps")
        ui.label("在会话的“更多”里一次做几件事：打标签、写备注、回复、结束。").classes("soft")
        self._cards = ui.element("div").classes("cards")

    async def load(self) -> None:
        """Shows them."""
        show_all(self._cards, await self._page.desk.macros.list_all(), self._draw, "还没有快捷处理")

    def _draw(self, macro: MacroView) -> None:
        with ui.element("article").classes("card"):
            show_heading(macro.title, 3)
            ui.label(describe_macro(macro)).classes("words")
            with ui.row().classes("card-foot"):
                add_button("编辑", lambda: self._open(macro))
                add_button("删除", lambda: self._remove(macro))

    async def _open(self, macro: MacroView | None) -> None:
        macros, staff, shown = self._page.desk.macros, self._page.staff, macro or MacroValues(title="")
        labels = {"": "不打标签"} | {name: name for name in await self._page.desk.labels.list_all()}

        async def save() -> bool:
            values = MacroValues(
                title=title.value or "",
                label=label.value or "",
                note=note.value or "",
                reply=reply.value or "",
                disposition=disposition.value or "",
                summary=summary.value or "",
            )
            return await self._page.attempt(lambda: macros.save(staff, values, macro), "已保存", self.load)

        with open_form("编辑快捷处理" if macro else "添加快捷处理", save):
            title = ui.input("名称", value=shown.title).props(f"outlined dense autofocus counter maxlength={TITLE_MAX}")
            label = ui.select(labels | {shown.label: shown.label or "不打标签"}, label="标签", value=shown.label)
            note = ui.input("内部备注（可不填）", value=shown.note).props(f"outlined dense maxlength={NOTE_MAX}")
            reply = ui.textarea("回复客户（可不填；{姓} 是客户的姓）", value=shown.reply)
            disposition = ui.select({"": "不结束"} | DISPOSITIONS, label="结束会话", value=shown.disposition)
            summary = ui.input("小结", value=shown.summary).bind_visibility_from(disposition, "value", bool)
            reply.props(f"outlined dense autogrow counter maxlength={WORDS_MAX}")
            summary.props(f"outlined dense maxlength={SUMMARY_MAX}")
            for field in (label, disposition):
                field.props("outlined dense")
            for each in (title, label, note, reply, disposition, summary):
                each.classes("whole")

    async def _remove(self, macro: MacroView) -> None:
        macros, staff = self._page.desk.macros, self._page.staff
        if await confirm(f"删除“{macro.title}”？", "删除后所有人都不能再用，也不能恢复。", "删除"):
            await self._page.attempt(lambda: macros.remove(staff, macro.id), "已删除", self.load)
