"""The page of the encoder: which one reads the questions, how a tuning goes, and what it made better."""

from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any

from nicegui import ui

from desk.encoder_drafts import CONFIGURED, FIELD_NAMES, SHARES
from desk.pages.card_list import CardList
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS, RevisionViews, Wording
from desk.pages.widgets import add_button, add_style, confirm, show_fact, show_heading
from desk.wording import format_time
from knowledge.tuning.runs import TuningView
from revisions import rules
from revisions.schemas import Content, RevisionView

POLL_SECONDS = 3.0
OUTCOMES = {"drafted": "变好了，已起草", "not_better": "没有变好，不保留", "failed": "没有完成"}
STOPPED = "中断了"


def name_version(content: Content) -> str:
    """What an encoder is called."""
    return f"优化过的模型{content['fingerprint'][:6]}" if content["fingerprint"] else "自带的模型"


def list_facts(content: Content) -> list[tuple[str, str]]:
    """An encoder's metrics before and after."""
    return [(FIELD_NAMES[name], write_value(name, value)) for name, value in content.items()]


def write_value(field: str, value: Any) -> str:
    """A value as staff read it; shares as 61.2% → 64.0%."""
    if field == "fingerprint":
        return name_version({"fingerprint": value})
    if field in SHARES and value:
        return " → ".join(f"{share:.1%}" for share in value)
    return "无" if value is None else str(value)


WORDING = Wording(
    title=name_version,
    list_facts=list_facts,
    name_field=FIELD_NAMES.__getitem__,
    write_value=write_value,
    in_force="在用",
    consequence="客户的问题由它来读懂",
)


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    encoder = _Encoder(page)
    await encoder.load()
    page.repeat(encoder.load, seconds=POLL_SECONDS)
    encoder.views.follow()


class _Encoder:
    """What is in force, the draft that waits, the tuning that runs, and those before."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._drafts = page.desk.encoder_drafts
        self._tunings = page.desk.tunings
        self._versions: list[RevisionView] = []
        self.views = RevisionViews(page, self._drafts, WORDING, self.load)
        with ui.row().classes("bar"):
            show_heading("找答案的模型")
            self._begin = add_button("开始优化", self._start)
            self._begin.set_visibility(page.may("draft_entries"))
        ui.label(
            "小禾靠它读懂客户的说法。优化就是拿在用的知识问法、客户点选过的问题再教它一遍，约十分钟；"
            "每十个问法留一个不教，用来比较前后。变好了才起草，另一位同事通过后所有渠道一起换。"
        ).classes("soft advice")
        self._running = ui.element("section").classes("draft")
        with self._running:
            self._stage = ui.label().props("role=status")
            self._bar = ui.linear_progress(value=0, show_value=False).props('aria-label="进度"')
        self._current = CardList(self._draw_current, "")
        with ui.row().classes("bar"):
            show_heading("做过的优化", 2)
        self._runs = CardList(self._draw_run, "还没有优化过")

    async def load(self) -> None:
        """Shows how things stand."""
        if not await self._page.check():
            return
        await self.views.load()
        self._versions = await self._drafts.list_versions(self._page.staff)
        runs, now = await self._tunings.list_all(self._page.staff), self._page.desk.clock()
        running = next((run for run in runs if run.is_running(now)), None)
        self._running.set_visibility(running is not None)
        if running:
            self._stage.set_text(_describe_stage(running, now))
            self._bar.set_value(running.share)
        self._begin.set_enabled(running is None and rules.find_draft(self._versions) is None)
        self._current.show({"encoder": (self._versions, self.views.notes)})
        self._runs.show({run.id: run for run in runs if run is not running})

    async def _start(self) -> None:
        what = "约十分钟，期间小禾照常回答，只是慢一点。可以离开这一页。"
        if await confirm("开始优化？", what, "开始"):
            begin = partial(self._tunings.begin, self._page.staff)
            await self._page.attempt(begin, "已开始，马上就能看到进度", self.load)

    def _draw_current(self, shown: object) -> None:
        effective = rules.find_effective(self._versions, self._drafts.read_today())
        content = effective.content if effective else CONFIGURED
        with ui.row().classes("card-head"):
            show_heading(name_version(content), 2)
            ui.label("在用").classes("chip")
        for name, value in list_facts(content)[1:]:
            show_fact(name, value)
        if draft := rules.find_draft(self._versions):
            self.views.draw_draft(draft, self._versions)
        with ui.row().classes("card-foot"):
            if self._versions:
                add_button("历史", partial(self.views.open_history, self._versions))
            if content != CONFIGURED and draft is None and self._page.may("draft_entries"):
                add_button("换回自带的", self._go_back)

    async def _go_back(self) -> None:
        what = "会起草换回自带的模型，由另一位同事审核；优化过的这一版留着，可以再换回来。"
        if await confirm("换回自带的模型？", what, "起草"):
            draft = partial(self._drafts.draft_version, self._page.staff, CONFIGURED)
            await self._page.attempt(draft, WAITS, self.load)

    def _draw_run(self, run: TuningView) -> None:
        with ui.row().classes("card-head"):
            ui.label(f"{format_time(run.started_at)}，{self.views.name([run.started_by])}")
            ui.label(OUTCOMES[run.outcome] if run.outcome else STOPPED).classes("chip")
        show_fact("问法", f"{run.questions}个")
        if run.problem:
            show_fact("原因", run.problem)
        if run.before and run.after:
            for name in SHARES:
                show_fact(FIELD_NAMES[name], write_value(name, [getattr(run.before, name), getattr(run.after, name)]))


def _describe_stage(run: TuningView, now: datetime) -> str:
    left = run.estimate_left(now)
    more = f"，还要约{ceil(left / timedelta(minutes=1))}分钟" if left else ""
    return f"正在优化：{run.stage or '准备'}（{run.share:.0%}）{more}"
