"""The page of early warnings: what to look at, why, what came of it; and for supervisors how each rule does."""

from collections.abc import Mapping
from functools import partial

from nicegui import ui

from desk.pages.card_list import CardList
from desk.pages.open_page import OpenPage
from desk.pages.report_parts import add_report_style, render_metrics
from desk.pages.widgets import add_button, add_style, open_form, show_fact, show_heading
from desk.wording import format_time, name_value
from early_warning.rule_book import SEVERITIES, Mode, load_rules
from early_warning.schemas import OUTCOME_NAMES, STANDING_NAMES, Outcome, WarningView
from early_warning.service import NOTE_MAX
from early_warning.worker import SUBJECT
from kit.money import format_yuan
from kit.pubsub import Signal

POLL_SECONDS = 300.0
SHOWN = 30
MODE_NAMES: Mapping[Mode, str] = {"live": "正式", "shadow": "试运行", "stopped": "停用"}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    add_report_style()
    warnings = _Warnings(page)
    await warnings.load()

    async def follow(signals: list[Signal]) -> None:
        await warnings.load()

    page.follow([SUBJECT], follow, POLL_SECONDS)


class _Warnings:
    """A card a warning."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._service = page.desk.early_warnings
        self._shown = SHOWN
        self._names: Mapping[str, str] = {}
        with ui.row().classes("bar"):
            show_heading("预警")
            self._count = ui.label().classes("soft")
        ui.label("每天早上检查在办的申请和贷款。只提醒核对，不会自动拒绝。").classes("soft advice")
        with ui.element("div").classes("choices"):
            self._standing = ui.toggle({**STANDING_NAMES}, value="open", on_change=self._choose).props(
                'unelevated no-caps role="group" aria-label="哪些预警"'
            )
        self._cards: CardList[WarningView] = CardList(self._draw, "没有预警")
        self._more = add_button("更多", self._show_more).classes("more")
        self._rules = ui.html(sanitize=False)
        if page.may("oversee"):
            with ui.element("div").classes("panels"), ui.element("section").classes("panel wide") as section:
                show_heading("各条规则", 2)
                self._rules.move(section)

    async def load(self) -> None:
        """Reads everything anew."""
        staff, standing, shown = self._page.staff, self._standing.value, self._shown
        found, total = await self._service.list_all(staff, standing, shown)
        self._names = await self._service.name_staff()
        if (standing, shown) != (self._standing.value, self._shown):
            return  # others were chosen since and are being read
        self._count.set_text(f"{total}条")
        self._cards.show({warning.id: warning for warning in found})
        self._more.set_visibility(total > shown)
        if self._page.may("oversee"):
            rules, at = await self._service.list_rules(staff)
            last_run = format_time(at, self._page.desk.clock()) if at else ""
            html = render_metrics("early_warning_rules.html", rules=rules, modes=MODE_NAMES, last_run=last_run)
            self._rules.set_content(html)

    async def _choose(self) -> None:
        self._shown = SHOWN
        await self._page.attempt(self.load)

    async def _show_more(self) -> None:
        self._shown += SHOWN
        await self._page.attempt(self.load)

    def _draw(self, warning: WarningView) -> None:
        rule = load_rules()[warning.rule]
        with ui.row().classes("card-head"):
            chip = ui.label(SEVERITIES[rule.severity]).classes("chip")
            if rule.severity == "high":
                chip.classes("urgent")
            show_heading(rule.name, 2)
            if warning.gone_at:
                ui.label("已不符合").classes("chip")
        ui.label(warning.reason).classes("words")
        if warning.name:
            show_fact("客户", f"{warning.name}，{name_value(warning.product)}{format_yuan(warning.amount)}")
        show_fact("申请" if warning.subject_kind == "application" else "贷款", warning.number)
        show_fact("提出", format_time(warning.raised_at, self._page.desk.clock()))
        if self._page.may("oversee"):
            show_fact("客户经理", self._names.get(warning.staff_id or "", "还没有"))
        if warning.outcome and warning.decided_at:
            who, at = self._names.get(warning.decided_by or "", "同事"), format_time(warning.decided_at)
            show_fact("核对", f"{OUTCOME_NAMES[warning.outcome]}，{who}，{at}")
            show_fact("说明", warning.note)
        if warning.outcome in (None, "watched"):
            with ui.row().classes("card-foot"):
                for outcome, name in OUTCOME_NAMES.items():
                    if outcome != warning.outcome:
                        add_button(name, partial(self._open, warning, outcome))

    def _open(self, warning: WarningView, outcome: Outcome) -> None:
        async def save() -> bool:
            decide = partial(self._service.decide, self._page.staff, warning, outcome, note.value or "")
            return await self._page.attempt(decide, "已记下", self.load)

        with open_form(f"{load_rules()[warning.rule].name}：{OUTCOME_NAMES[outcome]}", save):
            ui.label(warning.reason).classes("soft whole")
            note = ui.textarea("核对到了什么").classes("whole").props(f"outlined autofocus maxlength={NOTE_MAX}")
