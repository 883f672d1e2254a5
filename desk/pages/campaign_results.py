"""The results of a campaign as a table, and as a file."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from campaigns.schemas import CampaignView, ResultView
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button
from imports.csv_files import BOM, write_csv
from kit.money import format_yuan

COLUMNS: Mapping[str, str] = {
    "members": "名单",
    "invited": "邀请",
    "greeted": "来问过",
    "unsubscribed": "退订",
    "applied": "申请",
    "approved": "通过",
    "drawn": "放款",
}


def show_results(
    page: OpenPage, campaign: CampaignView, results: Sequence[ResultView], managers: Mapping[str, str]
) -> None:
    """A line a village and manager, and the sum of all."""
    heads = ["村", "客户经理", *COLUMNS.values(), "放款金额"]
    lines = [
        [each.village, managers.get(each.manager_id or "", "—"), *_count([each]), format_yuan(each.amount)]
        for each in results
    ]
    total = ["合计", "", *_count(results), format_yuan(sum(each.amount for each in results))]

    async def export() -> None:
        await page.desk.campaigns.note_export(page.staff, campaign, len(lines))
        ui.download.content(BOM + write_csv([heads, *lines, total]), f"{campaign.name}-结果.csv", "text/csv")

    with ui.element("div").classes("results"), ui.element("table"):
        with ui.element("thead"), ui.element("tr"):
            for head in heads:
                with ui.element("th"):
                    ui.label(head)
        with ui.element("tbody"):
            for line in [*lines, total]:
                with ui.element("tr"):
                    for cell in line:
                        with ui.element("td"):
                            ui.label(cell)
    with ui.row():
        add_button("导出结果", lambda: page.attempt(export))


def _count(results: Sequence[ResultView]) -> list[str]:
    return [str(sum(getattr(each, name) for each in results)) for name in COLUMNS]
