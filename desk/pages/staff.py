"""The page of staff: proposing and confirming rights, editing, resetting passwords, closing accounts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from nicegui import ui

from desk.accounts import make_password
from desk.open_work import WorkKind, describe_count, find_lost_work
from desk.pages.frame import STATUSES
from desk.pages.open_page import OpenPage
from desk.pages.role_proposals import ProposalList
from desk.pages.staff_fields import ADVICE, StaffFields, is_match, name_products
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_all, show_heading, show_once
from desk.pages.work_fields import WorkFields
from desk.presence import is_present
from desk.roles import ROLE_NAMES, may
from desk.schemas import ProposalView, StaffView
from desk.second_factor.service import reset
from desk.staff_changes import ADMINS_MIN
from desk.staff_details import FIELD_NAMES, read_details
from desk.wording import describe_wait

WAITS = "已提出，等另一位管理员确认"
LAST_BUT_ONE = "停用后只剩一位管理员，没有人能确认人员变更，要请运维在服务器上再添加一位。"
POLL_SECONDS = 5.0


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    people = _People(page)
    await people.load()
    page.repeat(people.follow, seconds=POLL_SECONDS)


class _Shown(NamedTuple):
    """What the page shows; `enrolled`: the ids of those with a second factor."""

    staff: Sequence[StaffView]
    enrolled: frozenset[str]
    proposals: Sequence[ProposalView]


class _People:
    """The list, with buttons to change each."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._accounts = page.desk.accounts
        self._shown = _Shown([], frozenset(), [])
        with ui.row().classes("bar"):
            show_heading("人员")
            self._search = ui.input("查找", on_change=self._draw).props("dense outlined clearable")
            ui.button("添加人员", icon="person_add", on_click=self._open_new).props("unelevated no-caps")
        self._proposals = ProposalList(page, self.load)
        self._cards = ui.element("div").classes("cards")

    async def load(self) -> None:
        """Reads the list; closed accounts come last."""
        self._show(await self._read())

    async def follow(self) -> None:
        """Shows what other admins did meanwhile; without a change nothing moves under the finger."""
        read = await self._read()
        if _leave_out_presence(read) != _leave_out_presence(self._shown):
            self._show(read)

    async def _read(self) -> _Shown:
        staff = sorted(await self._accounts.list_staff(), key=lambda staff: not staff.is_active)
        enrolled = await self._page.desk.second_factors.list_owners()
        return _Shown(staff, enrolled, await self._page.desk.role_proposals.list_open())

    def _show(self, shown: _Shown) -> None:
        self._shown = shown
        self._proposals.draw(shown.staff, shown.proposals)
        self._draw()

    def _draw(self) -> None:
        found = [staff for staff in self._shown.staff if is_match(staff, self._search.value or "")]
        show_all(self._cards, found, self._draw_card, "没有找到这样的人员")

    def _draw_card(self, staff: StaffView) -> None:
        with ui.element("article").classes("card" if staff.is_active else "card left"):
            with ui.row().classes("card-head"):
                show_heading(staff.name, 2)
                ui.label(staff.login).classes("soft")
                ui.label(ROLE_NAMES[staff.role]).classes("chip")
                if not staff.is_active:
                    ui.label("已停用").classes("chip urgent")
                elif staff.must_change_password:
                    ui.label("待改密码").classes("chip")
            for name, value in self._list_facts(staff):
                with ui.element("div").classes("fact"):
                    ui.label(name).classes("soft")
                    ui.label(value)
            with ui.row().classes("card-foot"):
                add_button("编辑", lambda: self._open_change(staff))
                if staff.id != self._page.staff.id:  # one's own password is changed on its own page
                    if staff.role != "admin":  # an admin's only on the machine
                        add_button("重设密码", lambda: self._reset(staff))
                        if staff.id in self._shown.enrolled:
                            add_button("重设二次验证", lambda: self._reset_second_factor(staff))
                    add_button("停用" if staff.is_active else "启用", lambda: self._turn(staff))

    def _list_facts(self, staff: StaffView) -> list[tuple[str, str]]:
        seen = describe_wait(staff.seen_at, self._page.desk.clock()) if staff.seen_at else "还没有上线过"
        is_talker = may(staff.role, "talk")
        facts = [
            (FIELD_NAMES["branch"], staff.branch),
            (FIELD_NAMES["villages"], "、".join(staff.villages)),
            (FIELD_NAMES["products"], "、".join(name_products(staff))),
            ("接待", f"{STATUSES[staff.status]}，最多同时{staff.capacity}位" if is_talker else ""),
            (FIELD_NAMES["phone"], staff.phone),
            (FIELD_NAMES["email"], staff.email),
            ("企业微信", staff.wecom_id),
            ("二次验证", "已启用" if staff.id in self._shown.enrolled else ""),
            ("最近在线", seen if seen == "刚刚" or not staff.seen_at else f"{seen}前"),
        ]
        return [(name, value) for name, value in facts if value]

    def _open_new(self) -> None:
        async def save() -> bool:
            account, details = (login.value or "").strip().lower(), fields.read()
            propose = self._page.desk.role_proposals.propose_new
            return await self._page.attempt(
                lambda: propose(self._page.staff, account, details), WAITS, self.load, fields.mark
            )

        with open_form("添加人员", save, "提出"):
            login = ui.input("账号（小写字母、数字）").props("outlined dense autofocus autocomplete=off")
            fields = StaffFields()

    async def _open_change(self, staff: StaffView) -> None:
        async def save() -> bool:
            details = fields.read()
            if details["role"] != current.role:
                return await self._change_role(current, details, fields, dialog)
            return await self._page.attempt(lambda: self._save(staff.id, details), "已保存", self.load, fields.mark)

        # The card may be stale and every field is saved: do not undo a colleague's change.
        current = await self._accounts.get_staff(staff.id)
        with open_form(f"编辑 {staff.login}", save) as dialog:
            ui.input("账号", value=staff.login).props("outlined dense readonly")
            fields = StaffFields(current, await self._find_role_lock(current))

    async def _find_role_lock(self, staff: StaffView) -> str:
        """Why nobody can propose another role for them here and now; empty if it is possible."""
        if staff.id == self._page.staff.id:
            return "自己的角色由其他管理员变更"
        proposals = await self._page.desk.role_proposals.list_open()
        return "已有一项变更在等确认" if any(each.login == staff.login for each in proposals) else ""

    async def _save(self, staff_id: str, details: Mapping[str, Any]) -> None:
        await self._accounts.update_staff(staff_id, by=self._page.staff.id, **details)

    async def _change_role(
        self, staff: StaffView, details: Mapping[str, Any], fields: StaffFields, dialog: ui.dialog
    ) -> bool:
        """Proposes another role, after asking who takes the work that it does not do, and saves the rest with it."""
        role = str(details["role"])
        others = {field: value for field, value in details.items() if field != "role"}

        async def act(work_to: Mapping[WorkKind, str]) -> bool:
            async def propose() -> None:
                read_details(dict(others))  # so that nothing is proposed if the rest cannot be saved
                proposals = self._page.desk.role_proposals
                await proposals.propose_change(self._page.staff, staff.id, role=role, work_to=work_to)
                await self._save(staff.id, others)

            if await self._page.attempt(propose, WAITS, self.load, fields.mark):
                dialog.close()
                return True
            return False

        lost = find_lost_work(staff.role if staff.is_active else None, role)
        counts = await self._accounts.count_open_work(staff.id)
        if not any(describe_count(kind, counts) for kind in lost):
            return await act({})
        self._ask_takers(f"谁接手{staff.name}的工作？", "提出", staff, lost, counts, act)
        return False  # what was written stays until that is answered

    def _ask_takers(
        self,
        title: str,
        action: str,
        staff: StaffView,
        lost: Sequence[WorkKind],
        counts: Mapping[str, int],
        act: Callable[[Mapping[WorkKind, str]], Awaitable[bool]],
        consequence: str = "",
    ) -> None:
        async def save() -> bool:
            return await act(fields.read())

        now = self._page.desk.clock()
        present = {member.id for member in self._shown.staff if is_present(member, now)}
        with open_form(title, save, action):
            if consequence:
                ui.label(consequence).classes("whole")
            fields = WorkFields(staff, lost, counts, self._shown.staff, present)

    async def _reset(self, staff: StaffView) -> None:
        async def reset() -> None:
            password = make_password()
            await self._accounts.set_password(staff.id, password, by=self._page.staff.id)
            show_once(f"{staff.name}（{staff.login}）的新密码", password, ADVICE)

        question = f"重设{staff.name}（{staff.login}）的密码？"
        if await confirm(question, "原密码立即失效，本人在所有设备上都会退出登录，并收到通知。", "重设密码"):
            await self._page.attempt(reset, then=self.load)

    async def _reset_second_factor(self, staff: StaffView) -> None:
        question = f"重设{staff.name}（{staff.login}）的二次验证？"
        consequence = "请先当面或打电话确认是本人丢了手机。本人会收到通知，在所有设备上退出，登录后再设一次。"
        if await confirm(question, consequence, "重设二次验证"):
            await self._page.attempt(
                lambda: reset(self._page.desk.database, staff, by=self._page.staff), "已重设", self.load
            )

    async def _turn(self, staff: StaffView) -> None:
        """Deactivates an account at once, or proposes to activate it again."""
        if not staff.is_active:
            propose = self._page.desk.role_proposals.propose_change
            await self._page.attempt(lambda: propose(self._page.staff, staff.id, is_active=True), WAITS, self.load)
            return

        async def close(work_to: Mapping[WorkKind, str]) -> bool:
            by = self._page.staff.id
            work = partial(self._accounts.update_staff, staff.id, by=by, is_active=False, work_to=work_to)
            return await self._page.attempt(work, "已停用", self.load)

        question = f"停用{staff.name}（{staff.login}）的账号？"
        consequence = describe_closing(staff, self._shown.staff)
        lost, counts = find_lost_work(staff.role, None), await self._accounts.count_open_work(staff.id)
        self._ask_takers(question, "停用", staff, lost, counts, close, consequence)


def describe_closing(staff: StaffView, everybody: Sequence[StaffView]) -> str:
    """What closing an account means."""
    left = [each for each in everybody if each.role == "admin" and each.is_active and each.id != staff.id]
    is_last_but_one = staff.role == "admin" and len(left) < ADMINS_MIN
    return f"本人会立即退出登录，也不能再登录。记录都会保留，以后可以再启用。{LAST_BUT_ONE if is_last_but_one else ''}"


def _leave_out_presence(shown: _Shown) -> _Shown:
    """When somebody was last seen changes all the time."""
    return shown._replace(staff=[each.model_copy(update={"seen_at": None}) for each in shown.staff])
