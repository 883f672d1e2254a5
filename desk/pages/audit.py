"""The page of the audit log, the newest record first."""

from collections.abc import Sequence
from datetime import date

from nicegui import ui

from desk.audit_names import name_customers, name_staff
from desk.audit_wording import ACTIONS, describe_record, name_actor
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, add_style, show_heading
from desk.schemas import AuditView, StaffView
from kit.clock import CHINA

AT_ONCE = 50


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    await _Log(page, await page.desk.accounts.list_staff()).start()


class _Log:
    """The records of all, or of one person, action or day, with more on demand."""

    def __init__(self, page: OpenPage, staff: Sequence[StaffView]) -> None:
        self._page = page
        people = {person.id: f"{person.name}（{person.login}）" for person in staff}
        self._names: dict[str, str] = {}
        self._last: int | None = None
        with ui.row().classes("bar"):
            show_heading("日志")
            self._person = ui.select(people, label="人员", with_input=True, clearable=True, on_change=self.start)
            self._action = ui.select(ACTIONS, label="动作", with_input=True, clearable=True, on_change=self.start)
            self._day = ui.input("日期", on_change=self.start).props("type=date stack-label clearable")
            for field in (self._person, self._action, self._day):
                field.props("dense outlined")
        self._rows = ui.element("div").classes("log").props("role=list aria-label=日志")
        self._more = add_button("更多", self._add).classes("more")

    async def start(self) -> None:
        """Shows the newest records."""
        self._last = None
        await self._add()

    async def _add(self) -> None:
        if not await self._page.check():
            return
        asked = self._read_filters()
        records = await self._page.desk.audit.list_records(AT_ONCE + 1, *asked)
        shown = records[:AT_ONCE]
        async with self._page.desk.database.reading() as session:
            self._names = await name_staff(session) | await name_customers(session, shown)
        # Nothing is awaited from here on: another selection that was made since draws its own rows.
        if asked != self._read_filters():
            return
        if self._last is None:
            self._rows.clear()
        with self._rows:
            for record in shown:
                self._draw(record)
            if not records and self._last is None:
                ui.label("没有记录").classes("empty")
        self._last = shown[-1].id if shown else self._last
        self._more.visible = len(records) > AT_ONCE

    def _read_filters(self) -> tuple[int | None, str | None, str | None, date | None]:
        """After which record, and whose, which action and day."""
        return self._last, self._person.value or None, self._action.value or None, read_day(self._day.value)

    def _draw(self, record: AuditView) -> None:
        with ui.element("div").classes("record").props("role=listitem"):
            ui.label(f"{record.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}").classes("soft")
            ui.label(name_actor(record, self._names)).classes("actor")
            ui.label(describe_record(record, self._names))


def read_day(text: str | None) -> date | None:
    """The day of a date field; None while it is empty or half written."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
