"""The dialog in which staff ask as a customer would, and see what is found and why, with a draft or without."""

from nicegui import ui

from desk.entry_drafts import EntryDrafts, TrialFailed
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, open_sheet, show_fact, show_heading
from kit.errors import RequestError
from kit.text import clean_text
from knowledge.hits import Hit, Hits
from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE, Outcome
from knowledge.trials import TrialView
from revisions.schemas import RevisionView

OUTCOMES: dict[Outcome, str] = {"answer": "直接回答", "suggest": "让客户选", "none": "不回答"}
QUESTION_MAX = 200


def open_hit_test(page: OpenPage, drafts: EntryDrafts, draft: RevisionView | None = None) -> None:
    """Opens it; with a draft its golden questions can be tried out too."""

    async def ask() -> None:
        if words := clean_text(question.value or ""):
            await page.attempt(lambda: show(words))

    async def show(words: str) -> None:
        found = await drafts.test_hit(page.staff, words, draft)
        results.clear()
        with results:
            if found.drafted:
                draw_hits("发布这份草稿后", found.drafted)
            draw_hits("现在", found.published)

    async def try_out() -> None:
        if draft:
            trial = await drafts.try_out(page.staff, draft)
            results.clear()
            with results:
                draw_trial(trial)

    with open_sheet("试一试"):
        ui.label("写一句客户会说的话，看小禾会怎么答、为什么；不会发给任何人，也不保存。").classes("soft advice")
        with ui.element("form").classes("bar").on("submit.prevent", ask):
            question = ui.input("客户会怎么问").props(f"outlined dense autofocus clearable maxlength={QUESTION_MAX}")
            ui.button("问").props("type=submit unelevated no-caps")
            if draft:
                add_button("试答必测题", lambda: page.attempt(try_out))
        results = ui.element("div").props("role=status")


def explain_trial(error: RequestError | None) -> None:
    """Shows the golden questions that would go wrong, if that is why an approval failed."""
    if isinstance(error, TrialFailed):
        with open_sheet(error.reason):
            draw_trial(error.trial)


def draw_trial(trial: TrialView) -> None:
    """How the golden questions fare with a draft."""
    if not trial.failures:
        ui.label(f"试答了{trial.questions}道必测题，没有变错的。")
        return
    ui.label(f"{len(trial.failures)}个问题会答错。请先改草稿，或者改相近的知识。").classes("problem")
    for failure in trial.failures:
        with ui.element("section").classes("draft"):
            ui.label(f"客户问：{failure.text}").classes("headline")
            ui.label(f"该答：{failure.expected or '不该回答'}")
            ui.label(f"发布后会答：{failure.found or '找不到'}").classes("problem")


def draw_hits(title: str, hits: Hits) -> None:
    """What was found, best first, and why."""
    with ui.element("section").classes("draft"):
        with ui.row().classes("card-head"):
            show_heading(title, 3)
            ui.label(OUTCOMES[hits.outcome]).classes("chip")
        ui.label(f"{ANSWER_SCORE:.0%}起直接回答，{SUGGEST_SCORE:.0%}起让客户选").classes("soft")
        for hit in hits.hits:
            _draw_hit(hit)


def _draw_hit(hit: Hit) -> None:
    ui.label(f"{hit.score:.0%}　{hit.question}").classes("headline")
    show_fact("最近问法", hit.nearest)
    show_fact("有多像", f"意思{max(0, hit.meaning):.0%}，字面{hit.wording:.0%}；相同的字：{hit.shared or '无'}")
