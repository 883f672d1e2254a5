"""Trains what Rasa reads messages with on the vectors of a tuned encoder."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

import uvicorn
from fastapi import FastAPI

from kit.settings import ROOT
from kit.web import create_web_app
from knowledge.encoder import Encoder
from knowledge.schemas import VectorsIn, VectorsOut

RASA = ROOT / ".venv-rasa" / "bin" / "python"
SECONDS_MAX = 900
# What such a model is made from, beside the encoder.
SOURCES = ("config.yml", "domain.yml", "requirements/rasa.txt", "bot/data/nlu", "bot/server")
STAMP = "understanding.sha256"
START_SECONDS = 20.0


def is_current(model: Path) -> bool:
    """Whether a model was made from the language data as they are."""
    stamp = model.parent / STAMP
    return model.is_file() and stamp.is_file() and stamp.read_text(encoding="ascii") == _hash_sources()


def train_understanding(encoder: Encoder, target: Path) -> None:
    """Writes a model of Rasa's that reads messages with vectors of this encoder to the file `target`.

    RuntimeError with the end of Rasa's output if it fails.
    """
    token = token_urlsafe(24)
    with tempfile.TemporaryDirectory() as home, serve_vectors(encoder, token) as url:
        environment = {
            **os.environ,
            "XIAOHE_KNOWLEDGE_URL": url,
            "XIAOHE_KNOWLEDGE_TOKEN": token,
            "HOME": os.environ.get("HOME", home),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
        }
        data = ["--nlu", "bot/data/nlu", "--config", "config.yml", "--domain", "domain.yml"]
        into = ["--out", home, "--fixed-model-name", target.name.removesuffix(".tar.gz")]
        command = [str(RASA), "-m", "bot.server.rasa_command", "train", "nlu", *data, *into]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
        )
        if done.returncode:
            raise RuntimeError(f"rasa train nlu failed: {(done.stdout + done.stderr)[-2000:]}")
        shutil.move(Path(home) / target.name, target)
    (target.parent / STAMP).write_text(_hash_sources(), encoding="ascii")


def _hash_sources() -> str:
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in sorted([ROOT / source, *(ROOT / source).rglob("*")]):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def serve_vectors(encoder: Encoder, token: str) -> Iterator[str]:
    """The address at which an encoder's vectors are served meanwhile, as the knowledge service does."""
    app = create_web_app("vectors", checks={}, token=token)

    @app.post("/v1/vectors")
    def encode(body: VectorsIn) -> VectorsOut:
        return VectorsOut.pack(encoder.fingerprint, encoder.encode(body.texts))

    with _run(app) as url:
        yield url


@contextmanager
def _run(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    pause = threading.Event()
    for _ in range(int(START_SECONDS / 0.05)):
        if server.started:
            break
        pause.wait(0.05)
    else:
        raise RuntimeError("the vectors cannot be served")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
