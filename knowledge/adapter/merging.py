"""Adds a LoRA adapter to the weights of an encoder, so that what serves is one ordinary model."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.adapter.stamp import CONFIG, WEIGHTS

State = dict[str, NDArray[np.float32]]
_PREFIX, _LOW, _HIGH = "base_model.model.", ".lora_A.", ".lora_B."
_SPECIAL = ("use_rslora", "use_dora", "rank_pattern", "alpha_pattern")


def merge_adapter(state: State, folder: Path) -> State:
    """The weights `state`, with W + alpha / r * B A for each W that the adapter in `folder` changes.

    The adapter is as peft writes it. Raises ValueError if it was made for another network or is no plain LoRA.
    """
    from safetensors.numpy import load_file

    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if config["peft_type"] != "LORA" or config["bias"] != "none" or any(config.get(key) for key in _SPECIAL):
        raise ValueError(f"{folder}: only a plain LoRA adapter can be merged")
    scale = config["lora_alpha"] / config["r"]
    factors = {
        name.removeprefix(_PREFIX): value.astype(np.float32) for name, value in load_file(folder / WEIGHTS).items()
    }
    merged = dict(state)
    for name in [name for name in factors if _LOW in name]:
        target = name.replace(_LOW, ".")
        change = scale * (factors[name.replace(_LOW, _HIGH)] @ factors[name])
        if target not in state or state[target].shape != change.shape:
            raise ValueError(f"{folder}: the encoder has no {target} of shape {change.shape}")
        merged[target] = state[target] + change
    return merged
