"""Trains what Rasa reads messages with on the vectors of a tuned encoder."""

import os
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
START_SECONDS = 20.0


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
        (Path(home) / target.name).replace(target)


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
