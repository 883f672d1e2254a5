"""A demo's own settings: made once, kept private, never stronger than what is set outside."""

import stat
from pathlib import Path

import pytest

from dev.environment import SECRETS, load_environment


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "demo.env"


def test_secrets_are_made_when_missing(path: Path) -> None:
    made = load_environment(path)
    secrets = [made[name] for name in SECRETS]
    assert len(set(secrets)) == len(SECRETS)
    assert all(len(secret) >= 32 for secret in secrets)


def test_they_differ_from_those_of_another_demo(path: Path) -> None:
    first, second = load_environment(path), load_environment(path.with_name("other.env"))
    assert not {first[name] for name in SECRETS} & {second[name] for name in SECRETS}


def test_they_stay_the_same(path: Path) -> None:
    made = load_environment(path)
    written = path.read_text()
    assert load_environment(path) == made
    assert path.read_text() == written


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    load_environment(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_set_in_the_file_is_kept_and_what_is_missing_added(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(
        "# mine\n\nXIAOHE_GATEWAY_URL=http://127.0.0.1:9000\nXIAOHE_RASA_TOKEN=a=b=\nXIAOHE_SERVICE_TOKEN=\n"
    )
    loaded = load_environment(path)
    assert loaded["XIAOHE_GATEWAY_URL"] == "http://127.0.0.1:9000"
    assert loaded["XIAOHE_RASA_TOKEN"] == "a=b="
    assert loaded["XIAOHE_SERVICE_TOKEN"]
    again = load_environment(path)
    assert {name: again[name] for name in SECRETS} == {name: loaded[name] for name in SECRETS}
    assert again["XIAOHE_GATEWAY_URL"] == "http://127.0.0.1:9000"


def test_the_process_environment_wins_and_is_not_written_down(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_RASA_TOKEN", "set-outside")
    monkeypatch.setenv("XIAOHE_LOG_LEVEL", "ERROR")
    loaded = load_environment(path)
    assert (loaded["XIAOHE_RASA_TOKEN"], loaded["XIAOHE_LOG_LEVEL"]) == ("set-outside", "ERROR")
    assert "set-outside" not in path.read_text()
    assert "XIAOHE_LOG_LEVEL" not in path.read_text()
