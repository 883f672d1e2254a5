"""The sheet of an application's progress: where it stands, what it may become and why, and what happened so far."""

from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from applications.schemas import REASON_LENGTH_MAX, ManagedApplication, Move, StepView
from applications.stages import STAGE_NAMES, Stage, list_reasons, load_process, next_stages
from desk.customers import list_actors
from desk.items import list_items
from desk.pages.customer_card import describe_ball
from desk.pages.open_page import OpenPage
from desk.wording import format_time, get_label


class StageChoice:
    """Stays when the cards below are redrawn."""

    def __init__(self, page: OpenPage, managers: Mapping[str, str], refresh: Callable[[], Awaitable[None]]) -> None:
        """`managers`: names by id; `refresh` is called after a move."""
        self._page = page
        self._managers = managers
        self._refresh = refresh
        with ui.dialog().props("position=bottom") as self._dialog:
            self._sheet = ui.card().classes("sheet")

    async def open(self, application: ManagedApplication) -> None:
        """Shows where an application stands and what it may become."""
        steps: list[StepView] = []

        async def read() -> None:
            steps.extend(await self._page.desk.customers.list_steps(self._page.staff, application.id))

        if not await self._page.attempt(read):
            return
        self._begin(f"{application.name}：{STAGE_NAMES[application.stage]}")
        with self._sheet:
            ui.label(describe_ball(application))
            if application.due_at:
                ui.label(f"最迟{format_time(application.due_at)}").classes("soft")
            for stage in next_stages(application.stage, list_actors(self._page.staff.role), application.kind):
                self._show_stage(application, stage)
            with ui.element("h3"):
                ui.label("办理经过")
            with ui.element("div").classes("sheet-steps"):
                for step in reversed(steps):
                    ui.label(self._describe(step))
        self._dialog.open()

    def _show_stage(self, application: ManagedApplication, stage: Stage) -> None:
        rule = load_process().stages[stage]
        is_onward = not rule.needs_reason and bool(rule.who or stage in ("drawn", "completed"))
        words = f"改为“{rule.name}”" + ("，退回客户补" if stage == "incomplete" else "")
        button = ui.button(words, on_click=lambda: self._ask(application, stage), color=None)
        button.props("unelevated no-caps").classes("sheet-choice next" if is_onward else "sheet-choice")

    async def _ask(self, application: ManagedApplication, stage: Stage) -> None:
        """Asks for the reason, and for what is lacking: what the checks found is ticked."""
        rule, reasons = load_process().stages[stage], list_reasons(stage)
        found: list[str] = []

        async def check() -> None:
            checks = self._page.desk.application_checks
            found.extend(await checks.list_mendable(self._page.staff, application.id))

        if stage == "incomplete" and not await self._page.attempt(check):
            return
        self._begin(f"{application.name}：改为“{rule.name}”")
        boxes: dict[str, ui.checkbox] = {}
        with self._sheet:
            why = None
            if reasons:
                label = "原因" if rule.needs_reason else "原因（可不选）"
                why = ui.select(reasons, label=label, clearable=not rule.needs_reason).props("outlined dense")
            if stage == "incomplete":
                with ui.element("h3"):
                    ui.label("要客户补哪几项（客户只能改这几项）")
                with ui.element("div").classes("sheet-items"):
                    for item in list_items(application.product, application.amount):
                        boxes[item] = ui.checkbox(get_label(item)[0], value=item in found)
            words = ui.textarea(label="给客户看的说明（可不写）").props(
                f"outlined dense autogrow maxlength={REASON_LENGTH_MAX}"
            )
            ui.label("客户会收到通知，看得到原因和说明。").classes("soft")

            async def act() -> None:
                change = Move(
                    expected=application.stage,
                    stage=stage,
                    reason_class=why.value if why else None,
                    reason=words.value or "",
                    items=tuple(item for item, box in boxes.items() if box.value),
                )
                customers, staff = self._page.desk.customers, self._page.staff
                done = f"已改为“{rule.name}”"
                if await self._page.attempt(lambda: customers.move_application(staff, application.id, change), done):
                    self._dialog.close()
                await self._refresh()

            ui.button("确定", on_click=act, color=None).props("unelevated no-caps").classes("sheet-choice next")

    def _describe(self, step: StepView) -> str:
        process = load_process()
        who = self._managers.get(step.actor_id or "", "") or process.who[step.actor].replace("您", "客户")
        reason = process.reasons[step.reason_class].name if step.reason_class in process.reasons else ""
        items = "、".join(get_label(item)[0] for item in step.items)
        told = "，".join(part for part in (reason, items, step.reason) if part)
        return f"{format_time(step.at)} {who}：{STAGE_NAMES[step.stage]}" + (f"（{told}）" if told else "")

    def _begin(self, title: str) -> None:
        self._sheet.clear()
        with self._sheet, ui.element("h2"):
            ui.label(title)
