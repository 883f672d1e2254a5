"""Renders a turn's replies for WeChat and WeCom: one text in as few parts as fit, choices numbered or as a menu to tap.

Their texts are plain: an address in one can be tapped, a picture is an address.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.split_text import split_text
from conversations.schemas import ButtonView, MessageView

TEXT_BYTES_MAX = 2048
# 微信客服, 发送消息, 菜单消息. WeChat documents no limits for the same menus.
HEAD_BYTES_MAX, CHOICE_BYTES_MAX, CHOICES_MAX = 1024, 128, 10


@dataclass(frozen=True, slots=True)
class ChoiceMenu:
    """A menu message; a tapped choice is sent back with its token."""

    head: str
    choices: tuple[tuple[str, str], ...]  # token and title
    tail: str = "点一项即可，也可以直接打字。"


@dataclass(frozen=True, slots=True)
class Part:
    """One message to send. `menu` is the same content for accounts that may send menus."""

    text: str
    menu: ChoiceMenu | None = None


def render(messages: Sequence[MessageView], *, has_menus: bool) -> list[Part]:
    """The replies of a turn as one text, cut where it is too long; the choices stand at its end."""
    texts = filter(None, (message.text.strip() for message in messages))
    body = split_text("\n\n".join(texts), TEXT_BYTES_MAX)
    buttons = [button for message in messages for button in message.buttons]
    if not buttons:
        return [Part(text) for text in body]
    *before, head = body or [""]
    choices = _write_choices(buttons)
    last = f"{head}\n\n{choices}".strip()
    if len(last.encode()) > TEXT_BYTES_MAX:
        return [Part(text) for text in (*body, *split_text(choices, TEXT_BYTES_MAX))]
    return [*map(Part, before), Part(last, _make_menu(head, buttons) if has_menus else None)]


def _write_choices(buttons: Sequence[ButtonView]) -> str:
    numbered = [f"{button.number}. {button.title}" for button in buttons if button.number is not None]
    titles = "、".join(button.title for button in buttons if button.number is None)
    lines = [*numbered, "回复数字即可。"] if numbered else []
    return "\n".join([*lines, f"可直接回复：{titles}"] if titles else lines)


def _make_menu(head: str, buttons: Sequence[ButtonView]) -> ChoiceMenu | None:
    is_short = 0 < len(head.encode()) <= HEAD_BYTES_MAX and len(buttons) <= CHOICES_MAX
    if not is_short or any(len(button.title.encode()) > CHOICE_BYTES_MAX for button in buttons):
        return None
    return ChoiceMenu(head, tuple((button.token, button.title) for button in buttons))
