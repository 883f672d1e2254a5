"""The page of golden questions: what must go right whenever knowledge is published."""

from functools import partial

from nicegui import ui

from desk.pages.card_list import CardList
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_fact, show_heading
from desk.wording import format_time
from kit.errors import RequestError
from knowledge.character_pairs import simplify
from knowledge.golden_questions import GoldenView

POLL_SECONDS = 60.0
SHOWN, SHOWN_MORE = 30, 60
MUST_NOT = ""
MUST_NOT_NAME = "不该回答"


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    golden = _Golden(page)
    await golden.load()
    page.repeat(golden.load, seconds=POLL_SECONDS)


class _Golden:
    """A card a question."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._questions = page.desk.golden_questions
        self._shown = SHOWN
        self._found: list[GoldenView] = []
        self._titles: dict[str, str] = {}
        self._names: dict[str, str] = {}
        with ui.row().classes("bar"):
            show_heading("必测题")
            if page.may("draft_entries"):
                ui.button("加一道题", icon="add", on_click=self._open).props("unelevated no-caps")
        ui.label("每次发布知识前先试答：该由某条知识回答的要排在第一，不该回答的不能有答案。").classes("soft advice")
        self._words = ui.input("搜索").props("outlined dense clearable debounce=300 type=search")
        self._words.on_value_change(self._filter)
        self._count = ui.label().classes("soft").props("role=status")
        self._cards = CardList(self._draw, "没有这样的必测题")
        self._more = add_button("更多", self._show_more).classes("more")
        self._more.set_visibility(False)

    async def load(self) -> None:
        """Reads the questions anew."""
        if not await self._page.check():
            return
        self._found = list(await self._questions.list_all(self._page.staff))
        self._titles = await self._questions.list_titles()
        self._names = {staff.id: staff.name for staff in await self._page.desk.accounts.list_staff()}
        self._show()

    def _filter(self) -> None:
        self._shown = SHOWN
        self._show()

    def _show_more(self) -> None:
        self._shown += SHOWN_MORE
        self._show()

    def _show(self) -> None:
        words = simplify(self._words.value or "")
        found = [each for each in self._found if words in simplify(each.text + self._name(each.entry_id))]
        self._count.set_text(f"{len(found)}道")
        self._cards.show({str(each.id): each for each in found[: self._shown]})
        self._more.set_visibility(len(found) > self._shown)

    def _name(self, entry_id: str | None) -> str:
        return MUST_NOT_NAME if entry_id is None else self._titles.get(entry_id, "已下架的知识")

    def _draw(self, question: GoldenView) -> None:
        show_heading(question.text, 2)
        show_fact("该答", self._name(question.entry_id))
        who = self._names.get(question.added_by, "未知") if question.added_by else "系统初始"
        show_fact("添加", f"{who}，{format_time(question.added_at)}")
        if self._page.may("approve_entries"):
            with ui.row().classes("card-foot"):
                add_button("删除", partial(self._remove, question))

    def _open(self) -> None:
        def mark(error: RequestError | None) -> None:
            problems = error.problems if error else {}
            text.error, entry.error = problems.get("text"), problems.get("entry_id")

        async def save() -> bool:
            add = partial(self._questions.add, self._page.staff, text.value or "", entry.value or None)
            return await self._page.attempt(add, "已添加", self.load, mark)

        with open_form("加一道必测题", save, "添加"):
            text = ui.input("客户会怎么问").classes("whole").props("outlined dense autofocus maxlength=200")
            choices = {MUST_NOT: MUST_NOT_NAME, **self._titles}
            entry = ui.select(choices, value=MUST_NOT, label="该由哪条知识回答", with_input=True)
            entry.classes("whole").props("outlined dense")

    async def _remove(self, question: GoldenView) -> None:
        if await confirm(f"删除“{question.text}”？", "删除后，发布知识时不再试答这道题。", "删除"):
            remove = partial(self._questions.remove, self._page.staff, question.id)
            await self._page.attempt(remove, "已删除", self.load)
