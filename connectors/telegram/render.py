"""Renders one turn's replies as as few Telegram messages as possible."""

import unicodedata
from collections.abc import Sequence

from connectors.split_text import split_text
from conversations.schemas import ButtonView, MessageView, Value
from knowledge.links import find_picture_path, split_links

ENCODING = "utf-16-le"  # Telegram counts UTF-16 code units, 4,096 of them
TEXT_BYTES_MAX = 4096 * 2
SHORT_TITLE_WIDTH = 16  # two such titles, of eight Chinese characters each, fit beside each other on a phone
BUTTONS_ONLY = "请选择："

Row = tuple[ButtonView, ...]


class Part(Value):
    """One message to send: a text, the rows of buttons under it, and the address in the text to show as a picture."""

    text: str
    rows: tuple[Row, ...] = ()
    picture: str | None = None


def render_replies(messages: Sequence[MessageView]) -> list[Part]:
    """All texts as one, cut only where it is too long, with all buttons under the end."""
    texts = [message.text.strip() for message in messages]
    rows = arrange_buttons([button for message in messages for button in message.buttons])
    pieces = split_text("\n\n".join(filter(None, texts)), TEXT_BYTES_MAX, ENCODING)
    if rows and not pieces:
        pieces = [BUTTONS_ONLY]
    return [
        Part(text=piece, rows=rows if piece is pieces[-1] else (), picture=_find_picture(piece)) for piece in pieces
    ]


def is_short_enough(text: str) -> bool:
    """Whether Telegram takes the text as one message."""
    return len(text.encode(ENCODING)) <= TEXT_BYTES_MAX


def arrange_buttons(buttons: Sequence[ButtonView]) -> tuple[Row, ...]:
    """Rows of two short titles; a long one has a row of its own."""
    rows: list[Row] = []
    for button in buttons:
        if rows and len(rows[-1]) == 1 and _is_short(rows[-1][0]) and _is_short(button):
            rows[-1] = (*rows[-1], button)
        else:
            rows.append((button,))
    return tuple(rows)


def _find_picture(text: str) -> str | None:
    addresses = (address for _, address in split_links(text) if address and find_picture_path(address))
    return next((address for address in addresses if address.startswith("https://")), None)


def _is_short(button: ButtonView) -> bool:
    width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in button.title)
    return width <= SHORT_TITLE_WIDTH
