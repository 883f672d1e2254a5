"""The encoder while it is trained: the same vectors as served, with gradients for the adapter."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import normalize

from knowledge.adapter.stamp import CONFIG, WEIGHTS

PREFIX = "query: "
TOKENS_MAX = 48
# Texts of like length are read together; a few at a time, or padding would be most of the work.
CHUNK = 24
# Every matrix of a layer: in BertModel "dense" is the name of three.
TARGETS = ["query", "key", "value", "dense"]
EXCLUDED = r"pooler\..*"
ALPHA = 2
BASE = "intfloat/multilingual-e5-small"


class TrainedEncoder:
    """An encoder in a folder, with a fresh LoRA adapter on the matrices of its layers; nothing else changes."""

    def __init__(self, folder: Path, rank: int) -> None:
        from peft import LoraConfig, get_peft_model
        from sentence_transformers import SentenceTransformer

        self._encoder: Any = SentenceTransformer(str(folder), local_files_only=True, device="cpu")
        settings = LoraConfig(r=rank, lora_alpha=ALPHA * rank, target_modules=TARGETS, exclude_modules=EXCLUDED)
        self._rank = rank
        self._tokenizer = self._encoder.tokenizer
        self._model: Any = get_peft_model(self._encoder[0].model, settings)
        self._is_half = False
        self._is_half = self._find_faster()

    @property
    def parameters(self) -> list[torch.nn.Parameter]:
        """The weights of the adapter."""
        return [weight for weight in self._model.parameters() if weight.requires_grad]

    def encode(self, texts: Sequence[str]) -> torch.Tensor:
        """Vectors of length 1, shape (n, d)."""
        rows = self._tokenizer([PREFIX + text for text in texts], truncation=True, max_length=TOKENS_MAX)["input_ids"]
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        parts = [self._read([rows[i] for i in order[at : at + CHUNK]]) for at in range(0, len(order), CHUNK)]
        places = torch.empty(len(order), dtype=torch.long)
        places[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[places]

    def save(self, folder: Path, strength: float) -> None:
        """Write the adapter as peft reads it, in half precision; `strength`, 0 to 1, is the share that is kept."""
        from peft import get_peft_model_state_dict
        from safetensors.torch import save_file

        weights = {name: value.half() for name, value in get_peft_model_state_dict(self._model).items()}
        settings = {
            "base_model_name_or_path": BASE,
            "bias": "none",
            "exclude_modules": EXCLUDED,
            "lora_alpha": strength * ALPHA * self._rank,
            "peft_type": "LORA",
            "r": self._rank,
            "target_modules": TARGETS,
        }
        folder.mkdir(parents=True, exist_ok=True)
        save_file(weights, folder / WEIGHTS)
        (folder / CONFIG).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")

    def write_merged(self, folder: Path) -> None:
        """Write the encoder with the adapter in it, as `SentenceTransformer.save` does; it is not trained further."""
        self._encoder[0].model = self._model.merge_and_unload()
        self._encoder.save(str(folder), create_model_card=False)

    def _find_faster(self) -> bool:
        """Whether bfloat16 is faster here: three times with the instructions for it, far slower without."""
        seconds = {}
        with torch.no_grad():
            for self._is_half in (False, True):
                self.encode(["农户贷利息怎么算"] * CHUNK)  # the first time prepares
                started = time.perf_counter()
                self.encode(["农户贷利息怎么算"] * CHUNK)
                seconds[self._is_half] = time.perf_counter() - started
        return seconds[True] < seconds[False]

    def _read(self, rows: list[list[int]]) -> torch.Tensor:
        width, pad = max(map(len, rows)), self._tokenizer.pad_token_id
        ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
        mask = (ids != pad).long()
        with torch.autocast("cpu", torch.bfloat16, enabled=self._is_half):
            hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1)
        return normalize((hidden * weights).sum(dim=1) / weights.sum(dim=1), dim=-1)
