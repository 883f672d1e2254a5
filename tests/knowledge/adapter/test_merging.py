"""Merging adds a scaled product to the weights named, and nothing else; other kinds of adapter are refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from knowledge.adapter.merging import State, merge_adapter
from tests.knowledge.adapter.tiny_adapter import ALPHA, CONFIG, RANK, write_tiny_adapter
from tests.knowledge.tiny_weights import HIDDEN, LAYERS

QUERY = "encoder.layer.{}.attention.self.query.weight"
KEY = "encoder.layer.0.attention.self.key.weight"


@pytest.fixture
def state() -> State:
    return {name: np.ones((HIDDEN, HIDDEN), np.float32) for name in [*map(QUERY.format, range(LAYERS)), KEY]}


def test_adds_the_scaled_product(tmp_path: Path, state: State) -> None:
    folder = write_tiny_adapter(tmp_path / "adapter")
    merged = merge_adapter(state, folder)
    stored = load_file(folder / "adapter_model.safetensors")
    for i in range(LAYERS):
        name = f"base_model.model.encoder.layer.{i}.attention.self.query"
        low, high = (stored[f"{name}.lora_{side}.weight"].astype(np.float32) for side in "AB")
        assert np.allclose(merged[QUERY.format(i)], 1 + ALPHA / RANK * high @ low)
        assert merged[QUERY.format(i)].dtype == np.float32
    assert merged[KEY] is state[KEY]


def test_leaves_what_it_was_given(tmp_path: Path, state: State) -> None:
    merge_adapter(state, write_tiny_adapter(tmp_path / "adapter"))
    assert all((weight == 1).all() for weight in state.values())


def test_an_adapter_of_another_network_is_refused(tmp_path: Path, state: State) -> None:
    folder = write_tiny_adapter(tmp_path / "adapter")
    del state[QUERY.format(1)]
    with pytest.raises(ValueError, match=r"no encoder\.layer\.1\.attention\.self\.query\.weight of shape \(32, 32\)"):
        merge_adapter(state, folder)
    state[QUERY.format(1)] = np.ones((HIDDEN, 2 * HIDDEN), np.float32)
    with pytest.raises(ValueError, match="of shape"):
        merge_adapter(state, folder)


@pytest.mark.parametrize(
    "change", [{"peft_type": "IA3"}, {"bias": "all"}, {"use_rslora": True}, {"alpha_pattern": {"query": 4}}]
)
def test_other_kinds_of_adapter_are_refused(change: dict[str, object], tmp_path: Path, state: State) -> None:
    folder = write_tiny_adapter(tmp_path / "adapter")
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG | change), encoding="utf-8")
    with pytest.raises(ValueError, match="only a plain LoRA"):
        merge_adapter(state, folder)
