"""The actions of a card: call, change the application's stage, open the talk, reassign the customer."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from nicegui import ui

from applications.schemas import ManagedApplication, Stage
from applications.stages import STAGE_NAMES, TRANSITIONS
from desk.customer_repository import ApplicationCard, Card, CustomerCard
from desk.customers import CustomerPhone
from desk.pages.open_page import OpenPage
from desk.wording import describe_verified, name_customer

ORDER = tuple(STAGE_NAMES)


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

    def show(self, card: Card) -> None:
        """Adds the buttons of a card."""
        phone = card.phone if isinstance(card, CustomerCard) else card.application.phone
        application = card.application
        is_withdrawn = isinstance(card, ApplicationCard) and card.application.stage == "withdrawn"
        if phone and not is_withdrawn and self._is_ours(card):
            _show_button("电话", "call", lambda: self._call(card)).props(f'aria-label="打电话，{phone}"')
        if application and TRANSITIONS[application.stage]:
            _show_button("进度", "checklist", lambda: self._choose_stage(application))
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
        number = found.number
        # Digits only, as kit.phones and the schema of applications ensure.
        ui.run_javascript(f"window.desk?.call({number!r})")
        self._open(_name(card))
        with self._sheet:
            ui.link(f"{number[:3]} {number[3:7]} {number[7:]}", f"tel:{number}").classes("sheet-phone")
            ui.label(describe_verified(found.is_verified)).classes("soft")
            application = card.application
            if application and application.stage == "submitted":
                self._show_stage(application, "contacted", "打通了，改为已联系", is_next=True)

    def _choose_stage(self, application: ManagedApplication) -> None:
        self._open(f"{application.name}：现在是“{STAGE_NAMES[application.stage]}”")
        with self._sheet:
            ahead = [s for s in TRANSITIONS[application.stage] if ORDER.index(s) > ORDER.index(application.stage)]
            for stage in ahead:
                self._show_stage(application, stage, STAGE_NAMES[stage], is_next=stage == ahead[0])
            for stage in TRANSITIONS[application.stage]:
                if stage not in ahead:
                    self._show_stage(application, stage, f"退回“{STAGE_NAMES[stage]}”")

    def _show_stage(self, application: ManagedApplication, stage: Stage, words: str, *, is_next: bool = False) -> None:
        def move() -> Awaitable[object]:
            staff = self._page.staff
            return self._customers.move_application(staff, application.id, stage, application.stage)

        self._offer(words, move, f"已改为“{STAGE_NAMES[stage]}”", "sheet-choice next" if is_next else "sheet-choice")

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
