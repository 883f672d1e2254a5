"""One campaign: its members, quotas, villages and results, and the buttons that lead it on."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from campaigns.register import RegisterImport
from campaigns.rows import ROW_MODELS
from campaigns.schemas import KIND_NAMES, OUTCOME_NAMES, STATE_NAMES, CampaignView, MemberView, VillageView
from desk.pages.campaign_results import show_results
from desk.pages.open_page import OpenPage
from desk.pages.table_files import send_template
from desk.pages.table_import import open_import
from desk.pages.widgets import add_button, confirm, open_task, show_all, show_fact, show_heading
from imports.service import ImportCancelled, Progress
from kit.clock import write_day
from kit.money import format_yuan
from products.catalogue import find_product

POLL_SECONDS = 0.2
NOBODY = "还没有分配"


class CampaignSection:
    """Reads one campaign and draws it anew after each change."""

    def __init__(self, page: OpenPage, campaign: CampaignView) -> None:
        self._page = page
        self._campaign = campaign
        self._campaigns = page.desk.campaigns
        self._managers: dict[str, str] = {}
        self._village = self._outcome = ""
        self._body = ui.element("div").classes("campaign")

    async def load(self) -> None:
        """Reads and draws all of it."""
        found = await self._campaigns.list_all(self._page.staff)
        self._campaign = next((each for each in found if each.id == self._campaign.id), self._campaign)
        self._managers = await self._page.desk.ownership.list_managers()
        villages = await self._campaigns.list_villages(self._page.staff, self._campaign.id)
        results = await self._campaigns.count_results(self._page.staff, self._campaign.id)
        self._body.clear()
        with self._body:
            self._draw_head(villages)
            show_heading("按村", 2)
            show_all(ui.element("div").classes("cards"), villages, self._draw_village, "还没有名单，请先导入")
            if self._campaign.state in ("running", "ended"):
                show_heading("结果", 2)
                show_results(self._page, self._campaign, results, self._managers)
            show_heading("名单", 2)
            self._draw_filters(villages)
            self._members = ui.element("div").classes("cards")
        await self._show_members()

    def _draw_head(self, villages: list[VillageView]) -> None:
        campaign = self._campaign
        product = find_product(campaign.product)
        with ui.row().classes("bar"):
            show_heading(campaign.name)
            ui.label(STATE_NAMES[campaign.state]).classes("chip")
        with ui.element("article").classes("card"):
            show_fact("类型", KIND_NAMES[campaign.kind])
            show_fact("产品", product.name if product else campaign.product)
            show_fact("日期", f"{write_day(campaign.first_day)}至{write_day(campaign.last_day)}")
            show_fact("额度依据", campaign.policy_version or "还没有算额度")
            total = format_yuan(sum(each.quota for each in villages))
            counts = "、".join(
                f"{name}{sum(getattr(each, outcome) for each in villages)}户" for outcome, name in OUTCOME_NAMES.items()
            )
            show_fact("名单", f"{sum(each.members for each in villages)}户：{counts}，额度合计{total}")
            if self._page.may("manage_campaigns"):
                with ui.row().classes("card-foot"):
                    self._draw_actions()

    def _draw_actions(self) -> None:
        campaign, mine = self._campaign, self._campaign.proposed_by == self._page.staff.id
        if campaign.state == "draft":
            add_button("导入名单", self._open_import)
            add_button("下载模板", lambda: send_template(ROW_MODELS[campaign.kind], KIND_NAMES[campaign.kind]))
            add_button("算额度", self._decide)
            add_button("提交启动", lambda: self._act(self._campaigns.propose, "已提交，等另一位同事启动"))
        elif campaign.state == "proposed":
            if not mine:
                add_button("启动", self._start)
            add_button("撤回修改", lambda: self._act(self._campaigns.take_back, "已撤回，可以修改"))
        elif campaign.state == "running":
            add_button("结束活动", self._end)

    async def _act(
        self, act: Callable[..., Awaitable[None]], done: str, *, question: str = "", consequence: str = ""
    ) -> None:
        if question and not await confirm(question, consequence, "确定"):
            return
        await self._page.attempt(lambda: act(self._page.staff, self._campaign), done, self.load)

    async def _start(self) -> None:
        told = "名单上的客户写来消息时会看到预授信额度；同意收新产品通知的会收到邀请。"
        await self._act(self._campaigns.start, "已启动", question="启动这个活动？", consequence=told)

    async def _end(self) -> None:
        told = "不再邀请，也不再告诉客户预授信额度；结束后不能再启动。"
        await self._act(self._campaigns.end, "已结束", question="结束这个活动？", consequence=told)

    async def _open_import(self) -> None:
        made: list[RegisterImport] = []

        async def prepare() -> None:
            made.append(await self._campaigns.make_import(self._page.staff, self._campaign))

        if await self._page.attempt(prepare):
            with open_import(self._page, "导入名单", lambda: made[0], "已导入，请算额度", self.load):
                ui.label("有一行错就都不导入；手机号一样的算同一户，会改成表里的内容。").classes("soft")

    async def _decide(self) -> None:
        progress = Progress()

        async def run() -> None:
            try:
                await self._campaigns.decide(self._page.staff, self._campaign, progress)
            except ImportCancelled:
                return

        with open_task("正在算额度") as (dialog, buttons):
            bar = ui.linear_progress(value=0, show_value=False).props('aria-label="进度"')
            ui.timer(POLL_SECONDS, lambda: bar.set_value(progress.done / progress.total if progress.total else 0))
            with buttons:
                add_button("取消", progress.cancel)
            ui.context.client.on_delete(progress.cancel)
        await self._page.attempt(run, "", self.load)
        dialog.close()

    def _draw_village(self, village: VillageView) -> None:
        with ui.element("article").classes("card"):
            with ui.row().classes("card-head"):
                show_heading(village.village, 3)
                if not village.manager_id:
                    ui.label(NOBODY).classes("chip urgent")
            show_fact("户数", f"{village.members}户，可邀请{village.approve}户，要核实{village.review}户")
            show_fact("额度合计", format_yuan(village.quota))
            if self._page.may("manage_campaigns"):
                options = {"": NOBODY, **self._managers}
                known = village.manager_id if village.manager_id in self._managers else ""
                select = ui.select(options, value=known, label="客户经理").props("outlined dense options-dense")
                select.on_value_change(lambda event: self._assign(village.village, event.value))

    async def _assign(self, village: str, manager_id: str) -> None:
        staff, campaign = self._page.staff, self._campaign
        await self._page.attempt(
            lambda: self._campaigns.assign(staff, campaign, village, manager_id or None), "已分配", self.load
        )

    def _draw_filters(self, villages: list[VillageView]) -> None:
        async def look() -> None:
            self._village, self._outcome = place.value or "", outcome.value or ""
            await self._show_members()

        with ui.row().classes("bar filters"):
            names = {"": "全部村", **{each.village: each.village for each in villages}}
            place = ui.select(names, value="", label="村", on_change=look).props("outlined dense options-dense")
            outcome = ui.select({"": "全部结果", **OUTCOME_NAMES}, value="", label="结果", on_change=look)
            outcome.props("outlined dense options-dense")

    async def _show_members(self) -> None:
        members = await self._campaigns.list_members(
            self._page.staff,
            self._campaign.id,
            self._village or None,
            next((each for each in OUTCOME_NAMES if each == self._outcome), None),
        )
        show_all(self._members, members, _draw_member, "没有找到")


def _draw_member(member: MemberView) -> None:
    with ui.element("article").classes("card"):
        with ui.row().classes("card-head"):
            show_heading(member.name, 3)
            ui.label(OUTCOME_NAMES[member.outcome] if member.outcome else "还没有算").classes("chip")
            if member.greeted_at or member.invited_at:
                ui.label("已告知").classes("chip")
        graded = f"，村级评定{member.grade}级" if member.grade else ""
        show_fact("住处", f"{member.village}{graded}")
        show_fact("电话", member.phone)
        if member.quota:
            rate = f"，年利率{member.annual_rate}%" if member.annual_rate else ""
            show_fact("额度", f"{format_yuan(member.quota)}{rate}")
        if member.reasons:
            show_fact("理由", "；".join(member.reasons))
