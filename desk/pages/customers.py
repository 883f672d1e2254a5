"""The account managers' page: applications by stage, customers and leads, designed for phones."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from applications.stages import ENDED_STAGES, OPEN_STAGES, STAGE_NAMES
from desk.customer_repository import ApplicationCard, Card, CustomerCard
from desk.customers import LISTED_MAX
from desk.pages.card_actions import CardActions
from desk.pages.customer_card import draw_application, draw_customer
from desk.pages.open_page import OpenPage

POLL_SECONDS = 5.0
SHOWN_MAX = 100
EVERYBODY = "全部村镇、阶段和标签"
ENDED_MAX = 20
TABS = {"applications": "申请", "customers": "客户", "leads": "线索"}
EMPTY = {
    "applications": "还没有申请。客户提交后会自动出现在这里。",
    "customers": "还没有客户。提交过申请的客户会出现在这里。",
    "leads": "还没有线索。扫了您的码、在您负责的村镇咨询过的客户会出现在这里。",
}


def rank_application(card: ApplicationCard) -> tuple[bool, datetime, datetime]:
    """What is due first comes first, of the same time what has waited longest; what nobody has to do by a time last."""
    application = card.application
    return application.due_at is None, application.due_at or application.changed_at, application.changed_at


def rank_customer(card: CustomerCard) -> bool:
    """Who waits or is served comes first; the others stay in their order, by the day of the next contact."""
    return not (card.talk and card.talk.is_open)


def is_ended(card: Card) -> bool:
    """Whether it is an application that came to its end."""
    return isinstance(card, ApplicationCard) and card.application.stage in ENDED_STAGES


def list_kinds(card: Card) -> list[str]:
    """What a list may be narrowed down to that has the card: its place, and its stage or its tags."""
    if isinstance(card, ApplicationCard):
        application = card.application
        return [*([application.region] if application.region else []), STAGE_NAMES[application.stage]]
    return [*([card.region] if card.region else []), *(tag.name for tag in card.tags)]


def count_kinds(cards: Sequence[Card], chosen: str) -> list[str]:
    """Those of the cards, the most frequent first; the one that is chosen stays among them."""
    counts = Counter(kind for card in cards for kind in list_kinds(card))
    if chosen:
        counts[chosen] += 0
    return [kind for kind, _ in counts.most_common()]


async def build(page: OpenPage) -> None:
    """The page's body."""
    ui.add_head_html('<link rel="stylesheet" href="/static/customers.css">')
    await CustomersPage(page).build()


