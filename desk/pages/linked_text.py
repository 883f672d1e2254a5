"""What customers read, as staff see it: with its links to open."""

from html import escape

from nicegui import ui

from knowledge.links import split_links


def show_linked(text: str = "") -> ui.html:
    """A text whose links open in a new tab."""
    return ui.html(write_linked(text), sanitize=False)


def write_linked(text: str) -> str:
    """The text as HTML."""
    return "".join(
        f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(words)}</a>'
        if address
        else escape(words)
        for words, address in split_links(text)
    )
