"""Dialogs before a talk is closed, transferred or turned into a callback. Each calls a function with the answers."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from nicegui import ui

from desk.assignment import list_serving, list_skilled
from desk.macros import MacroView
from desk.pages.open_page import OpenPage
from desk.pages.widgets import make_finish
from desk.presence import is_present
from desk.roles import ROLE_NAMES
from desk.schemas import StaffView
from desk.talks import DISPOSITIONS, NOTE_MAX, SUMMARY_MAX
from desk.wording import name_reasons
from products.catalogue import list_products

REPLY_SHOWN = 30


def ask_disposition(layer: ui.element, draft: str, close: Callable[[str, str], Awaitable[bool]]) -> ui.dialog:
    """Asks for the disposition and a summary, which may be the draft."""
    with _open(layer, "结束会话") as dialog:
        disposition = ui.radio(DISPOSITIONS).props('aria-label="处理结果"')
        summary = ui.textarea("小结：客户要什么，怎么办的", value=draft[:SUMMARY_MAX], placeholder="一句话即可")
        summary.props(f"outlined autogrow maxlength={SUMMARY_MAX}")
        if draft:
            ui.label("小结是按聊天记录起草的，请改好再结束。").classes("soft")
        _add_buttons(dialog, "结束", lambda: close(disposition.value or "", summary.value or ""))
    return dialog


def ask_colleague(
    layer: ui.element, title: str, colleagues: Mapping[str, str], give: Callable[[str, str], Awaitable[bool]]
) -> ui.dialog:
    """Asks for a colleague and a message to them; `colleagues` by id."""
    with _open(layer, title) as dialog:
        if not colleagues:
            ui.label("现在没有别的同事在接待。")
            _add_buttons(dialog)
            return dialog
        colleague = ui.select(dict(colleagues), label="同事", with_input=True).props("outlined")
        note = _add_note_field()
        _add_buttons(dialog, "确定", lambda: give(colleague.value or "", note.value or ""))
    return dialog


def ask_receiver(
    layer: ui.element,
    colleagues: Mapping[str, str],
    skills: Mapping[str, str],
    transfer: Callable[[str, str], Awaitable[bool]],
    requeue: Callable[[str, str], Awaitable[bool]],
) -> ui.dialog:
    """Asks who goes on with a customer, and for a message to them.

    `transfer` is called with one of the `colleagues` by id, `requeue` with one of the `skills`, or none for anybody.
    """
    queue = {"": "放回排队，谁先有空谁接"}
    queue = {skill: f"放回排队，先找{name}" for skill, name in skills.items()} | queue
    with _open(layer, "转接") as dialog:
        if not colleagues:
            ui.label("现在没有别的同事在接待，也可以给客户预约回电。")
        ui.label("您不再接待这位客户；前面的对话，接手的同事都看得到。")
        receiver = ui.select(dict(colleagues) | queue, label="转给", with_input=True).props("outlined")
        note = _add_note_field()

        async def give() -> bool:
            act = requeue if receiver.value in queue else transfer
            return await act(receiver.value or "", note.value or "")

        _add_buttons(dialog, "转接", give)
    return dialog


async def list_colleagues(page: OpenPage, *besides: str | None) -> dict[str, str]:
    """Who could take a customer now, `besides` some, by id; the least busy first."""
    load = await page.desk.handoffs.count_load()
    present = await _list_present(page)
    present.sort(key=lambda member: load.get(member.id, 0))

    def describe(member: StaffView) -> str:
        busy = load.get(member.id, 0)
        full = "，已满" if busy >= member.capacity else ""
        return f"{member.name}（{ROLE_NAMES[member.role]}，手头{busy}个{full}）"

    return {member.id: describe(member) for member in present if member.id not in besides}


async def _list_present(page: OpenPage) -> list[StaffView]:
    return [each for each in await page.desk.accounts.list_staff() if is_present(each, page.desk.clock())]


async def list_skills(page: OpenPage, *besides: str | None) -> dict[str, str]:
    """What somebody who could take a customer now, `besides` some, is asked first for: reasons, then products."""
    load, asked_first = await page.desk.handoffs.count_load(), await page.desk.skills.list_all()
    present = await _list_present(page)
    others = [each for each in list_serving(present) if each.id not in besides and load.get(each.id, 0) < each.capacity]
    reasons = {reason: f"专门接待“{name}”的同事" for reason, name in name_reasons().items()}
    products = {product.id: f"熟悉{product.name}的同事" for product in list_products()}
    return {skill: name for skill, name in (reasons | products).items() if list_skilled(others, skill, asked_first)}


def ask_call(layer: ui.element, known: str, booked: str, book: Callable[[str, str], Awaitable[bool]]) -> ui.dialog:
    """Asks for the number to call, and when; `known` is a masked one that is taken if none is written.

    `booked` is the call that was promised before.
    """
    with _open(layer, "预约回电") as dialog:
        if booked:
            ui.label(f"已经约过回电（{booked}），登记后只按这一次的打。")
        number = ui.input("客户的手机号").props("outlined inputmode=tel")
        if known:
            number.props(f'placeholder="不填就打{known}" stack-label')
        wished = ui.input("客户希望什么时候（可不填）", placeholder="明天下午，周三10点").props("outlined maxlength=20")
        ui.label("客户会收到一句话：什么时候打给他。").classes("soft")
        _add_buttons(dialog, "登记", lambda: book(number.value or "", wished.value or ""))
    return dialog


def ask_other_time(layer: ui.element, move: Callable[[str], Awaitable[bool]]) -> ui.dialog:
    """Asks when the customer wishes to be called instead."""
    with _open(layer, "改回电时间") as dialog:
        wished = ui.input("客户希望什么时候", placeholder="明天下午，周三10点").props("outlined maxlength=20")
        ui.label("客户会收到一句话：什么时候打给他。").classes("soft")
        _add_buttons(dialog, "改时间", lambda: move(wished.value or ""))
    return dialog


def ask_next_try(layer: ui.element, tries: Mapping[int, str], miss: Callable[[int], Awaitable[bool]]) -> ui.dialog:
    """Asks when to call again, after nobody answered; `tries` by the minutes until then."""
    with _open(layer, "没打通，什么时候再打") as dialog:
        ui.label("客户会收到一句话：刚才没打通，什么时候再打。")
        again = ui.radio(dict(tries), value=next(iter(tries))).props('aria-label="再打的时间"')
        _add_buttons(dialog, "记下", lambda: miss(again.value))
    return dialog


def ask_time(layer: ui.element, times: Mapping[int, str], snooze: Callable[[int], Awaitable[bool]]) -> ui.dialog:
    """Asks until when to put a talk aside; `times` by the minutes until then."""
    with _open(layer, "稍后再看") as dialog:
        ui.label("排到列表最后；到时间提醒您，客户先说话就马上回来。客户看不到。")
        until = ui.radio(dict(times), value=next(iter(times))).props('aria-label="什么时候再看"')
        _add_buttons(dialog, "确定", lambda: snooze(until.value))
    return dialog


def ask_macro(
    layer: ui.element,
    macros: Sequence[MacroView],
    write_reply: Callable[[MacroView], str],
    run: Callable[[MacroView], Awaitable[bool]],
) -> ui.dialog:
    """Asks which macro to run, with what each does, and shows what the customer would read."""
    by_id = {macro.id: macro for macro in macros}

    def show_reply() -> None:
        reply.set_text(write_reply(by_id[chosen.value]))
        read.set_visibility(bool(reply.text))

    with _open(layer, "快捷处理") as dialog:
        if not macros:
            ui.label("还没有快捷处理，主管可以在“常用语”里添加。")
            _add_buttons(dialog)
            return dialog
        titles = {macro.id: f"{macro.title}：{describe_macro(macro)}" for macro in macros}
        chosen = ui.radio(titles, value=macros[0].id, on_change=show_reply).props('aria-label="快捷处理"')
        with ui.element("div").props('role="status"') as read:
            ui.label("客户会收到：").classes("soft")
            reply = ui.label().classes("words")
        show_reply()
        _add_buttons(dialog, "执行", lambda: run(by_id[chosen.value]))
    return dialog


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


def _add_note_field() -> ui.input:
    return ui.input("给同事留句话（客户看不到）").props(f"outlined maxlength={NOTE_MAX}")


def _add_buttons(dialog: ui.dialog, title: str = "", finish: Callable[[], Awaitable[bool]] | None = None) -> None:
    """The dialog stays open with its input until `finish` succeeds."""
    with ui.row().classes("dialog-buttons"):
        ui.button("取消" if finish else "关闭", on_click=dialog.close, color=None).props("flat no-caps").classes(
            "quiet"
        )
        if finish is None:
            return
        button = ui.button(title).props("unelevated no-caps")
    button.on_click(make_finish(dialog, button, finish))
