"""What the doctor finds missing for production."""

import pytest

from dev.doctor import main
from tests.settings import PRODUCTION, set_environment

pytestmark = pytest.mark.usefixtures("empty_environment")


def test_a_fresh_copy_is_told_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1. must be set: XIAOHE_RASA_TOKEN"
    assert any("XIAOHE_PUBLIC_URL must be https" in line for line in lines)
    assert any("XIAOHE_DESK_PUBLIC_URL must be https" in line for line in lines)
    assert lines[-2].endswith("XIAOHE_ENVIRONMENT must be production")
    assert len(lines) == len(set(lines))


def test_safe_settings_are_ready(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    set_environment(monkeypatch, PRODUCTION)
    assert main() == 0
    assert capsys.readouterr().out == "ready for production\n"


def test_a_value_that_cannot_be_read_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_environment(monkeypatch, PRODUCTION | {"XIAOHE_TURN_SECONDS": "soon-secret"})
    assert main() == 1
    out = capsys.readouterr().out
    assert "turn_seconds" in out
    assert "soon-secret" not in out
