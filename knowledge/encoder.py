"""Sentence encoders: texts to vectors whose inner product is their similarity in meaning."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Matrix = NDArray[np.float32]
INT8_MODEL = "onnx/model_int8.onnx"
_BATCH = 32


class TextVectors(NamedTuple):
    """Vectors of texts, shape (n, dimension), each of length 1, and the fingerprint of the encoder they are of."""

    fingerprint: str
    matrix: Matrix


class Encoder(Protocol):
    """A deterministic function from texts to vectors."""

    @property
    def fingerprint(self) -> str:
        """Identifies the encoder: equal only if the vectors are."""

    @property
    def dimension(self) -> int:
        """Length d of a vector."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of length 1, shape (n, d); may be called from several threads at once."""


def load_encoder(path_or_name: str) -> Encoder:
    """The encoder in a folder, or the one sentence-transformers knows by that name (which may download it).

    A folder needs no network; its int8 model is used if there is one. Texts get the prefix that the folder's
    config_sentence_transformers.json names as default prompt ("query: " for E5), none without.
    Raises FileNotFoundError for a path where nothing is.
    """
    folder = Path(path_or_name)
    if folder.is_dir():
        is_int8 = (folder / INT8_MODEL).is_file()
        model = _load_int8(folder) if is_int8 else _load_torch(str(folder), local_files_only=True)
        return SentenceEncoder(model, _hash_folder(folder, is_int8), one_by_one=is_int8)
    if folder.is_absolute() or path_or_name.startswith("."):
        raise FileNotFoundError(
            f"{path_or_name}: no encoder there; `python -m knowledge materialise` makes the default one"
        )
    model = _load_torch(path_or_name, local_files_only=False)
    first: Any = model[0]
    revision = getattr(first.model.config, "_commit_hash", None)
    return SentenceEncoder(model, f"{path_or_name}@{revision}", one_by_one=False)


class SentenceEncoder:
    """A sentence-transformers model. See `Encoder`."""

    def __init__(self, model: "SentenceTransformer", fingerprint: str, *, one_by_one: bool) -> None:
        self._model = model
        self._one_by_one = one_by_one
        self.fingerprint = fingerprint
        self.dimension = int(model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        # An int8 model scales by the largest number in the batch, so a text's vector would depend on the other texts
        # (cosine 0.995). One at a time, on every core, costs little more.
        if len(texts) == 1 or not self._one_by_one:
            return self._run(list(texts))
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return np.concatenate(list(threads.map(lambda text: self._run([text]), texts)))

    def _run(self, texts: list[str]) -> Matrix:
        vectors: Any = self._model.encode(
            texts, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
        )
        return np.asarray(vectors, np.float32)


class CachedEncoder:
    """An LRU cache around an encoder, so that one message is encoded once. See `Encoder`."""

    def __init__(self, encoder: Encoder, capacity: int = 4096) -> None:
        self._encoder = encoder
        self._capacity = capacity
        self._vectors: OrderedDict[str, Matrix] = OrderedDict()
        self._lock = Lock()
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder.encode`; texts not in the cache are encoded in one call."""
        with self._lock:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        # Outside the lock, so that callers do not wait for each other. Two may encode the same text, which is harmless.
        if missing:
            found |= zip(missing, self._encoder.encode(missing), strict=True)
        with self._lock:
            for text in dict.fromkeys(texts):
                self._vectors[text] = found[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._capacity:
                self._vectors.popitem(last=False)
        return np.stack([found[text] for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)


def _load_torch(path_or_name: str, *, local_files_only: bool) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    model: SentenceTransformer = SentenceTransformer(path_or_name, local_files_only=local_files_only)
    return model


def _load_int8(folder: Path) -> "SentenceTransformer":
    import onnxruntime
    import torch
    from sentence_transformers import SentenceTransformer

    # One thread a question. Measured on two cores: alone 5.9 ms against 4.9 ms with two threads, but with eight
    # callers 288 questions a second against 130 to 190, since threads that wait for each other spin.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    torch.set_num_threads(1)  # only pools the tokens here; more threads halve the throughput of eight callers
    model: SentenceTransformer = SentenceTransformer(
        str(folder),
        backend="onnx",
        device="cpu",
        local_files_only=True,
        model_kwargs={"file_name": INT8_MODEL, "provider": "CPUExecutionProvider", "session_options": options},
    )
    return model


def _hash_folder(folder: Path, is_int8: bool) -> str:
    """Hash of all files that determine the vectors."""
    unused = {".safetensors", ".bin"} if is_int8 else {".onnx"}
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in unused | {".md"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
