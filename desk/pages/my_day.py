"""The page of an account manager's day: whom to be in touch with, whom to see where, and what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Literal
from urllib.parse import quote

from nicegui import ui

from desk.due_contacts import DueContact
from desk.my_day import VisitCard
from desk.pages.days_off import WEEKDAYS
from desk.pages.open_page import OpenPage
from desk.pages.phone_call import call_customer
from desk.pages.widgets import add_button, add_style, open_form, show_heading
from desk.people import ABOUT_MAX
from desk.settings import PLACE
from desk.wording import describe_contact
from kit.clock import CHINA
from kit.working_time import NEAR_DAYS
from visits.by_staff import NOTE_MAX
from visits.schemas import STATE_NAMES

POLL_SECONDS = 15.0
TOLD, NOT_TOLD = "已告诉客户", "已改好；客户不一定看得到消息，请打电话告诉他"


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    await _MyDayPage(page).load()


def describe_day(day: date, today: date) -> str:
    """今天 7月2日 星期四."""
    near = NEAR_DAYS.get((day - today).days, "")
    return f"{near} {day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}".strip()


def list_stops(cards: Sequence[VisitCard], staff_id: str, today: date) -> dict[str, int]:
    """Today's route: the ids of the visits that somebody still has to make, from the first on, by their number."""
    left = [card.visit for card in cards if card.visit.state == "booked" and card.visit.manager_id == staff_id]
    of_today = [visit.id for visit in left if visit.starts_at.astimezone(CHINA).date() == today]
    return {visit_id: number for number, visit_id in enumerate(of_today, 1)}


