"""An agent's own page of quality checks: what supervisors wrote about their talks."""

from nicegui import ui

from desk.pages.card_list import CardList
from desk.pages.open_page import OpenPage
from desk.pages.quality import describe_score, describe_talk
from desk.pages.widgets import add_style, show_fact, show_heading
from desk.quality.schemas import CheckedTalk, CheckState
from desk.quality.service import SUBJECT
from desk.wording import format_time
from kit.pubsub import Signal

POLL_SECONDS = 60.0
STATES: dict[CheckState, str] = {
    "delivered": "等您看",
    "acknowledged": "已确认",
    "objected": "等主管答复",
    "settled": "主管已答复",
}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    ui.add_head_html('<link rel="stylesheet" href="/static/quality.css">')
    with ui.row().classes("bar"):
        show_heading("我的质检")
    ui.label("主管抽查您接待过的会话后写的反馈。看过请确认；不同意可以提一次异议。").classes("soft advice")
    cards: CardList[CheckedTalk] = CardList(_draw, "还没有质检反馈")

    async def load() -> None:
        cards.show({each.check.id: each for each in await page.desk.quality_checks.list_own(page.staff)})

    async def follow(signals: list[Signal]) -> None:
        await page.attempt(load)

    await load()
    page.follow([SUBJECT], follow, POLL_SECONDS)


def _draw(talk: CheckedTalk) -> None:
    check = talk.check
    with ui.row().classes("card-head"):
        show_heading(describe_talk(talk), 2)
        ui.label(STATES[check.state]).classes("chip" + (" urgent" if check.state == "delivered" else ""))
    if check.score is not None:
        show_fact("得分", describe_score(check.score, is_failed=check.is_failed))
    show_fact("会话", f"{format_time(check.talked_at)}结束")
    if check.feedback:
        ui.label(check.feedback).classes("words")
    with ui.row().classes("card-foot"):
        name = "看反馈，答复" if check.state == "delivered" else "查看"
        ui.link(name, f"/my-quality/{check.id}").classes("go")
