"""Trains the Rasa model when anything it is made from has changed."""

import sys
from pathlib import Path

from dev.stack import Stack
from kit.rasa_environment import run_rasa
from kit.settings import ROOT
from knowledge.settings import KnowledgeSettings
from knowledge.tuned_encoders import UNDERSTANDING, TunedEncoders
from knowledge.tuning.understanding import RASA_SOURCES, hash_sources, is_current, train_understanding

MODELS = ROOT / "models" / "rasa"
SOURCES = (*RASA_SOURCES, "bot/data", "models/encoder")


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
        for command in (
            ["data", "validate", "--domain", "domain.yml", "--data", "bot/data"],
            ["train", "--data", "bot/data", "--out", str(MODELS), "--fixed-model-name", target.name],
        ):
            done = run_rasa(command, stack.environment)
            if done.returncode:
                print(done.stdout, done.stderr, sep="\n")
                sys.exit(f"rasa {command[0]} failed")
    for old in MODELS.glob("*.tar.gz"):
        if old != target:
            old.unlink()


def fingerprint() -> str:
    """A hash of everything the model is made from."""
    return hash_sources(SOURCES)[:16]


if __name__ == "__main__":
    main()
