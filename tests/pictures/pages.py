"""Pages as a recogniser gives them, from plain text."""

from pictures.lines import Line, Page


def make_lines(text: str, confidence: float = 0.99) -> list[Line]:
    """A line of text becomes a row; what two spaces or more part stands apart, a character 20 pixels wide."""
    lines = []
    for row, written in enumerate(text.strip("\n").splitlines()):
        column = 0
        for cell in written.split("  "):
            if cell.strip():
                left = 20.0 * (column + len(cell) - len(cell.lstrip()))
                width = 20.0 * len(cell.strip())
                lines.append(Line(cell.strip(), left, row * 40.0, left + width, row * 40.0 + 30, confidence))
            column += len(cell) + 2
    return lines


def make_page(text: str, confidence: float = 0.99) -> Page:
    return Page(make_lines(text, confidence))
