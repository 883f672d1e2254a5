"""The font of the staff desk's icons: those that its pages use, a tenth of the font that NiceGUI brings."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import nicegui
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from kit.settings import ROOT

FONT = ROOT / "desk" / "static" / "icons.woff2"
_NICEGUI = Path(nicegui.__file__).parent / "static"
_FACE = re.compile(r'font-family: "Material Icons";[^}]*?url\((fonts/\w+\.woff2)\)')
# Those that Quasar's own widgets show.
_QUASAR = re.compile(r'name:"material-icons",(.*?)};var')
_PROPERTY = re.compile(r"\bicon(?:-right)?=([a-z_]+)")


def main() -> None:
    """Writes the font anew: after a page uses another icon, or NiceGUI has changed."""
    font = TTFont(find_whole_font())
    icons = find_icons(font)
    used = list_used(icons)
    letters = {letter for name in used for letter in name}
    glyphs = {glyph for character, glyph in font.getBestCmap().items() if chr(character) in letters}
    options = Options(layout_features=["*"], layout_closure=False, flavor="woff2", notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(glyphs=glyphs | {icons[name] for name in used})
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(FONT)
    print(f"{FONT.relative_to(ROOT)}: {len(used)} icons, {FONT.stat().st_size} bytes")


def find_whole_font() -> Path:
    """NiceGUI's copy of Material Icons (Apache 2.0)."""
    face = _FACE.search((_NICEGUI / "fonts.css").read_text())
    if face is None:
        raise LookupError("NiceGUI declares no font of icons")
    return _NICEGUI / face[1]


def find_icons(font: TTFont) -> Mapping[str, str]:
    """The font's icons: the glyph of each by its name, which is written to show it."""
    characters = {glyph: chr(character) for character, glyph in font.getBestCmap().items()}
    return {
        "".join(characters[glyph] for glyph in (first, *ligature.Component)): ligature.LigGlyph
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in lookup.SubTable
        for first, ligatures in getattr(table, "ExtSubTable", table).ligatures.items()
        for ligature in ligatures
    }


def list_used(icons: Mapping[str, str]) -> list[str]:
    """Icons that the desk's pages name, as far as words of theirs are names of icons, and those of Quasar."""
    quasar = _QUASAR.search((_NICEGUI / "quasar.umd.prod.js").read_text())
    if quasar is None:
        raise LookupError("Quasar names no icons")
    named = {word for path in (ROOT / "desk").rglob("*.py") for word in _list_words(path)}
    return sorted((named | set(re.findall(r'"([a-z_]+)"', quasar[1]))) & icons.keys())


def _list_words(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
            yield from _PROPERTY.findall(node.value)


if __name__ == "__main__":
    main()
