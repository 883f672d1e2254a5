"""The sheet that says why the bot answered as it did, one turn or the last ones of a conversation."""

from functools import partial

from nicegui import ui

from desk.explanations import Explanation
from desk.pages.hit_test import draw_hits
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, open_sheet, show_fact, show_heading
from desk.wording import format_time
from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE

BARS = f"{ANSWER_SCORE:.0%}起直接回答，{SUGGEST_SCORE:.0%}起请客户选"


async def open_explanations(page: OpenPage, conversation_id: str, turn_id: int | None = None) -> None:
    """Opens it; what is wrong is said as for any act."""

    async def show() -> None:
        found = await page.desk.explanations.explain(page.staff, conversation_id, turn_id)
        with open_sheet("为什么这么答"):
            ui.label(f"姓名、号码等已隐去。{BARS}。").classes("soft")
            for explanation in reversed(found):
                with ui.element("section").classes("draft"):
                    _draw(page, explanation)

    await page.attempt(show)


def _draw(page: OpenPage, explanation: Explanation) -> None:
    async def ask_again() -> None:
        hits = await page.desk.explanations.ask_again(page.staff, explanation)
        if hits:
            place.clear()
            with place:
                draw_hits("用当时的知识再问一次", hits)

    with ui.row().classes("card-head"):
        show_heading(f"客户：{explanation.text}", 3)
        ui.label(explanation.done).classes("chip")
        ui.label(format_time(explanation.at)).classes("soft")
    if explanation.asked:
        show_fact("当时在问", explanation.asked)
    if explanation.nearest:
        show_fact("最像的", f"{explanation.nearest}，把握{explanation.score:.0%}")
    for reply in explanation.replies:
        show_fact("小禾", f"{reply.text}（{reply.source}）" if reply.source else reply.text)
    place = ui.element("div")
    with place:
        add_button("用当时的知识再问一次", partial(page.attempt, ask_again))