class _MyDayPage:
    """The visits by day; redrawn only on a change, to keep the scroll position."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._my_day = page.desk.my_day
        self._shown_contacts: Sequence[DueContact] = ()
        self._shown: Sequence[VisitCard] | None = None
        with ui.row().classes("bar"):
            show_heading("大家的上门" if page.may("oversee") else "我的一天")
            ui.label("今天起31天，自动更新").classes("soft")
        self._contacts = ui.element("section").classes("stacked contacts")
        self._place = ui.element("div").classes("stacked")
        page.repeat(self.load, seconds=POLL_SECONDS)

    async def load(self) -> None:
        """Reads the visits anew."""
        today = self._page.desk.clock().astimezone(CHINA).date()
        await self._load_contacts(today)
        cards = await self._my_day.list_visits(self._page.staff)
        if cards == self._shown:
            return
        self._shown = cards
        stops = list_stops(cards, self._page.staff.id, today)
        self._place.clear()
        with self._place:
            if not cards:
                ui.label("还没有约好的上门").classes("empty")
            for day, of_day in groupby(cards, key=lambda card: card.visit.starts_at.astimezone(CHINA).date()):
                show_heading(describe_day(day, today), 2)
                with ui.element("div").classes("cards level"):
                    for card in of_day:
                        self._draw(card, stops.get(card.visit.id))

    async def _load_contacts(self, today: date) -> None:
        contacts = await self._page.desk.due_contacts.list_due(self._page.staff)
        if contacts == self._shown_contacts:
            return
        self._shown_contacts = contacts
        self._contacts.clear()
        with self._contacts:
            if contacts:
                show_heading(f"要联系的客户 {len(contacts)}", 2)
                with ui.element("div").classes("cards level"):
                    for contact in contacts:
                        self._draw_contact(contact, today)

    def _draw_contact(self, contact: DueContact, today: date) -> None:
        with ui.element("article").classes("card"):
            with ui.row().classes("card-head"):
                ui.link(contact.name, f"/people/{contact.customer_id}").classes("person-link")
                chip = ui.label(describe_contact(contact.day, today)).classes("chip")
                chip.classes("urgent" if contact.day < today else "")
            if contact.about:
                ui.label(contact.about).classes("words")
            if contact.region:
                ui.label(contact.region).classes("soft")
            with ui.row().classes("card-foot"):
                if contact.phone:
                    call = partial(call_customer, self._page, contact.customer_id, contact.name)
                    add_button(contact.phone, call).props(f'icon=call aria-label="打电话，{contact.phone}"')
                if contact.talk_id:
                    add_button("会话", partial(ui.navigate.to, f"/talks/{contact.talk_id}"))
                add_button("联系过了", partial(self._ask_next_contact, contact))

    def _ask_next_contact(self, contact: DueContact) -> None:
        async def save() -> bool:
            wanted = day.value or "", about.value or ""
            plan = partial(self._page.desk.people.set_contact, self._page.staff, contact.customer_id, *wanted)
            return await self._page.attempt(plan, "已记下", self.load)

        with open_form(f"{contact.name}：联系过了", save):
            day = ui.input("下次联系（空着就是不定）")
            day.props("outlined dense clearable type=date stack-label").classes("whole")
            about = ui.input("说到哪了，下次为了什么（客户看不到）")
            about.props(f"outlined dense maxlength={ABOUT_MAX}").classes("whole")

    def _draw(self, card: VisitCard, stop: int | None) -> None:
        visit = card.visit
        begins = visit.starts_at.astimezone(CHINA)
        ends = begins + timedelta(minutes=visit.minutes)
        with ui.element("article").classes("card" if visit.state == "booked" else "card left"):
            with ui.row().classes("card-head"):
                if stop:
                    ui.label(f"第{stop}站").classes("chip")
                ui.label(f"{begins:%H:%M}–{ends:%H:%M}").classes("headline")
                ui.link(card.name, f"/people/{card.customer_id}").classes("person-link")
                if visit.state != "booked":
                    ui.label(STATE_NAMES[visit.state]).classes("chip")
                if visit.state == "booked" and ends <= self._page.desk.clock():
                    ui.label("请记录结果").classes("chip urgent")
                if card.clashes:
                    ui.label("时间有冲突").classes("chip urgent")
            if visit.state == "booked" and (address := self._page.desk.map_url):
                link = ui.link(visit.place, address.replace(PLACE, quote(visit.place)), new_tab=True)
                link.props('rel="noopener noreferrer"').classes("person-link")
            else:
                ui.label(visit.place)
            if self._page.may("oversee"):
                ui.label(f"客户经理：{card.manager or '还没有'}").classes("soft")
            if card.application:
                ui.link(f"申请 {card.application}", "/customers").classes("soft")
            if visit.note:
                ui.label(f"备注：{visit.note}").classes("words soft")
            if visit.state == "booked":
                self._draw_actions(card, has_begun=visit.starts_at <= self._page.desk.clock())

    def _draw_actions(self, card: VisitCard, *, has_begun: bool) -> None:
        with ui.row().classes("card-foot"):
            if card.phone and card.visit.manager_id == self._page.staff.id:
                call = partial(call_customer, self._page, card.customer_id, card.name)
                add_button(card.phone, call).props(f'icon=call aria-label="打电话，{card.phone}"')
            if has_begun:
                add_button("已上门", lambda: self._report(card, "done"))
                add_button("没见到", lambda: self._report(card, "missed"))
            add_button("改时间", lambda: self._move(card))
            if not has_begun:
                add_button("取消", lambda: self._cancel(card))

    def _report(self, card: VisitCard, outcome: Literal["done", "missed"]) -> None:
        async def save(note: str) -> None:
            await self._my_day.report(self._page.staff, card.visit.id, outcome, note)

        self._open(f"{card.name}：{STATE_NAMES[outcome]}", "保存", "已记下", save)

    def _cancel(self, card: VisitCard) -> None:
        async def save(note: str) -> None:
            await self._my_day.cancel(self._page.staff, card.visit.id, note)

        self._open(f"取消{card.name}的上门？", "取消上门", _describe_telling(card), save)

    def _move(self, card: VisitCard) -> None:
        begins = card.visit.starts_at.astimezone(CHINA)

        async def save(note: str, day: str = "", at: str = "") -> None:
            await self._my_day.move(self._page.staff, card.visit.id, day, at, note)

        self._open(f"{card.name}改时间", "改时间", _describe_telling(card), save, begins)

    def _open(
        self,
        title: str,
        action: str,
        done: str,
        save: Callable[..., Awaitable[None]],
        begins: datetime | None = None,
    ) -> None:
        """Opens the form of an action; with the time at which the visit `begins`, it is asked anew."""
        asked: list[ui.input] = []

        async def submit() -> bool:
            told = [field.value or "" for field in (note, *asked)]
            return await self._page.attempt(partial(save, *told), done, self.load)

        with open_form(title, submit, action):
            if begins:
                day, at = ui.input("日期", value=begins.date().isoformat()), ui.input("时间", value=f"{begins:%H:%M}")
                asked += (
                    day.props("outlined dense type=date stack-label"),
                    at.props("outlined dense type=time stack-label"),
                )
            note = ui.input("备注（客户看不到）").props(f"outlined dense maxlength={NOTE_MAX}").classes("person-link")


def _describe_telling(card: VisitCard) -> str:
    return TOLD if card.is_reachable else NOT_TOLD
