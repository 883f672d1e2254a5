"""A LoRA adapter for the encoder of tiny_weights, as peft would write it."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tests.knowledge.tiny_weights import HIDDEN, LAYERS

RANK, ALPHA = 2, 8
CONFIG = {"peft_type": "LORA", "r": RANK, "lora_alpha": ALPHA, "bias": "none", "rank_pattern": {}, "use_dora": False}


def write_tiny_adapter(folder: Path, seed: int = 3, size: float = 0.3) -> Path:
    """Writes an adapter of all queries, always the same for one seed, into a new folder; returns that."""
    numbers = np.random.default_rng(seed)
    factors = {}
    for i in range(LAYERS):
        name = f"base_model.model.encoder.layer.{i}.attention.self.query"
        factors[f"{name}.lora_A.weight"] = numbers.normal(0, size, (RANK, HIDDEN)).astype(np.float16)
        factors[f"{name}.lora_B.weight"] = numbers.normal(0, size, (HIDDEN, RANK)).astype(np.float16)
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    save_file(factors, folder / "adapter_model.safetensors")
    return folder
