"""The days off beside the public holidays, on the page of office settings: entering and removing them."""

from datetime import date

from nicegui import ui

from conversations.office_calendar import NAME_LENGTH_MAX, DayOffView
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, confirm, open_form, show_all, show_heading
from kit.clock import write_day
from kit.working_time import MOVING_HOLIDAYS

WEEKDAYS = "一二三四五六日"


def describe_day(day: date) -> str:
    """2027年2月6日 星期六."""
    return f"{write_day(day)} 星期{WEEKDAYS[day.weekday()]}"


class DaysOffList:
    """The list of future days off, with buttons to change it."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._days_off = page.desk.days_off
        with ui.row().classes("bar"):
            show_heading("休息日", 2)
            ui.button("添加休息日", icon="add", on_click=self._open).props("unelevated no-caps")
        self._warning = ui.label().classes("problem")
        ui.label("周末和法定节假日上不上班，按上面的营业时间；这里只填另外的休息日。").classes("soft")
        self._cards = ui.element("div").classes("cards")

    async def load(self) -> None:
        """Reads the days anew."""
        year = await self._page.desk.calendar.find_unknown_year()
        self._warning.set_text(warn_of_year(year) if year else "")
        show_all(self._cards, await self._days_off.list_days_off(), self._draw_card, "还没有另外的休息日")

    def _draw_card(self, day_off: DayOffView) -> None:
        with ui.element("article").classes("card"):
            show_heading(describe_day(day_off.day), 3)
            ui.label(day_off.name).classes("words")
            with ui.row().classes("card-foot"):
                add_button("删除", lambda: self._remove(day_off))

    def _open(self) -> None:
        async def save() -> bool:
            written = day.value or "", name.value or ""
            return await self._page.attempt(lambda: self._days_off.add(self._page.staff, *written), "已添加", self.load)

        with open_form("添加休息日", save, "添加"):
            day = ui.input("日期").props("outlined dense autofocus type=date stack-label")
            name = ui.input("说明，例如春节").props(f"outlined dense maxlength={NAME_LENGTH_MAX}")

    async def _remove(self, day_off: DayOffView) -> None:
        if await confirm(f"删除{describe_day(day_off.day)}？", "删除后这一天照常上班。", "删除"):
            staff = self._page.staff
            await self._page.attempt(lambda: self._days_off.remove(staff, day_off.day), "已删除", self.load)


def warn_of_year(year: int) -> str:
    """The warning about a year whose holidays are unknown."""
    return (
        f"{year}年的放假安排还没有收录，答应客户的时间可能落在假期里。"
        f"请联系技术人员更新，或在“营业设置”里添加休息日{'、'.join(MOVING_HOLIDAYS)}，说明里写上节日名。"
    )
