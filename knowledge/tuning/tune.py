"""Tunes the encoder: trains an adapter on a bank's questions, merges it in, measures, and trains Rasa to go with it."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from knowledge.adapter.network import TrainedEncoder
from knowledge.adapter.texts import HELD_OUT, Groups, read_groups
from knowledge.adapter.train import find_near, read_collections, train
from knowledge.encoder import CachedEncoder, Encoder, load_encoder
from knowledge.lessons import Lessons, read_lessons
from knowledge.materialise import export_onnx
from knowledge.tuned_encoders import ADAPTER, ENCODER, UNDERSTANDING, TunedEncoders
from knowledge.tuning.measuring import HeldOut, hold_out, measure
from knowledge.tuning.schemas import EncoderMetrics, Material, NotBetterError, Progress, TuningResult
from knowledge.tuning.understanding import train_understanding

# With a fifth of the rate nothing was learned in so few steps.
STEPS = 100
LEARNING_RATE = 5e-4
# Of entries, other lenders' topics, acts and dangers: mostly what is the bank's own; of the others so that they are not
# forgotten.
SHARES = (0.75, 0.1, 0.05, 0.1)
RANK = 16
CACHED = 200_000
NEW = ".new-"
# Shares of the whole time, on two cores with 3,000 questions.
STAGES = (("测现在的", 0.1), ("学习", 0.45), ("压缩", 0.05), ("测新的", 0.3), ("学习理解", 0.1))


def tune(
    base: Path, tuned: TunedEncoders, kept: Path, material: Material, progress: Progress, *, steps: int = STEPS
) -> TuningResult:
    """Tunes the encoder in the folder `base` and keeps the result among `tuned`; what serving needs is learned ahead
    into the folder `kept`. Under ten minutes for 3,000 questions on two cores.

    Raises NotBetterError, ValueError for an encoder that cannot be tuned, RuntimeError if Rasa cannot be trained.
    """
    if not (base / "model.safetensors").is_file():
        raise ValueError(f"{base}: only an encoder in a folder with its weights can be tuned (XIAOHE_ENCODER)")
    torch.manual_seed(1)
    torch.set_num_threads(os.cpu_count() or 1)
    held_out, lessons = hold_out(material.entries), read_lessons()
    stages = _Stages(progress)
    current = tuned.load(material.in_force) if material.in_force else load_encoder(str(base))
    encoder = CachedEncoder(current, CACHED)
    before = _measure(encoder, held_out, material, lessons, kept, stages.begin(0))
    tuned.folder.mkdir(parents=True, exist_ok=True)
    for left in tuned.folder.glob(f"{NEW}*"):  # by a tuning that was killed; there is one at a time
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=tuned.folder, prefix=NEW) as workplace:
        folder, learned = Path(workplace) / "new", Path(workplace) / "kept"
        _train(base, encoder, held_out.kept, folder, steps, stages)
        encoder = CachedEncoder(load_encoder(str(folder / ENCODER)), CACHED)
        after = _measure(encoder, held_out, material, lessons, learned, stages.begin(3))
        if not after.is_better(before):
            raise NotBetterError(before, after)
        told = stages.begin(4)
        train_understanding(encoder, folder / UNDERSTANDING)
        for file in learned.iterdir():  # only now: of those that serve just a few are kept
            shutil.move(file, kept / file.name)
        shutil.rmtree(tuned.folder / encoder.fingerprint, ignore_errors=True)
        folder.rename(tuned.folder / encoder.fingerprint)
    told(1.0)
    return TuningResult(encoder.fingerprint, sum(map(len, material.entries.values())), before, after)


def _train(base: Path, encoder: Encoder, entries: Groups, folder: Path, steps: int, stages: "_Stages") -> None:
    trained, told = TrainedEncoder(base, RANK), stages.begin(1)
    collections = [own._replace(share=share) for own, share in zip(read_collections(entries), SHARES, strict=True)]
    train(
        trained,
        collections,
        [find_near(encoder, own.groups) for own in collections],
        steps,
        LEARNING_RATE,
        np.random.default_rng(1),
        lambda step, loss: told(step / steps),
    )
    told = stages.begin(2)
    trained.save(folder / ADAPTER, 1.0)
    trained.write_merged(folder / ENCODER)
    export_onnx(folder / ENCODER)
    for weights in (folder / ENCODER).glob("*.safetensors"):  # served are the int8 ones
        weights.unlink()
    told(1.0)


def _measure(
    encoder: Encoder, held_out: HeldOut, material: Material, lessons: Lessons, kept: Path, told: Callable[[float], None]
) -> EncoderMetrics:
    alarms = read_groups(HELD_OUT / "danger.yml")
    return measure(encoder, held_out, material.golden, lessons, alarms, kept, told)


class _Stages:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def begin(self, number: int) -> Callable[[float], None]:
        """Tells that a stage begins; gives what tells how much of it is done."""
        name, share = STAGES[number]
        start = sum(each for _, each in STAGES[:number])

        def tell(done: float) -> None:
            self._progress(name, start + share * done)

        tell(0.0)
        return tell
