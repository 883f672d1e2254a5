"""Rasa is trained on the vectors of a tuned encoder, which are served to it alone."""

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from knowledge.schemas import VectorsOut
from knowledge.tuning.understanding import serve_vectors, train_understanding
from tests.knowledge.hashing_encoder import HashingEncoder

TEXTS = ["卡丢了", "几点开门"]


def ask(url: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{url}/v1/vectors", json={"texts": TEXTS}, headers=headers, trust_env=False)


def test_vectors_are_served_to_whoever_knows_the_token() -> None:
    with serve_vectors(HashingEncoder(), "secret") as url:
        assert ask(url, "guessed").status_code == 401
        found = VectorsOut.model_validate(ask(url, "secret").json())
    assert found.fingerprint == "hashing"
    assert (found.unpack() == HashingEncoder().encode(TEXTS)).all()
    with pytest.raises(httpx.ConnectError):
        ask(url, "secret")


def test_rasa_is_trained_and_its_model_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
        assert ask(env["XIAOHE_KNOWLEDGE_URL"], env["XIAOHE_KNOWLEDGE_TOKEN"]).status_code == 200
        name = command[command.index("--fixed-model-name") + 1]
        Path(command[command.index("--out") + 1], f"{name}.tar.gz").write_bytes(b"model")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    train_understanding(HashingEncoder(), tmp_path / "understanding.tar.gz")
    assert (tmp_path / "understanding.tar.gz").read_bytes() == b"model"


def test_what_rasa_says_is_told_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "no examples")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(RuntimeError, match="no examples"):
        train_understanding(HashingEncoder(), tmp_path / "understanding.tar.gz")
    assert not (tmp_path / "understanding.tar.gz").exists()
