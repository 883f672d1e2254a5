"""The part of the page of staff where changes of rights wait for a second admin."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from desk.open_work import LEFT_NAMES, WORK_NAMES
from desk.pages.open_page import OpenPage
from desk.pages.staff_fields import ADVICE
from desk.pages.toasts import show_toast
from desk.pages.widgets import add_button, confirm, show_fact, show_heading, show_once
from desk.role_proposals import find_expiry
from desk.roles import ROLE_NAMES
from desk.schemas import ProposalView, StaffView
from desk.wording import format_time

ALONE = (
    "添加人员、变更角色、重新启用都要两位管理员：一位提出，另一位确认。现在只有您一位。"
    "请运维在服务器上再添加一位：python -m desk add-user 账号 --name 姓名 --role admin --generate"
)
SET_ON_MACHINE = "已添加。管理员的初始密码请运维在服务器上设置：python -m desk set-password"


class ProposalList:
    """The open proposals, with the buttons of who may decide them."""

    def __init__(self, page: OpenPage, reload: Callable[[], Awaitable[None]]) -> None:
        self._page = page
        self._reload = reload
        self._place = ui.element("div").classes("cards proposals")

    def draw(self, staff: Sequence[StaffView], proposals: Sequence[ProposalView]) -> None:
        """Shows them; also that a second admin is needed, as long as there is none."""
        names = {member.id: f"{member.name}（{member.login}）" for member in staff}
        admins = [member for member in staff if member.role == "admin" and member.is_active]
        self._place.clear()
        with self._place:
            if len(admins) < 2:
                with ui.element("article").classes("card"):
                    show_heading("还需要一位管理员", 2)
                    ui.label(ALONE)
            for proposal in proposals:
                self._draw_one(proposal, names)

    def _draw_one(self, proposal: ProposalView, names: Mapping[str, str]) -> None:
        me = self._page.staff.id
        with ui.element("article").classes("card"):
            with ui.row().classes("card-head"):
                show_heading(describe_proposal(proposal, names), 2)
                ui.label("等确认").classes("chip urgent")
            for kind, taker in proposal.work_to.items():
                left = next(text for key, text in LEFT_NAMES.items() if key == kind)
                show_fact(next(text for key, text in WORK_NAMES.items() if key == kind), names.get(taker, left))
            show_fact("提出", f"{names.get(proposal.proposed_by, '未知')}，{format_time(proposal.proposed_at)}")
            show_fact("有效期", f"{format_time(find_expiry(proposal))}前")
            if proposal.staff_id == me:
                show_fact("确认", "关于您自己，由其他管理员决定")
                return
            if proposal.proposed_by == me:
                show_fact("确认", "由另一位管理员")
            with ui.row().classes("card-foot"):
                if proposal.proposed_by == me:
                    add_button("撤回", lambda: self._refuse(proposal, "已撤回"))
                else:
                    add_button("拒绝", lambda: self._ask_to_refuse(proposal, names))
                    add_button("确认", lambda: self._confirm(proposal, names))

    async def _confirm(self, proposal: ProposalView, names: Mapping[str, str]) -> None:
        async def carry_out() -> None:
            password = await self._page.desk.role_proposals.confirm(self._page.staff, proposal.id)
            if password:
                show_once(f"{proposal.after['name']}（{proposal.login}）的初始密码", password, ADVICE)
            elif proposal.staff_id is None:
                show_toast(f"{SET_ON_MACHINE} {proposal.login}", "positive", seconds=0)

        who = names.get(proposal.proposed_by, "未知")
        if await confirm(f"{describe_proposal(proposal, names)}？", f"由{who}提出，确认后立即生效。", "确认变更"):
            await self._page.attempt(carry_out, then=self._reload)

    async def _ask_to_refuse(self, proposal: ProposalView, names: Mapping[str, str]) -> None:
        who = names.get(proposal.proposed_by, "未知")
        if await confirm(f"拒绝{describe_proposal(proposal, names)}？", f"由{who}提出，拒绝后要重新提出。", "拒绝变更"):
            await self._refuse(proposal, "已拒绝")

    async def _refuse(self, proposal: ProposalView, done: str) -> None:
        proposals, staff = self._page.desk.role_proposals, self._page.staff
        await self._page.attempt(lambda: proposals.refuse(staff, proposal.id), done, self._reload)


def describe_proposal(proposal: ProposalView, names: Mapping[str, str]) -> str:
    """What is proposed: 张敏（zhang）：客服坐席改为主管."""
    after: Mapping[str, Any] = proposal.after
    if proposal.staff_id is None:
        return f"添加{after['name']}（{proposal.login}），{_name_role(after['role'])}"
    who = names.get(proposal.staff_id, proposal.login)
    if "role" in after:
        return f"{who}：{_name_role(proposal.before['role'])}改为{_name_role(after['role'])}"
    return f"{who}：重新启用"


def _name_role(role: str) -> str:
    return next((name for known, name in ROLE_NAMES.items() if known == role), role)