class CustomersPage:
    """The page's lists, which update themselves without closing what is open above them."""

    def __init__(self, page: OpenPage) -> None:
        self.page = page
        self.customers = page.desk.customers
        self.managers: dict[str, str] = {}
        self.manager: ui.select | None = None  # whose customers a supervisor wants to see
        self._tab = "applications"
        self._lists: dict[str, Sequence[Card]] = {}
        self._shown: tuple[str, Sequence[Card]] | None = None
        self._texts: list[tuple[ui.html, Card]] = []
        self._kind = ""  # what the list is narrowed down to, as in list_kinds

    async def build(self) -> None:
        """Builds the page and starts its updates."""
        self.managers = await self.page.desk.ownership.list_managers()
        self.actions = CardActions(self.page, self.managers, self.refresh)
        with ui.element("div").classes("customers"):
            with ui.element("div").classes("customers-tools"):
                with ui.tabs(on_change=lambda event: self.turn(event.value)).props("no-caps dense align=left") as tabs:
                    self._tabs = {name: ui.tab(name, label) for name, label in TABS.items()}
                tabs.set_value(self._tab)
                self.search = (
                    ui.input(placeholder="姓名、电话、编号、村镇", on_change=self.look)
                    .props('outlined dense clearable debounce=300 type=search aria-label="搜索客户"')
                    .classes("customers-search")
                )
                self._narrow = ui.select({"": EVERYBODY}, value="", on_change=lambda event: self.narrow(event.value))
                self._narrow.props('outlined dense options-dense aria-label="只看"').classes("customers-manager")
                if self.page.may("oversee"):
                    self.manager = ui.select({"": "全部客户经理", **self.managers}, value="", on_change=self.look)
                    self.manager.props('outlined dense options-dense aria-label="客户经理"')
                    self.manager.classes("customers-manager")
            self.body = ui.element("div").classes("customers-list")
        await self.refresh()
        self.page.repeat(self.refresh, seconds=POLL_SECONDS)

    async def look(self) -> None:
        """Refreshes the lists while the page is allowed."""
        if await self.page.check():
            await self.refresh()

    def turn(self, tab: str) -> None:
        """Switches to another list."""
        self._tab = tab
        if self._lists:
            self.show()

    def narrow(self, kind: str) -> None:
        """Shows those of one place or with one tag."""
        self._kind = kind or ""
        if self._lists:
            self.show()

    @property
    def manager_id(self) -> str | None:
        """Whose customers are listed; None: all."""
        if self.manager and self.page.may("oversee"):
            return self.manager.value or None
        return self.page.staff.id

    async def refresh(self) -> None:
        """Reads all three lists; redraws the visible one if it changed."""
        search, manager_id = self.search.value or "", self.manager_id
        listing = self.customers.list_applications
        applications = sorted(await listing(manager_id, OPEN_STAGES, search), key=rank_application)
        ended = await listing(manager_id, ENDED_STAGES, search, ENDED_MAX)
        customers = sorted(await self.customers.list_customers(manager_id, search, "applied"), key=rank_customer)
        leads = sorted(await self.customers.list_customers(manager_id, search, "lead"), key=rank_customer)
        if (search, manager_id) != (self.search.value or "", self.manager_id):
            return  # another selection was made since and is being read
        counts = {"applications": len(applications), "customers": len(customers), "leads": len(leads)}
        for name, count in counts.items():
            more = "+" if count == LISTED_MAX else ""
            self._tabs[name].props(f'label="{TABS[name]} {count}{more}"')
        self._lists = {"applications": [*applications, *ended], "customers": customers, "leads": leads}
        self.show()

    def show(self) -> None:
        """Shows the current list; unchanged cards only update their age."""
        tab, all_cards = self._tab, self._lists[self._tab]
        self._narrow.set_options({"": EVERYBODY, **{kind: kind for kind in count_kinds(all_cards, self._kind)}})
        cards = [card for card in all_cards if not self._kind or self._kind in list_kinds(card)]
        if (tab, cards) != self._shown:
            self._shown = tab, cards
            self._texts = []
            self.body.clear()
            with self.body:
                self._draw(tab, cards)
        for text, card in self._texts:
            text.set_content(self._render(card))

    def _draw(self, tab: str, cards: Sequence[Card]) -> None:
        if not cards:
            ui.label("没有找到" if self.search.value or self._kind else EMPTY[tab]).classes("customers-empty")
            return
        ended = [card for card in cards if is_ended(card)]
        self._draw_cards([card for card in cards if not is_ended(card)])
        if ended:
            with ui.element("h2"):
                ui.label("最近结束的")
            self._draw_cards(ended)

    def _draw_cards(self, cards: Sequence[Card]) -> None:
        with ui.element("div").classes("cards"):
            for card in cards[:SHOWN_MAX]:
                with ui.element("article").classes("customer-card"):
                    self._texts.append((ui.html(sanitize=False), card))
                    with ui.element("div").classes("card-acts"):
                        self.actions.show(card)
        if len(cards) > SHOWN_MAX:
            ui.label(f"这里只列出最近的{SHOWN_MAX}位，其余请搜索").classes("customers-empty")

    def _render(self, card: Card) -> str:
        now = self.page.desk.clock()
        managers = self.managers if self.page.may("oversee") else None
        if isinstance(card, ApplicationCard):
            return draw_application(card, now, managers)
        return draw_customer(card, now, managers)
