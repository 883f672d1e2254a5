"""The page of canned answers: searching, adding, editing and removing; below them labels and macros."""

from nicegui import ui

from desk.canned import TEXT_MAX, TITLE_MAX, CannedView
from desk.pages.open_page import OpenPage
from desk.pages.talk_tools import LabelList, MacroList
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_all, show_heading

SHOWN_MAX = 100


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    for part in (_Answers(page), LabelList(page), MacroList(page)):
        await part.load()


class _Answers:
    """The list, with buttons to change each."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._answers = page.desk.canned
        with ui.row().classes("bar"):
            show_heading("常用语")
            self._search = ui.input("查找", on_change=self.load).props("dense outlined clearable debounce=300")
            ui.button("添加常用语", icon="add", on_click=lambda: self._open(None)).props("unelevated no-caps")
        self._cards = ui.element("div").classes("cards")

    async def load(self) -> None:
        """Shows those that match the search."""
        if not await self._page.check():
            return
        words = self._search.value
        found = await self._answers.search(words or "", SHOWN_MAX + 1)
        if words != self._search.value:  # the search has changed since
            return
        nothing = "没有找到这样的常用语" if words else "还没有常用语，请添加第一条"
        show_all(self._cards, found[:SHOWN_MAX], self._draw_card, nothing)
        if len(found) > SHOWN_MAX:
            with self._cards:
                ui.label(f"只显示前{SHOWN_MAX}条，请用查找").classes("empty")

    def _draw_card(self, answer: CannedView) -> None:
        with ui.element("article").classes("card"):
            show_heading(answer.title, 2)
            ui.label(answer.said).classes("words")
            with ui.row().classes("card-foot"):
                add_button("编辑", lambda: self._open(answer))
                add_button("删除", lambda: self._remove(answer))

    def _open(self, answer: CannedView | None) -> None:
        async def save() -> bool:
            written = title.value or "", text.value or "", answer
            return await self._page.attempt(lambda: self._answers.save(self._page.staff, *written), "已保存", self.load)

        with open_form("编辑常用语" if answer else "添加常用语", save):
            title = ui.input("标题", value=answer.title if answer else "")
            text = ui.textarea(
                "内容（数字用变量，例如 {rate:农户贷}；{姓} 是客户的姓）", value=answer.text if answer else ""
            )
            title.classes("whole").props(f"outlined dense autofocus counter maxlength={TITLE_MAX}")
            text.classes("whole").props(f"outlined dense autogrow counter maxlength={TEXT_MAX}")

    async def _remove(self, answer: CannedView) -> None:
        if await confirm(f"删除“{answer.title}”？", "删除后所有人都不能再用，也不能恢复。", "删除"):
            staff = self._page.staff
            await self._page.attempt(lambda: self._answers.remove(staff, answer.id), "已删除", self.load)
