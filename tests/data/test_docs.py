"""The pages tell the truth where a machine can tell."""

import re
from pathlib import Path

import pytest

from kit.settings import ROOT
from tests.settings import list_variables

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = [page for page in PAGES if page.parent.name != "decisions"]
MADE = ("var/", "models/", "http")  # not in the repository


def test_every_setting_is_documented_with_what_it_does() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = {name: f"`{name}` |" in page and str(field.description) in page for name, field in list_variables().items()}
    assert [name for name, is_there in rows.items() if not is_there] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_glossary_is_in_order() -> None:
    rows = re.findall(r"^\| ([a-z][^|]*?) \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.M)
    words = [re.sub(r"（.*?）|\(.*?\)", "", row).strip() for row in rows if row != "word"]
    assert words == sorted(words, key=str.casefold)


@pytest.mark.parametrize("page", GUIDES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_folders_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)*/(?:[\w-]+\.\w+)?)`", page.read_text(encoding="utf-8"))
    missing = [name for name in named if not (ROOT / name).exists()]
    assert [name for name in missing if not name.startswith(MADE)] == []


def test_functions_of_the_walks_exist() -> None:
    walks = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)`: `(?:(\w+)\.)?(\w+)`", walks)
    assert len(named) > 15
    for file, owner, function in named:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert f"def {function}(" in source, (file, function)
        assert not owner or f"class {owner}" in source, (file, owner)
