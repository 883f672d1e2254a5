"""The page of a person: who they are on each channel, and all that was talked, applied for, sent and agreed to.

Whoever manages the account, or oversees, also plans the next contact, merges and undoes merges; others only read.
"""

from functools import partial

from fastapi import Request
from nicegui import ui
from starlette.exceptions import HTTPException

from applications.stages import STAGE_NAMES
from conversations.handoff.states import STATE_NAMES
from conversations.people import MergeView
from desk.customer_access import is_managed_by
from desk.customer_repository import CustomerCard
from desk.entrance import REFUSAL
from desk.pages.customer_card import describe_age, describe_ball
from desk.pages.frame import frame, name_page
from desk.pages.open_page import OpenPage
from desk.pages.phone_call import call_customer
from desk.pages.templates import render
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_fact, show_heading
from desk.people import ABOUT_MAX, REASON_MAX
from desk.person_reader import PersonView
from desk.services import DeskServices
from desk.talks import DISPOSITIONS, WORDS_MAX
from desk.wording import CHANNELS, describe_contact, describe_source, name_customer
from kit.clock import CHINA, write_day
from kit.errors import RequestError
from kit.masking import mask_personal_data
from visits.schemas import STATE_NAMES as VISIT_STATES

SURE = "确定是同一个人才合并。合并后两边的会话、申请都在这一页，随时可以撤销。"
FIND = "对方的完整姓名或手机号"
NOBODY = "没有找到：姓名要写全，手机号要11位；客户经理只找得到自己的客户"


def register(desk: DeskServices) -> None:
    """The pages at /people/…"""

    @ui.page("/people/{customer_id}")
    async def show_person(request: Request, customer_id: str) -> None:
        page = OpenPage(desk, request, "talk")
        try:
            person = await desk.people.open(page.staff, customer_id)
        except RequestError as error:
            setattr(request.state, REFUSAL, error.code)
            raise HTTPException(error.status, error.reason) from error
        with frame(page, "客户", "/customers"):
            add_style()
            for sheet in ("customers", "person"):
                ui.add_head_html(f'<link rel="stylesheet" href="/static/{sheet}.css">')
            PersonPage(page, customer_id).show(person)


