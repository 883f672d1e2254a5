"""Trains what Rasa reads messages with on the vectors of a tuned encoder."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

from kit.rasa_environment import run_rasa
from kit.serving import serve_in_thread
from kit.settings import ROOT
from kit.web import create_web_app
from knowledge.encoder import Encoder
from knowledge.schemas import VectorsIn, VectorsOut

SECONDS_MAX = 900
LARGE_BYTES = 1_000_000
# What any model of Rasa's is made from, and one that only reads messages, beside the encoder.
RASA_SOURCES = (
    "config.yml",
    "domain.yml",
    "requirements/rasa.txt",
    "bot/server/classifier.py",
    "bot/server/featurizer.py",
    "bot/server/tokenizer.py",
    "bot/server/vectors.py",
)
SOURCES = (*RASA_SOURCES, "bot/data/nlu")
STAMP = "understanding.sha256"


def is_current(model: Path) -> bool:
    """Whether a model was made from the language data as they are."""
    stamp = model.parent / STAMP
    return model.is_file() and stamp.is_file() and stamp.read_text(encoding="ascii") == hash_sources(SOURCES)


def train_understanding(encoder: Encoder, target: Path) -> None:
    """Writes a model of Rasa's that reads messages with vectors of this encoder to the file `target`.

    RuntimeError with the end of Rasa's output if it fails.
    """
    token = token_urlsafe(24)
    with tempfile.TemporaryDirectory() as home, serve_vectors(encoder, token) as url:
        environment = {**os.environ, "XIAOHE_KNOWLEDGE_URL": url, "XIAOHE_KNOWLEDGE_TOKEN": token}
        data = ["--nlu", "bot/data/nlu", "--config", "config.yml", "--domain", "domain.yml"]
        into = ["--out", home, "--fixed-model-name", target.name.removesuffix(".tar.gz")]
        done = run_rasa(["train", "nlu", *data, *into], environment, SECONDS_MAX)
        if done.returncode:
            raise RuntimeError(f"rasa train nlu failed: {(done.stdout + done.stderr)[-2000:]}")
        shutil.move(Path(home) / target.name, target)
    (target.parent / STAMP).write_text(hash_sources(SOURCES), encoding="ascii")


def hash_sources(sources: Sequence[str]) -> str:
    """A hash of the files, and those in the folders, by their paths in the project."""
    digest = hashlib.sha256()
    for source in sources:
        for path in sorted([ROOT / source, *(ROOT / source).rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(_summarise(path))
    return digest.hexdigest()


def _summarise(path: Path) -> bytes:
    # The encoder's weights are large and only written as a whole: their size is enough.
    if path.stat().st_size > LARGE_BYTES:
        return str(path.stat().st_size).encode()
    return path.read_bytes()


@contextmanager
def serve_vectors(encoder: Encoder, token: str) -> Iterator[str]:
    """The address at which an encoder's vectors are served meanwhile, as the knowledge service does."""
    app = create_web_app("vectors", checks={}, token=token)

    @app.post("/v1/vectors")
    def encode(body: VectorsIn) -> VectorsOut:
        return VectorsOut.pack(encoder.fingerprint, encoder.encode(body.texts))

    with serve_in_thread(app) as url:
        yield url
