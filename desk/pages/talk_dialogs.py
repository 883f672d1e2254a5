"""The questions asked before a talk ends, moves to a colleague, or becomes a call."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nicegui import ui

from desk.pages.toasts import show_toast
from desk.presence import is_present
from desk.roles import ROLE_NAMES
from desk.schemas import StaffView
from desk.talks import DISPOSITIONS, SUMMARY_MAX

if TYPE_CHECKING:
    from desk.pages.talk import TalkPage

GiveTo = Callable[[StaffView, str, str, str], Awaitable[Any]]


def ask_disposition(page: "TalkPage") -> None:
    """How it ended, and in one sentence what it was about."""
    with _open(page) as dialog:
        ui.label("结束会话").classes("title")
        disposition = ui.radio(DISPOSITIONS).props('aria-label="处理结果"')
        summary = ui.textarea("小结：客户要什么，怎么办的", placeholder="一句话即可").props(
            f"outlined autogrow maxlength={SUMMARY_MAX}"
        )
        _finish(
            page,
            dialog,
            "结束",
            lambda: page.desk.talks.close(
                page.visit.staff, page.handoff.id, disposition.value or "", summary.value or ""
            ),
        )


async def ask_colleague(page: "TalkPage", title: str, give: GiveTo) -> None:
    """Who of those who are there goes on; who has least stands first."""
    load = await page.desk.handoffs.count_load()
    others = [
        member
        for member in await page.desk.accounts.list_staff()
        if is_present(member, page.desk.clock()) and member.id not in (page.handoff.agent_id, page.visit.staff.id)
    ]
    others.sort(key=lambda member: load.get(member.id, 0))
    options = {member.id: _describe(member, load.get(member.id, 0)) for member in others}
    with _open(page) as dialog:
        ui.label(title).classes("title")
        if not options:
            ui.label("现在没有别的同事在接待，可以给客户预约回电。")
        colleague = ui.select(options, label="同事", with_input=True).props("outlined")
        note = ui.input("给同事留句话（客户看不到）").props("outlined maxlength=200")
        _finish(
            page,
            dialog,
            "确定",
            lambda: give(page.visit.staff, page.handoff.id, colleague.value or "", note.value or ""),
        )


def ask_phone(page: "TalkPage") -> None:
    """Where to call."""
    with _open(page) as dialog:
        ui.label("预约回电").classes("title")
        phone = ui.input("客户的手机号").props("outlined inputmode=tel")
        _finish(
            page,
            dialog,
            "登记",
            lambda: page.desk.talks.book_callback(page.visit.staff, page.handoff.id, phone.value or ""),
        )


async def call(page: "TalkPage") -> None:
    """Dials; the number is shown in full to who calls, which is written down."""
    if await page.visit.attempt(lambda: page.desk.talks.record_unmasking(page.visit.staff, page.handoff.id)):
        number = page.handoff.callback_phone or ""
        show_toast(f"客户电话 {number}", seconds=60)
        ui.run_javascript(f"window.desk?.call({number!r})")


@contextmanager
def _open(page: "TalkPage") -> Iterator[ui.dialog]:
    """A dialog of the page: what opened it may go when the talk moves on, and the dialog would go with it."""
    with page.layer, ui.dialog() as dialog, ui.card().classes("dialog"):
        yield dialog
    dialog.on("hide", dialog.delete)
    dialog.open()


def _describe(member: StaffView, load: int) -> str:
    return f"{member.name}（{ROLE_NAMES[member.role]}，手头{load}个）"


def _finish(page: "TalkPage", dialog: ui.dialog, title: str, work: Callable[[], Awaitable[Any]]) -> None:
    async def act() -> None:
        if await page.visit.attempt(work):
            dialog.close()
            await page.refresh()

    with ui.row().classes("dialog-buttons"):
        ui.button("取消", on_click=dialog.close, color=None).props("flat no-caps").classes("quiet")
        ui.button(title, on_click=act).props("unelevated no-caps")
