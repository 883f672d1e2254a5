"""Cells that a spreadsheet would compute: made harmless on the way out, and put back on the way in."""

import re

# What a spreadsheet computes, or splits: signs of any width, after what is not seen.
_FORMULA = re.compile(
    r"'*(?:[\t\r\n]|[\s\x00-\x20\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*[=+@＝＋－＠﹢﹣﹦﹫⁺⁼₊₌−-])"
)


def defuse(cell: str) -> str:
    """The cell's text, changed so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restore(cell: str) -> str:
    """The text that `defuse` made harmless: `restore(defuse(text)) == text` for every text."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
