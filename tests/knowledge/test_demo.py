"""Where the demo bank still speaks."""

import subprocess
from pathlib import Path

import pytest

from kit.database import Database
from kit.settings import ROOT
from knowledge.demo import NOT_SPOKEN, PLACES, count_demo_entries, list_demo_files, names_demo_bank
from tests.knowledge.entries import make_entry, store


@pytest.mark.parametrize("text", ["青禾农商银行欢迎您", "live in Qinghe County", "请拨400-000-0000"])
def test_its_name_and_number_give_it_away(text: str) -> None:
    assert names_demo_bank(None, "", text)


def test_another_banks_words_do_not() -> None:
    assert not names_demo_bank("河口农商银行欢迎您，请拨400-123-4567", None)


def test_files_are_named_until_they_are_rewritten(tmp_path: Path) -> None:
    for name in ("domain.yml", "knowledge/seed/loans.yml", "knowledge/seed/safety.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("河口农商银行", encoding="utf-8")
    assert list(list_demo_files(tmp_path)) == []
    (tmp_path / "knowledge/seed/loans.yml").write_text("在青禾县经营", encoding="utf-8")
    assert list(list_demo_files(tmp_path)) == ["knowledge/seed/loans.yml"]


def test_the_project_as_it_ships_is_the_demo_banks_in_each_place() -> None:
    files = [Path(name) for name in list_demo_files()]
    assert [place for place in PLACES if not any(file.match(place) for file in files)] == []


def test_it_is_named_nowhere_else() -> None:
    shipped = [ROOT / name for name in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()]
    code = [path for path in shipped if path.suffix in (".py", ".yml", ".html", ".js", ".txt") and path.is_file()]
    names = {path.relative_to(ROOT) for path in code if names_demo_bank(path.read_text(encoding="utf-8"))}
    known = {path.relative_to(ROOT) for place in (*PLACES, *NOT_SPOKEN, "tests/**/*") for path in ROOT.glob(place)}
    assert names - known == set()


async def test_its_entries_in_a_database_are_counted(database: Database, database_url: str) -> None:
    assert await count_demo_entries(database_url) == 0
    await store(database, make_entry("a", "在哪", [], "在青禾县"), make_entry("b", "几点", [], "八点"))
    assert await count_demo_entries(database_url) == 1


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    assert await count_demo_entries(f"sqlite+aiosqlite:///{path}") == 0
    assert not path.exists()
    path.touch()
    assert await count_demo_entries(f"sqlite+aiosqlite:///{path}") == 0  # without tables


async def test_a_database_that_cannot_be_read_is_told() -> None:
    with pytest.raises(ConnectionError):
        await count_demo_entries("postgresql+asyncpg://nobody@127.0.0.1:1/x")
