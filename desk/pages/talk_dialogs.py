"""Dialogs before a talk is closed, transferred or turned into a callback. Each calls a function with the answers."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from nicegui import ui

from desk.macros import MacroView
from desk.pages.open_page import OpenPage
from desk.pages.widgets import make_finish
from desk.presence import is_present
from desk.roles import ROLE_NAMES
from desk.schemas import StaffView
from desk.talks import DISPOSITIONS, NOTE_MAX, SUMMARY_MAX

REPLY_SHOWN = 30


def ask_disposition(layer: ui.element, draft: str, close: Callable[[str, str], Awaitable[bool]]) -> None:
    """Asks for the disposition and a summary, which may be the draft."""
    with _open(layer, "结束会话") as dialog:
        disposition = ui.radio(DISPOSITIONS).props('aria-label="处理结果"')
        summary = ui.textarea("小结：客户要什么，怎么办的", value=draft[:SUMMARY_MAX], placeholder="一句话即可")
        summary.props(f"outlined autogrow maxlength={SUMMARY_MAX}")
        if draft:
            ui.label("小结是按聊天记录起草的，请改好再结束。").classes("soft")
        _add_buttons(dialog, "结束", lambda: close(disposition.value or "", summary.value or ""))


def ask_colleague(
    layer: ui.element, title: str, colleagues: Mapping[str, str], give: Callable[[str, str], Awaitable[bool]]
) -> None:
    """Asks for a colleague and a message to them; `colleagues` by id."""
    with _open(layer, title) as dialog:
        if not colleagues:
            ui.label("现在没有别的同事在接待，可以给客户预约回电。")
        colleague = ui.select(dict(colleagues), label="同事", with_input=True).props("outlined")
        note = ui.input("给同事留句话（客户看不到）").props(f"outlined maxlength={NOTE_MAX}")
        _add_buttons(dialog, "确定", lambda: give(colleague.value or "", note.value or ""))


async def list_colleagues(page: OpenPage, *besides: str | None) -> dict[str, str]:
    """Who could take a customer now, `besides` some, by id; the least busy first."""
    load = await page.desk.handoffs.count_load()
    present = [each for each in await page.desk.accounts.list_staff() if is_present(each, page.desk.clock())]
    present.sort(key=lambda member: load.get(member.id, 0))

    def describe(member: StaffView) -> str:
        busy = load.get(member.id, 0)
        full = "，已满" if busy >= member.capacity else ""
        return f"{member.name}（{ROLE_NAMES[member.role]}，手头{busy}个{full}）"

    return {member.id: describe(member) for member in present if member.id not in besides}


def ask_call(layer: ui.element, phone: str, book: Callable[[str, str], Awaitable[bool]]) -> None:
    """Asks for the number to call, which may be known, and when."""
    with _open(layer, "预约回电") as dialog:
        number = ui.input("客户的手机号", value=phone).props("outlined inputmode=tel")
        wished = ui.input("客户希望什么时候（可不填）", placeholder="明天下午，周三10点").props("outlined maxlength=20")
        ui.label("客户会收到一句话：什么时候打给他。").classes("soft")
        _add_buttons(dialog, "登记", lambda: book(number.value or "", wished.value or ""))


def ask_next_try(layer: ui.element, tries: Mapping[int, str], miss: Callable[[int], Awaitable[bool]]) -> None:
    """Asks when to call again, after nobody answered; `tries` by the minutes until then."""
    with _open(layer, "没打通，什么时候再打") as dialog:
        ui.label("客户会收到一句话：刚才没打通，什么时候再打。")
        again = ui.radio(dict(tries), value=next(iter(tries))).props('aria-label="再打的时间"')
        _add_buttons(dialog, "记下", lambda: miss(again.value))


def ask_time(layer: ui.element, times: Mapping[int, str], snooze: Callable[[int], Awaitable[bool]]) -> None:
    """Asks until when to put a talk aside; `times` by the minutes until then."""
    with _open(layer, "稍后再看") as dialog:
        ui.label("排到列表最后；到时间提醒您，客户先说话就马上回来。客户看不到。")
        until = ui.radio(dict(times), value=next(iter(times))).props('aria-label="什么时候再看"')
        _add_buttons(dialog, "确定", lambda: snooze(until.value))


def ask_macro(layer: ui.element, macros: Sequence[MacroView], run: Callable[[MacroView], Awaitable[bool]]) -> None:
    """Asks which macro to run, with what each does."""
    with _open(layer, "快捷处理") as dialog:
        if not macros:
            ui.label("还没有快捷处理，主管可以在“常用语”里添加。")
            return
        titles = {macro.id: f"{macro.title}：{describe_macro(macro)}" for macro in macros}
        chosen = ui.radio(titles, value=macros[0].id).props('aria-label="快捷处理"')
        by_id = {macro.id: macro for macro in macros}
        _add_buttons(dialog, "执行", lambda: run(by_id[chosen.value]))


def describe_macro(macro: MacroView) -> str:
    """What a macro does, in order: 打标签“投诉”，回复客户，结束（已解决）."""
    acts = [
        f"打标签“{macro.label}”" if macro.label else "",
        "写备注" if macro.note else "",
        f"回复“{macro.reply[:REPLY_SHOWN]}{'…' if macro.reply[REPLY_SHOWN:] else ''}”" if macro.reply else "",
        f"结束（{DISPOSITIONS[macro.disposition]}）" if macro.disposition else "",
    ]
    return "，".join(filter(None, acts))


@contextmanager
def _open(layer: ui.element, title: str) -> Iterator[ui.dialog]:
    with layer, ui.dialog() as dialog, ui.card().classes("dialog"):
        ui.label(title).classes("title")
        yield dialog
    dialog.on("hide", dialog.delete)
    dialog.open()


def _add_buttons(dialog: ui.dialog, title: str, finish: Callable[[], Awaitable[bool]]) -> None:
    """The dialog stays open with its input until `finish` succeeds."""
    with ui.row().classes("dialog-buttons"):
        ui.button("取消", on_click=dialog.close, color=None).props("flat no-caps").classes("quiet")
        button = ui.button(title).props("unelevated no-caps")
    button.on_click(make_finish(dialog, button, finish))
