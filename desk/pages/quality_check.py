"""One quality check: the talk on the left, the sheet beside it; supervisors fill it in, the agent answers it."""

from functools import partial

from fastapi import Request
from nicegui import ui
from starlette.exceptions import HTTPException

from conversations.handoff.schemas import HandoffView
from desk.entrance import REFUSAL
from desk.pages.frame import frame
from desk.pages.open_page import OpenPage
from desk.pages.quality_sheet import SheetFields, show_sheet
from desk.pages.talk_log import TalkLog
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_fact, show_heading
from desk.quality.schemas import STATE_NAMES, CheckView
from desk.quality.service import SUBJECT, WORDS_MAX
from desk.services import DeskServices
from desk.talks import DISPOSITIONS
from desk.wording import CHANNELS, describe_reason, format_time, name_customer
from kit.errors import RequestError
from kit.masking import mask_personal_data
from kit.pubsub import Signal

POLL_SECONDS = 60.0
GONE = "会话已经到期删除，只留下打分"


def register(desk: DeskServices) -> None:
    """The pages at /quality/… for supervisors and /my-quality/… for the agent."""

    @ui.page("/quality/{check_id}")
    async def show_to_supervisor(request: Request, check_id: str) -> None:
        await _build(OpenPage(desk, request, "oversee"), request, check_id, "/quality")

    @ui.page("/my-quality/{check_id}")
    async def show_to_agent(request: Request, check_id: str) -> None:
        await _build(OpenPage(desk, request, "talk"), request, check_id, "/my-quality")


async def _build(page: OpenPage, request: Request, check_id: str, place: str) -> None:
    try:
        check = await page.desk.quality_checks.get(page.staff, check_id)
        if (check.agent_id == page.staff.id) != (place == "/my-quality"):
            raise RequestError(404, "no_check", "没有这份质检")
    except RequestError as error:
        setattr(request.state, REFUSAL, error.code)
        raise HTTPException(error.status, error.reason) from error
    try:
        handoff = await page.desk.talks.open(page.staff, check.handoff_id)
    except RequestError:  # it has expired
        handoff = None
    with frame(page, "质检", place):
        add_style()
        ui.add_head_html('<link rel="stylesheet" href="/static/quality.css">')
        await _CheckPage(page, check, handoff, place).build()


