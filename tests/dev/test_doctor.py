"""What the doctor finds missing for production."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from dev.doctor import main
from migrations.metadata import METADATA
from tests.settings import PRODUCTION, set_environment

pytestmark = pytest.mark.usefixtures("empty_environment")


@pytest.mark.usefixtures("new_database")
def test_a_fresh_copy_is_told_what_it_lacks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(tmp_path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1. must be set: XIAOHE_RASA_TOKEN"
    assert any("XIAOHE_PUBLIC_URL must be https" in line for line in lines)
    assert any("XIAOHE_DESK_PUBLIC_URL must be https" in line for line in lines)
    assert lines[-2].endswith("XIAOHE_ENVIRONMENT must be production")
    assert len(lines) == len(set(lines))


@pytest.fixture
def new_database(empty_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "bank.db"
    monkeypatch.setenv("XIAOHE_DATABASE_URL", f"sqlite+aiosqlite:///{path}")
    return path


@pytest.mark.usefixtures("new_database")
def test_safe_settings_are_ready(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_environment(monkeypatch, PRODUCTION)
    assert main(tmp_path) == 0
    assert capsys.readouterr().out == "ready for production\n"


@pytest.mark.usefixtures("new_database")
def test_texts_of_the_demo_bank_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_environment(monkeypatch, PRODUCTION)
    (tmp_path / "domain.yml").write_text("青禾农商银行", encoding="utf-8")
    assert main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("1. these files still speak for the demo bank 青禾农商银行: domain.yml\n")


def test_a_database_of_the_demo_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, new_database: Path
) -> None:
    set_environment(monkeypatch, PRODUCTION)
    table, now = METADATA.tables["revisions"], datetime(2026, 1, 1, tzinfo=UTC)
    entry = {"category": "loans", "question": "在哪办", "similar_questions": [], "answer": "在青禾县"}
    approved = {"topic": "entry", "key": "a", "number": 1, "version": 1, "state": "approved", "content": entry}
    decided = {"effective_from": now.date(), "written_at": now, "writers": [], "reason": ""}
    engine = create_engine(f"sqlite:///{new_database}")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values(**approved, **decided))
    engine.dispose()
    assert main(tmp_path) == 1
    assert "it holds 1 entries of the demo bank" in capsys.readouterr().out


def test_a_database_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_environment(monkeypatch, PRODUCTION)
    monkeypatch.setenv("XIAOHE_DATABASE_URL", "postgresql+asyncpg://u:password@127.0.0.1:1/x")
    assert main(tmp_path) == 1
    out = capsys.readouterr().out
    assert "XIAOHE_DATABASE_URL cannot be read" in out
    assert "password" not in out


@pytest.mark.usefixtures("new_database")
def test_a_value_that_cannot_be_read_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_environment(monkeypatch, PRODUCTION | {"XIAOHE_TURN_SECONDS": "soon-secret"})
    assert main(tmp_path) == 1
    out = capsys.readouterr().out
    assert "turn_seconds" in out
    assert "soon-secret" not in out
