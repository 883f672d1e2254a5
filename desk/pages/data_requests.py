"""The page of customers' requests about their data, with deadlines, and of what the retention deleted."""

from collections.abc import Sequence
from typing import cast

from nicegui import ui

from applications.schemas import CORRECTABLE, ManagedApplication
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, add_style, confirm, open_form, show_all, show_fact, show_heading
from desk.wording import format_time, name_customer
from kit.masking import mask_personal_data
from privacy.retention import load_retention
from privacy.rights.requests import ANSWER_LENGTH_MAX
from privacy.schemas import IDENTITY_NAMES, REQUEST_NAMES, Identity, RequestState, RequestView, RetentionRunView

STATES: dict[RequestState, str] = {"open": "待处理", "done": "已答复", "refused": "未予办理"}
POLL_SECONDS = 20.0
DONE_ADVICE = "在别处办好以后点：只答复客户，这里什么都不改。"
ERASURE_ADVICE = "先核实是本人。聊天记录、测算、没人办过的申请马上删，删了找不回来；删了什么、留了什么会告诉客户。"
COPY_ADVICE = "先核实是本人，再当面或用加密邮件交给客户。下载会留下记录。"


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    await _RequestsPage(page).load()


class _RequestsPage:
    """The list; redrawn only on a change."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._requests = page.desk.data_requests
        self._shown: Sequence[RequestView] | None = None
        self._identities: dict[int, str] = {}  # verified phones
        with ui.row().classes("bar"):
            show_heading("客户权利")
            ui.label("自动更新").classes("soft")
        with ui.element("div").classes("stacked"):
            ui.label("客户要看、更正、撤回或删除个人信息，要人来办的都在这里。15个工作日内要答复。").classes("soft")
            self._cards = ui.element("div").classes("cards")
            show_heading("到期删除", 2)
            self._runs = ui.element("div").classes("log").props("role=list aria-label=到期删除")
        page.repeat(self.load, seconds=POLL_SECONDS)

    async def load(self) -> None:
        """Reads the requests anew."""
        requests = await self._requests.list_all(self._page.staff)
        if requests == self._shown:
            return
        self._shown = requests
        for request in requests:
            verified = await self._page.desk.list_verified_phones(request.conversation_id)
            self._identities[request.id] = "、".join(map(mask_personal_data, sorted(verified)))
        show_all(self._cards, requests, self._draw, "没有请求")
        show_all(self._runs, await self._page.desk.retention.list_runs(), _draw_run, "还没有运行过")

    def _draw(self, request: RequestView) -> None:
        is_open = request.state == "open"
        is_late = is_open and request.due_at < self._page.desk.clock()
        with ui.element("article").classes("card" if is_open else "card left"):
            with ui.row().classes("card-head"):
                ui.label(STATES[request.state]).classes("chip urgent" if is_late else "chip")
                show_heading(f"{REQUEST_NAMES[request.kind]}·{name_customer(request.customer_id)}", 2)
            show_fact("提出", format_time(request.asked_at))
            show_fact("期限" if not is_late else "已超期", format_time(request.due_at))
            phones = self._identities.get(request.id)
            if is_open or request.identity:
                told = IDENTITY_NAMES[request.identity] if request.identity else "还没有核实是本人"
                show_fact("身份", f"号码{phones}已核实" if phones else told)
            if request.claim:
                claim = show_fact("客户说", mask_personal_data(request.claim))
            if request.answer:
                show_fact("答复", mask_personal_data(request.answer))
            with ui.row().classes("card-foot"):
                if request.kind == "access" and is_open:
                    address = f"/data-requests/{request.id}/copy"
                    with ui.element("form").props(f"method=post action={address}"):
                        ui.button("下载副本", color=None).props("type=submit flat no-caps").classes("quiet").tooltip(
                            COPY_ADVICE
                        )
                if request.kind == "erasure" and is_open:
                    add_button("删除本对话的信息", lambda: self._erase(request))
                if is_open and request.claim != mask_personal_data(request.claim):
                    add_button("显示完整号码", lambda: self._unmask(request, claim))
                if is_open and not phones and not request.identity and request.kind != "withdrawal":
                    add_button("已核实身份", lambda: self._record_identity(request))
                if is_open:
                    done = add_button("办好了", lambda: self._open(request, "done"))
                    if request.kind != "correction":
                        done.tooltip(DONE_ADVICE)
                    add_button("不予办理", lambda: self._open(request, "refused"))

    async def _unmask(self, request: RequestView, claim: ui.label) -> None:
        async def show() -> None:
            claim.set_text(await self._requests.show_claim(self._page.staff, request))

        await self._page.attempt(show)

    async def _record_identity(self, request: RequestView) -> None:
        async def save() -> bool:
            identity = cast(Identity, how.value)
            return await self._page.attempt(
                lambda: self._requests.record_identity(self._page.staff, request, identity), "已记下", self.load
            )

        with open_form("怎样核实是本人的？", save):
            how = ui.radio(dict(IDENTITY_NAMES)).classes("whole")

    async def _erase(self, request: RequestView) -> None:
        kept = await self._requests.tell_kept(self._page.staff, request)
        if await confirm("删除本对话的信息", "".join([ERASURE_ADVICE, *kept]), "删除并答复客户"):
            await self._page.attempt(
                lambda: self._requests.erase(self._page.staff, request), "已删除，并答复了客户", self.load
            )

    async def _open(self, request: RequestView, state: RequestState) -> None:
        correctable: Sequence[ManagedApplication] = []
        if request.kind == "correction" and state == "done":
            correctable = await self._requests.list_applications(self._page.staff, request)

        async def save() -> bool:
            corrections = {field: str(widget.value or "") for field, widget in fields.items()}
            number = str(chosen.value or "") if chosen else ""
            return await self._page.attempt(
                lambda: self._requests.decide(
                    self._page.staff, request, state, str(answer.value or ""), corrections, number
                ),
                "已答复客户",
                self.load,
            )

        title = f"{STATES[state]}：{REQUEST_NAMES[request.kind]}"
        fields: dict[str, ui.input] = {}
        chosen = None
        with open_form(title, save, "答复客户"):
            if correctable:
                numbers = {application.id: application.number for application in correctable}
                chosen = ui.select(numbers, label="更正哪笔申请", value=next(iter(numbers))).props("outlined dense")
                for field, name in CORRECTABLE.items():
                    fields[field] = ui.input(f"{name}改成（不改留空）").props("outlined dense")
            answer = ui.textarea("给客户的答复").classes("whole").props(f"outlined maxlength={ANSWER_LENGTH_MAX}")
            if state == "refused":
                ui.label("请写明依据：法律要求保留，或没能核实是本人。").classes("soft whole")


def _draw_run(run: RetentionRunView) -> None:
    kinds = load_retention().kinds
    counts = {
        kinds[kind].name if kind in kinds else "空的客户记录": count for kind, count in run.counts.items() if count
    }
    told = "，".join(f"{name}{count}" for name, count in counts.items()) or "没有到期的"
    with ui.element("div").classes("record").props("role=listitem"):
        ui.label(run.day).classes("soft")
        ui.label("已完成" if run.finished_at else "进行中").classes("actor")
        ui.label(told)
