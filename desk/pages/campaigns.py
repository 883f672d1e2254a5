"""The page of campaigns: their list, and making one."""

from datetime import timedelta

from nicegui import ui
from pydantic import ValidationError

from campaigns.schemas import KIND_NAMES, STATE_NAMES, CampaignIn, CampaignView
from desk.pages.campaign import CampaignSection
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, add_style, open_form, show_all, show_fact, show_heading
from kit.clock import CHINA, write_day
from kit.errors import RequestError
from products.catalogue import find_product, list_products

USUAL_DAYS = 60
PATH = "/campaigns"
ADVICE = "导入名单、按政策算额度、分给客户经理，由另一位同事启动；只邀请同意收新产品通知的客户，夜里22点到早上8点不发。"
NONE_OF_MINE = "现在没有分给您的活动"


async def build(page: OpenPage) -> None:
    """The page's body: one campaign if the address names it, else the list."""
    add_style()
    ui.add_head_html('<link rel="stylesheet" href="/static/campaigns.css">')
    campaigns = await page.desk.campaigns.list_all(page.staff)
    wanted = next((each for each in campaigns if each.id == page.query.get("id")), None)
    if wanted:
        await CampaignSection(page, wanted).load()
    else:
        _CampaignList(page, campaigns)


class _CampaignList:
    """A card a campaign, the newest first."""

    def __init__(self, page: OpenPage, campaigns: list[CampaignView]) -> None:
        self._page = page
        is_manager = page.may("manage_campaigns")
        with ui.row().classes("bar"):
            show_heading("营销活动")
            if is_manager:
                ui.button("新建活动", icon="add", on_click=self._open).props("unelevated no-caps")
        if is_manager:
            ui.label(ADVICE).classes("soft advice")
        nothing = "还没有活动" if is_manager else NONE_OF_MINE
        show_all(ui.element("div").classes("cards"), campaigns, self._draw, nothing)

    def _draw(self, campaign: CampaignView) -> None:
        with ui.element("article").classes("card"):
            with ui.row().classes("card-head"):
                ui.label(STATE_NAMES[campaign.state]).classes("chip urgent" if campaign.state == "proposed" else "chip")
                show_heading(campaign.name, 2)
            show_fact("类型", KIND_NAMES[campaign.kind])
            show_fact("产品", name_product(campaign.product))
            show_fact("日期", f"{write_day(campaign.first_day)}至{write_day(campaign.last_day)}")
            with ui.row().classes("card-foot"):
                add_button("打开", lambda: ui.navigate.to(f"{PATH}?id={campaign.id}"))

    def _open(self) -> None:
        async def create() -> None:
            try:
                wanted = CampaignIn(
                    name=name.value or "",
                    kind=kind.value,
                    product=product.value or "",
                    first_day=first.value,
                    last_day=last.value,
                )
            except ValidationError:
                raise RequestError(422, "invalid", "请填写2到30个字的名称、产品和起止日期") from None
            made = await self._page.desk.campaigns.create(self._page.staff, wanted)
            ui.navigate.to(f"{PATH}?id={made.id}")

        async def save() -> bool:
            return await self._page.attempt(create)

        today = self._page.desk.clock().astimezone(CHINA).date()
        products = {each.id: each.name for each in list_products()}
        with open_form("新建活动", save, "建好，去导入名单"):
            name = ui.input("名称，例如 青山村整村授信").props("outlined dense autofocus maxlength=30")
            kind = ui.select({**KIND_NAMES}, label="类型", value="village").props("outlined dense")
            product = ui.select(products, label="产品", value=next(iter(products), None)).props("outlined dense")
            first = ui.input("第一天", value=today.isoformat()).props("type=date stack-label outlined dense")
            day = today + timedelta(days=USUAL_DAYS)
            last = ui.input("最后一天", value=day.isoformat()).props("type=date stack-label outlined dense")


def name_product(product_id: str) -> str:
    """The product's name."""
    product = find_product(product_id)
    return product.name if product else product_id
