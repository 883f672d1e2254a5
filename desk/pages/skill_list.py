"""The reasons of a handoff, on the page of office settings: what staff call each, and who is asked first."""

from functools import partial

from nicegui import ui

from desk.pages.card_list import CardList
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, open_form, show_heading
from desk.reason_names import NAME_MAX
from desk.roles import may
from desk.wording import REASONS, name_reason

NOBODY = "没有指定"
ADVICE = "每个原因可以改名、指定先找谁。客户有专属经理的，还是先找经理；选的人都不在或没空，就分给别人。"


class SkillList:
    """A card a reason, with whoever is asked first."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._skills = page.desk.skills
        self._names: dict[str, str] = {}
        with ui.row().classes("bar"):
            show_heading("转人工的原因", 2)
        ui.label(
            "每个原因可以改名、指定先找谁。客户有专属经理的，还是先找经理；选的人都不在或没空，就分给别人。"
        ).classes("soft advice")
        self._cards = CardList(self._draw, "")

    async def load(self) -> None:
        """Reads it anew."""
        found = await self._skills.list_all()
        staff = await self._page.desk.accounts.list_staff()
        self._names = {each.id: each.name for each in staff if each.is_active and may(each.role, "talk")}
        able = {reason: [each for each in self._names if each in found.get(reason, ())] for reason in REASONS}
        self._cards.show({reason: (reason, name_reason(reason), staff_ids) for reason, staff_ids in able.items()})

    def _draw(self, card: tuple[str, str, list[str]]) -> None:
        reason, name, staff_ids = card
        show_heading(name, 3)
        if name != REASONS[reason]:
            ui.label(f"原名：{REASONS[reason]}").classes("soft")
        ui.label(f"先找：{'、'.join(self._names[each] for each in staff_ids) or NOBODY}").classes("words")
        with ui.row().classes("card-foot"):
            add_button("修改", partial(self._open, reason, staff_ids))
            add_button("改名", partial(self._rename, reason, name))

    def _open(self, reason: str, staff_ids: list[str]) -> None:
        async def save() -> bool:
            change = partial(self._skills.set, self._page.staff, reason, chosen.value, staff_ids)
            return await self._page.attempt(change, "已保存", self.load)

        with open_form(f"“{name_reason(reason)}”先找谁", save):
            chosen = ui.select(self._names, label="同事（可以不选）", value=staff_ids, multiple=True, with_input=True)
            chosen.classes("whole").props("outlined dense use-chips")

    def _rename(self, reason: str, shown: str) -> None:
        async def save() -> bool:
            change = partial(self._page.desk.reason_names.set, self._page.staff, reason, name.value or "", shown)
            return await self._page.attempt(change, "已保存", self.load)

        with open_form(f"给“{shown}”改名", save):
            ui.label("只有同事看得到，客户听不到。不填，就用原名。").classes("soft whole")
            name = ui.input("名称", value=shown).props(f"outlined dense autofocus counter maxlength={NAME_MAX}")
            name.classes("whole")
