"""What customers read, as staff see it: with its links to open, and its pictures."""

from html import escape

from nicegui import ui

from knowledge.links import find_picture_path, split_links


def show_linked(text: str = "") -> ui.html:
    """A text with its links, which open in a new tab, and pictures."""
    return ui.html(write_linked(text), sanitize=False)


def write_linked(text: str) -> str:
    """The text as HTML."""
    return "".join(_write(words, address) for words, address in split_links(text))


def _write(words: str, address: str | None) -> str:
    if address is None:
        return escape(words)
    if path := find_picture_path(address):
        return f'<img class="illustration" src="{path}" alt="{escape(words)}">'
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(words)}</a>'