class _CheckPage:
    """One open page."""

    def __init__(self, page: OpenPage, check: CheckView, handoff: HandoffView | None, place: str) -> None:
        self._page = page
        self._check = check
        self._handoff = handoff
        self._place = place
        self._checks = page.desk.quality_checks
        self._names: dict[str, str] = {}

    async def build(self) -> None:
        """The body."""
        self._names = {member.id: member.name for member in await self._page.desk.accounts.list_staff()}
        with ui.row().classes("bar"):
            handoff = self._handoff
            show_heading(name_customer(handoff.customer_id, handoff.name) if handoff else "已删除的会话")
            ui.link("回到列表", self._place).classes("go")
        with ui.element("div").classes("check"):
            with ui.element("section").classes("card talk-read"):
                await self._show_talk()
            self._area = ui.element("section").classes("card sheet-side")
        self._show_sheet()
        self._page.follow([SUBJECT], self._follow, POLL_SECONDS)

    async def _show_talk(self) -> None:
        handoff = self._handoff
        if handoff is None or handoff.ended_at is None:
            ui.label(GONE).classes("empty")
            return
        with ui.row().classes("card-head"):
            ui.label(describe_reason(handoff.reason, handoff.topic)).classes("chip")
            ui.label(CHANNELS.get(handoff.channel, handoff.channel)).classes("chip plain")
            if handoff.rating is not None:
                chip = ui.label(f"客户评{handoff.rating}分").classes("chip")
                chip.classes("urgent" if handoff.rating <= 2 else "")
        show_fact("坐席", self._names.get(self._check.agent_id, "未知"))
        show_fact(
            "时间",
            f"{format_time(handoff.requested_at)}要人工，{format_time(handoff.ended_at, handoff.requested_at)}结束",
        )
        if handoff.disposition:
            show_fact("结果", DISPOSITIONS.get(handoff.disposition, handoff.disposition))
        if handoff.comment:
            show_fact("评价", mask_personal_data(handoff.comment))
        if handoff.summary:
            show_fact("小结", mask_personal_data(handoff.summary))
        await TalkLog(self._page.desk, handoff.conversation_id, self._names, handoff.period).refresh()

    def _show_sheet(self) -> None:
        check, me = self._check, self._page.staff.id
        self._area.clear()
        with self._area:
            with ui.row().classes("card-head"):
                show_heading("评分表", 2)
                ui.label(STATE_NAMES[check.state]).classes("chip" + (" urgent" if check.state == "objected" else ""))
            who = self._names.get(check.checker_id, "同事")
            if check.state == "open" and check.checker_id == me:
                self._show_form()
            elif check.state == "open":
                ui.label(f"{who}正在质检这个会话").classes("soft")
                with ui.row().classes("card-foot"):
                    add_button("接过来", self._take_over)
            else:
                show_sheet(check)
                show_fact("质检", f"{who}，{format_time(check.delivered_at or check.drawn_at)}")
                self._show_words()
                self._show_answers()

    def _show_words(self) -> None:
        check = self._check
        for name, words in (("反馈", check.feedback), ("异议", check.objection), ("答复", check.settlement)):
            if words:
                with ui.element("div").classes("note"):
                    ui.label(name).classes("soft")
                    ui.label(words).classes("words")
        if check.feedback is None:
            ui.label("文字已按期清空").classes("soft")

    def _show_answers(self) -> None:
        check = self._check
        is_own = check.agent_id == self._page.staff.id
        with ui.row().classes("card-foot"):
            if is_own and check.state == "delivered":
                add_button("有异议", self._object)
                ui.button("看过了，确认", on_click=self._acknowledge).props("unelevated no-caps")
            elif not is_own and check.state == "objected":
                ui.button("处理异议", on_click=self._settle).props("unelevated no-caps")

    def _show_form(self) -> None:
        check = self._check

        async def save() -> None:
            marks, words = fields.marks, feedback.value or ""
            if await self._page.attempt(partial(self._checks.save, self._page.staff, check.id, marks, words)):
                saved.set_text(f"已存草稿：选了{len(marks)}项，反馈{len(words)}字")

        def mark(error: RequestError | None) -> None:
            problems = error.problems if error else {}
            fields.show_problems(problems)
            feedback.error = problems.get("feedback")

        async def deliver() -> None:
            button.props("loading")
            give = partial(self._checks.deliver, self._page.staff, check.id, fields.marks, feedback.value or "")
            await self._page.attempt(give, "已发给坐席", self._reload, mark)
            button.props(remove="loading")

        fields = SheetFields(check.sheet, check.marks, save)
        feedback = ui.textarea("写给坐席的反馈", value=check.feedback or "").classes("whole")
        feedback.props(f"outlined autogrow counter maxlength={WORDS_MAX} debounce=400")
        feedback.on_value_change(save)
        saved = ui.label().classes("soft").props("role=status")
        with ui.row().classes("card-foot"):
            add_button("不查这个", self._discard)
            button = ui.button("发给坐席", on_click=deliver).props("unelevated no-caps")

    def _settle(self) -> None:
        check = self._check

        def mark(error: RequestError | None) -> None:
            problems = error.problems if error else {}
            fields.show_problems(problems)
            words.error = problems.get("settlement")

        async def save() -> bool:
            settle = partial(self._checks.settle, self._page.staff, check.id, fields.marks, words.value or "")
            return await self._page.attempt(settle, "已答复坐席", self._reload, mark)

        with open_form("处理异议", save, "答复"):
            ui.label(check.objection or "").classes("words whole")
            with ui.element("div").classes("whole"):
                fields = SheetFields(check.sheet, check.marks)
            words = ui.textarea("答复：改不改，为什么").classes("whole")
            words.props(f"outlined dense autogrow counter maxlength={WORDS_MAX}")

    def _object(self) -> None:
        def mark(error: RequestError | None) -> None:
            words.error = error.problems.get("objection") if error else None

        async def save() -> bool:
            object_to = partial(self._checks.object_to, self._page.staff, self._check.id, words.value or "")
            return await self._page.attempt(object_to, "已交给主管", self._reload, mark)

        with open_form("提出异议", save, "提交"):
            ui.label("只能提一次，主管会答复您。").classes("soft whole")
            words = ui.textarea("哪里不同意，为什么").classes("whole")
            words.props(f"outlined dense autofocus autogrow counter maxlength={WORDS_MAX}")

    async def _acknowledge(self) -> None:
        acknowledge = partial(self._checks.acknowledge, self._page.staff, self._check.id)
        await self._page.attempt(acknowledge, "已确认", self._reload)

    async def _take_over(self) -> None:
        who = self._names.get(self._check.checker_id, "同事")
        if await confirm("接过这份质检？", f"{who}会收到通知，不能再填这份。", "接过来"):
            await self._page.attempt(
                partial(self._checks.take_over, self._page.staff, self._check.id), "已接过来", self._reload
            )

    async def _discard(self) -> None:
        if await confirm("不查这个会话？", "填到一半的评分会丢掉，以后还可能抽到它。", "不查了"):
            discard = partial(self._checks.discard, self._page.staff, self._check.id)
            if await self._page.attempt(discard):
                self._page.leave(self._place, "好的，不查这个会话")

    async def _reload(self) -> None:
        self._check = await self._checks.get(self._page.staff, self._check.id)
        self._show_sheet()

    async def _follow(self, signals: list[Signal]) -> None:
        """What colleagues do shows at once; what is being typed stays."""
        before = self._check

        async def read() -> None:
            self._check = await self._checks.get(self._page.staff, before.id)

        if not any(signal.by == before.id for signal in signals) or not await self._page.attempt(read):
            return
        if (before.state, before.checker_id) != (self._check.state, self._check.checker_id):
            self._show_sheet()
