"""The page of the block list: proposing, confirming and lifting entries."""

from nicegui import ui

from applications.blocking import BLOCK_KINDS, BLOCK_REASONS, DAYS_MAX, BlockedView
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_all, show_fact, show_heading
from kit.clock import CHINA, write_day

USUAL_DAYS = 365
ADVICE = "只存加密的号码。申请人在名单上，客户经理会看到提示，不会自动拒绝。加入和移出都要另一位同事确认，到期自动删。"


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    await _BlockedPage(page).load()


class _BlockedPage:
    """The list, with buttons to change it."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._blocked = page.desk.blocked_people
        with ui.row().classes("bar"):
            show_heading("黑名单")
            ui.button("提出加入", icon="add", on_click=self._open).props("unelevated no-caps")
        ui.label(ADVICE).classes("soft advice")
        self._cards = ui.element("div").classes("cards")

    async def load(self) -> None:
        """Reads the list anew."""
        show_all(self._cards, await self._blocked.list_all(self._page.staff), self._draw, "名单上没有人")

    def _draw(self, entry: BlockedView) -> None:
        with ui.element("article").classes("card"):
            with ui.row().classes("card-head"):
                ui.label("生效" if entry.confirmed_by else "待确认").classes("chip")
                if entry.lift_proposed_by:
                    ui.label("移出待确认").classes("chip urgent")
                show_heading(f"{BLOCK_KINDS[entry.kind]}{entry.shown}", 2)
            show_fact("原因", BLOCK_REASONS[entry.reason])
            show_fact("到期", write_day(entry.expires_at.astimezone(CHINA)))
            with ui.row().classes("card-foot"):
                self._draw_actions(entry)

    def _draw_actions(self, entry: BlockedView) -> None:
        me = self._page.staff.id
        if not entry.confirmed_by:
            if entry.proposed_by != me:
                add_button("确认", lambda: self._confirm(entry))
            add_button("不加了", lambda: self._refuse(entry))
        elif not entry.lift_proposed_by:
            add_button("提出移出", lambda: self._propose_lift(entry))
        else:
            if entry.lift_proposed_by != me:
                add_button("确认移出", lambda: self._lift(entry))
            add_button("不移了", lambda: self._keep(entry))

    def _open(self) -> None:
        async def save() -> bool:
            told = number.value or "", str(reason.value or ""), int(days.value or 0)
            return await self._page.attempt(
                lambda: self._blocked.propose(self._page.staff, *told), "已提出，等另一位同事确认", self.load
            )

        with open_form("加入黑名单", save, "提出"):
            number = ui.input("手机号或身份证号").props("outlined dense autofocus maxlength=20 autocomplete=off")
            reason = ui.select({**BLOCK_REASONS}, label="原因").props("outlined dense")
            days = ui.number("天数", value=USUAL_DAYS, min=1, max=DAYS_MAX, precision=0).props("outlined dense")

    async def _confirm(self, entry: BlockedView) -> None:
        if await confirm(f"确认{entry.shown}加入黑名单？", "以后用它的申请，客户经理会看到提示。", "确认"):
            staff = self._page.staff
            await self._page.attempt(lambda: self._blocked.confirm(staff, entry.id), "已生效", self.load)

    async def _refuse(self, entry: BlockedView) -> None:
        staff = self._page.staff
        await self._page.attempt(lambda: self._blocked.refuse(staff, entry.id), "没有加入", self.load)

    async def _propose_lift(self, entry: BlockedView) -> None:
        if await confirm(f"提出把{entry.shown}移出黑名单？", "另一位同事确认后才移出，这之前还有提示。", "提出"):
            staff = self._page.staff
            done = "已提出，等另一位同事确认"
            await self._page.attempt(lambda: self._blocked.propose_lift(staff, entry.id), done, self.load)

    async def _keep(self, entry: BlockedView) -> None:
        staff = self._page.staff
        await self._page.attempt(lambda: self._blocked.keep(staff, entry.id), "留在名单上", self.load)

    async def _lift(self, entry: BlockedView) -> None:
        if await confirm(f"把{entry.shown}移出黑名单？", "移出后没有提示。", "移出"):
            staff = self._page.staff
            await self._page.attempt(lambda: self._blocked.lift(staff, entry.id), "已移出", self.load)
