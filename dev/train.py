"""Trains the Rasa model when anything it is made from has changed."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from dev.stack import Stack
from kit.settings import ROOT
from knowledge.settings import KnowledgeSettings
from knowledge.tuned_encoders import UNDERSTANDING, TunedEncoders
from knowledge.tuning.understanding import is_current, train_understanding

MODELS = ROOT / "models" / "rasa"
RASA = ROOT / ".venv-rasa" / "bin" / "python"
SOURCES = (
    "config.yml",
    "domain.yml",
    "requirements/rasa.txt",
    "bot/data",
    "bot/server/classifier.py",
    "bot/server/featurizer.py",
    "bot/server/tokenizer.py",
    "bot/server/vectors.py",
    "models/encoder",
)


def main() -> None:
    """Trains the model, and those of tuned encoders; exits with Rasa's output when checks or training fail."""
    train_model()
    train_tuned(TunedEncoders(Path(KnowledgeSettings().tuned_encoders)))


def train_tuned(tuned: TunedEncoders) -> None:
    """What reads messages with the vectors of tuned encoders, where the language data have changed since."""
    for fingerprint in tuned.list_all():
        model = tuned.folder / fingerprint / UNDERSTANDING
        if not is_current(model):
            print(f"training the bot for the tuned encoder {fingerprint[:6]} …", flush=True)
            train_understanding(tuned.load(fingerprint), model)


def train_model() -> None:
    """Trains the model that goes with the shipped encoder."""
    target = MODELS / f"{fingerprint()}.tar.gz"
    if target.exists():
        return
    print("training the bot (minutes) …", flush=True)
    with Stack(names=("knowledge",)) as stack:
        environment = {**stack.environment, **quiet()}
        for command in (
            ["data", "validate", "--domain", "domain.yml", "--data", "bot/data"],
            ["train", "--data", "bot/data", "--out", str(MODELS), "--fixed-model-name", target.name],
        ):
            done = subprocess.run(
                [RASA, "-m", "bot.server.rasa_command", *command],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                print(done.stdout, done.stderr, sep="\n")
                sys.exit(f"rasa {command[0]} failed")
    for old in MODELS.glob("*.tar.gz"):
        if old != target:
            old.unlink()


def fingerprint() -> str:
    """A hash of everything the model is made from."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in sorted([ROOT / source, *(ROOT / source).rglob("*")]):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(_summarise(path))
    return digest.hexdigest()[:16]


def quiet() -> dict[str, str]:
    """Switches off the notices of Rasa's libraries."""
    return {
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "HOME": os.environ.get("HOME", str(ROOT / "var")),
    }


def _summarise(path: Path) -> bytes:
    # The encoder's weights are large and only written as a whole: their size is enough.
    if path.stat().st_size > 1_000_000:
        return str(path.stat().st_size).encode()
    return path.read_bytes()


if __name__ == "__main__":
    main()
