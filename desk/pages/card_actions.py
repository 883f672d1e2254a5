"""The actions of a card: call, change the application's stage, open the talk, reassign the customer."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from nicegui import ui

from applications.schemas import ManagedApplication, Move
from desk.customer_documents import ApplicationPapers
from desk.customer_repository import ApplicationCard, Card, CustomerCard
from desk.customers import CustomerPhone
from desk.pages.answer_list import AnswerList
from desk.pages.check_list import CheckList
from desk.pages.open_page import OpenPage
from desk.pages.phone_call import dial
from desk.pages.stage_choice import StageChoice
from desk.pages.templates import render
from desk.wording import describe_checklist, name_customer


class CardActions:
    """The buttons of cards, and the sheet they open, which stays when cards are redrawn."""

    def __init__(self, page: OpenPage, managers: Mapping[str, str], refresh: Callable[[], Awaitable[None]]) -> None:
        """Builds the sheet; `refresh` is called after an action."""
        self._page = page
        self._customers = page.desk.customers
        self._managers = managers
        self._refresh = refresh
        with ui.dialog().props("position=bottom") as self._dialog:
            self._sheet = ui.card().classes("sheet")
        self._stage_choice = StageChoice(page, managers, refresh)

    def show(self, card: Card) -> None:
        """Adds the buttons of a card."""
        phone = card.phone if isinstance(card, CustomerCard) else card.application.phone
        application = card.application
        is_withdrawn = isinstance(card, ApplicationCard) and card.application.stage == "withdrawn"
        if phone and not is_withdrawn and self._is_ours(card):
            _show_button("电话", "call", lambda: self._call(card)).props(f'aria-label="打电话，{phone}"')
        if application:
            _show_button("进度", "checklist", lambda: self._stage_choice.open(application))
        if application and not is_withdrawn and (self._is_ours(card) or self._page.may("oversee")):
            _show_button("内容", "description", lambda: self._show_answers(application))
            _show_button("材料", "photo_library", lambda: self._show_documents(application))
        if isinstance(card, ApplicationCard):
            _show_button("检查", "fact_check", lambda: self._show_checks(card.application))
        if isinstance(card, ApplicationCard) and card.is_untold:
            _show_button("已告知", "task_alt", lambda: self._mark_told(card))
        if card.talk:
            ui.button("对话", icon="forum", color=None).props(
                f'flat no-caps href="/talks/{card.talk.handoff_id}"'
            ).classes("card-act")
        if self._page.may("oversee"):
            _show_button("转给", "swap_horiz", lambda: self._choose_manager(card))

    def _is_ours(self, card: Card) -> bool:
        """Whether they manage the customer or serve them now; a supervisor takes the talk over or gives it on first."""
        manager_id = card.manager_id if isinstance(card, CustomerCard) else card.application.manager_id
        me = self._page.staff.id
        return manager_id == me or bool(card.talk and card.talk.is_served_by(me))

    async def _call(self, card: Card) -> None:
        found: CustomerPhone | None = None

        async def reveal() -> None:
            nonlocal found
            staff = self._page.staff
            if isinstance(card, ApplicationCard):
                found = await self._customers.reveal_applicant_phone(staff, card.application.id)
            else:
                found = await self._customers.reveal_phone(staff, card.customer_id)

        if not await self._page.attempt(reveal) or found is None:
            return
        self._open(_name(card))
        with self._sheet:
            dial(found)
            application = card.application
            if application and application.stage == "submitted":
                words = "打通了，材料也够，转审核"
                change = Move(expected=application.stage, stage="checking")
                self._offer(
                    words,
                    lambda: self._customers.move_application(self._page.staff, application.id, change),
                    "已转审核",
                    "sheet-choice next",
                )

    async def _mark_told(self, card: ApplicationCard) -> None:
        told = partial(self._customers.mark_told, self._page.staff, card.application.id)
        await self._page.attempt(told, "已记下")
        await self._refresh()

    async def _show_answers(self, application: ManagedApplication) -> None:
        answers = AnswerList(self._page, application.id)
        if view := await answers.load():
            self._open(f"{application.name}的申请内容")
            with self._sheet:
                answers.draw(view)

    async def _show_documents(self, application: ManagedApplication) -> None:
        found: ApplicationPapers | None = None

        async def look() -> None:
            nonlocal found
            found = await self._page.desk.documents.list_of_application(self._page.staff, application.id)

        if not await self._page.attempt(look) or found is None:
            return
        self._open(f"{application.name}发来的材料")
        with self._sheet:
            if found.documents:
                drawn = render("documents.html", documents=found.documents)
                ui.html(drawn, sanitize=False).classes("documents-list")
            else:
                ui.label("客户还没有发来照片").classes("soft")
            for label in describe_checklist(found.checklist or []):
                ui.label(label).classes("soft")

    async def _show_checks(self, application: ManagedApplication) -> None:
        sheet = CheckList(self._page, application.id, lambda: self._show_checks(application))
        if view := await sheet.load():
            self._open(f"{application.name}：核对{len(view.checks)}项")
            with self._sheet:
                sheet.draw(view)

    def _choose_manager(self, card: Card) -> None:
        def give_to(manager_id: str) -> Awaitable[object]:
            return self._page.desk.ownership.reassign(self._page.staff, card.customer_id, manager_id)

        self._open(f"把{_name(card)}转给")
        with self._sheet:
            for manager_id, name in self._managers.items():
                self._offer(name, partial(give_to, manager_id), f"已转给{name}", "sheet-choice")

    def _offer(self, words: str, work: Callable[[], Awaitable[object]], done: str, classes: str) -> None:
        async def act() -> None:
            self._dialog.close()
            await self._page.attempt(work, done)
            await self._refresh()

        ui.button(words, on_click=act, color=None).props("unelevated no-caps").classes(classes)

    def _open(self, title: str) -> None:
        self._sheet.clear()
        with self._sheet, ui.element("h2"):
            ui.label(title)
        self._dialog.open()


def _show_button(words: str, icon: str, act: Callable[[], object]) -> ui.button:
    return ui.button(words, icon=icon, on_click=act, color=None).props("flat no-caps").classes("card-act")


def _name(card: Card) -> str:
    return card.application.name if isinstance(card, ApplicationCard) else name_customer(card.customer_id, card.name)