class PersonPage:
    """One open page; read anew after each act."""

    def __init__(self, page: OpenPage, customer_id: str) -> None:
        self._page = page
        self._id = customer_id
        self._people = page.desk.people
        self._area = ui.element("div")

    async def load(self) -> None:
        """Reads everything anew."""
        self.show(await self._people.read(self._page.staff, self._id))

    def show(self, person: PersonView) -> None:
        """Shows what was read."""
        name = next((card.name for card in person.customers if card.name), name_customer(self._id))
        name_page(name)
        self._area.clear()
        with self._area:
            self._show_head(person, name)
            with ui.element("div").classes("person"):
                with ui.element("div").classes("stacked"):
                    for card in person.customers:
                        with ui.element("article").classes("card"):
                            self._show_customer(card, person)
                    self._show_tags(person)
                    self._show_merges(person)
                ui.html(self._write(person), sanitize=False).classes("stacked")

    def _show_head(self, person: PersonView, name: str) -> None:
        days = [card.contact_on for card in person.customers if card.contact_on]
        with ui.row().classes("bar"):
            show_heading(name)
            if days:
                today = self._page.desk.clock().astimezone(CHINA).date()
                chip = ui.label(describe_contact(min(days), today)).classes("chip")
                chip.classes("urgent" if min(days) <= today else "")
            first = person.customers[0]
            if self._may_change(first):
                with ui.element("div").classes("person-acts"):
                    add_button("记一笔", partial(self._ask_note, first))
                    add_button("下次联系", partial(self._ask_contact, first))
                    add_button("合并", partial(self._ask_other, first))

    def _show_customer(self, card: CustomerCard, person: PersonView) -> None:
        name = name_customer(card.customer_id, card.name)
        with ui.row().classes("card-head"):
            show_heading(name, 2)
            ui.label(CHANNELS.get(card.channel, card.channel)).classes("chip plain")
        show_fact("电话", card.phone or "还没有留")
        facts = {
            "已核实": "、".join(person.verified.get(card.customer_id, [])),
            "住址": mask_personal_data(card.region),
            "来源": describe_source(card.source) if card.source else "",
            "测额度": card.quota,
            "最近联系": describe_age(card.last_at, self._page.desk.clock()),
            "客户经理": person.names.get(card.manager_id or "", "还没有"),
        }
        for label, value in facts.items():
            if value:
                show_fact(label, value)
        if card.phone and self._may_call(card):
            with ui.row().classes("card-foot"):
                call = partial(call_customer, self._page, card.customer_id, name)
                add_button("打电话", call).props(f'icon=call aria-label="打电话，{card.phone}"')

    def _show_tags(self, person: PersonView) -> None:
        if person.tags:
            with ui.element("section").classes("card"):
                show_heading("标签", 2)
                ui.html(render("_tags.html", tags=person.tags), sanitize=False)

    def _show_merges(self, person: PersonView) -> None:
        cards = {card.customer_id: card for card in person.customers}
        for merge in person.merges:
            first, second = cards[merge.first_id], cards[merge.second_id]
            with ui.element("section").classes("card"):
                show_heading(f"合并：{_name(first)}和{_name(second)}", 2)
                ui.label(mask_personal_data(merge.reason)).classes("words")
                when = write_day(merge.merged_at.astimezone(CHINA).date())
                ui.label(f"{person.names.get(merge.merged_by, '同事')}，{when}").classes("soft")
                if self._may_change(first) and self._may_change(second):
                    with ui.row().classes("card-foot"):
                        add_button("撤销合并", partial(self._undo, merge))

    def _write(self, person: PersonView) -> str:
        page = self._page
        return render(
            "person.html",
            person=person,
            open_to_them={talk.id for talk in person.talks if page.desk.talks.is_visible(page.staff, talk)},
            describe_ball=describe_ball,
            dispositions=DISPOSITIONS,
            stages=STAGE_NAMES,
            states=STATE_NAMES,
            visit_states=VISIT_STATES,
        )

    def _may_change(self, card: CustomerCard) -> bool:
        return self._page.may("oversee") or is_managed_by(self._page.staff, card.manager_id)

    def _may_call(self, card: CustomerCard) -> bool:
        """A supervisor calls whom they serve themselves."""
        is_serving = bool(card.talk and card.talk.is_served_by(self._page.staff.id))
        return is_managed_by(self._page.staff, card.manager_id) or (self._page.may("oversee") and is_serving)

    def _ask_note(self, card: CustomerCard) -> None:
        async def save() -> bool:
            add = partial(self._people.add_note, self._page.staff, card.customer_id, words.value or "")
            return await self._page.attempt(add, "已记下", self.load)

        with open_form("记一笔（客户看不到）", save):
            words = ui.textarea("客户说了什么，下一步办什么")
            words.props(f"outlined dense autogrow autofocus maxlength={WORDS_MAX}").classes("whole")

    def _ask_contact(self, card: CustomerCard) -> None:
        async def save() -> bool:
            wanted = day.value or "", about.value or ""
            plan = partial(self._people.set_contact, self._page.staff, card.customer_id, *wanted)
            return await self._page.attempt(plan, "已记下", self.load)

        with open_form("下次联系", save):
            day = ui.input("日期（空着就是不定）", value=card.contact_on.isoformat() if card.contact_on else "")
            day.props("outlined dense clearable type=date stack-label").classes("whole")
            about = (
                ui.input("为了什么（可不填，记在备注里）")
                .props(f"outlined dense maxlength={ABOUT_MAX}")
                .classes("whole")
            )

    def _ask_other(self, card: CustomerCard) -> None:
        async def find() -> None:
            found: list[CustomerCard] = []
            words = search.value or ""

            async def look() -> None:
                found.extend(await self._people.find_others(self._page.staff, card.customer_id, words))

            if await self._page.attempt(look) and words == (search.value or ""):  # else it has changed since
                others.set_options({each.customer_id: _describe(each) for each in found}, value=None)
                nobody.set_visibility(bool(words) and not found)

        async def save() -> bool:
            merge = partial(
                self._people.merge, self._page.staff, card.customer_id, str(others.value or ""), reason.value or ""
            )
            return await self._page.attempt(merge, "已合并", self.load)

        with open_form("合并成同一个人", save, "合并"):
            ui.label(SURE).classes("soft whole")
            search = ui.input(FIND, on_change=find).classes("whole")
            search.props("outlined dense clearable autofocus debounce=300 maxlength=40")
            others = ui.radio({}).classes("whole")
            nobody = ui.label(NOBODY).classes("soft whole")
            nobody.set_visibility(False)
            reason = ui.input("为什么是同一个人").props(f"outlined dense maxlength={REASON_MAX}").classes("whole")

    async def _undo(self, merge: MergeView) -> None:
        if await confirm("撤销这次合并？", "两边的会话、申请会各归各；核实过同一个号码的仍在一起。", "撤销合并"):
            undo = partial(self._people.undo_merge, self._page.staff, merge.id)
            await self._page.attempt(undo, "已撤销", self.load)


def _name(card: CustomerCard) -> str:
    return f"{CHANNELS.get(card.channel, card.channel)}的{name_customer(card.customer_id, card.name)}"


def _describe(card: CustomerCard) -> str:
    return "，".join(filter(None, (_name(card), card.phone, mask_personal_data(card.region))))
