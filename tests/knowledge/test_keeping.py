"""Files of arrays: computed once, and again when they are broken."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.keeping import Arrays, hash_content, keep_arrays, keep_vectors
from tests.knowledge.hashing_encoder import HashingEncoder


class Counted:
    """Computes the same arrays every time, and counts."""

    calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return {"numbers": np.arange(3), "words": np.array(["卡", "丢了"])}


def test_arrays_are_computed_once(tmp_path: Path) -> None:
    compute, path = Counted(), tmp_path / "deep" / "arrays.npz"
    first, second = keep_arrays(path, compute), keep_arrays(path, compute)
    assert compute.calls == 1
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert [file.name for file in path.parent.iterdir()] == ["arrays.npz"]


def test_only_the_newest_of_a_kind_stay(tmp_path: Path) -> None:
    for n, name in enumerate(("index-1", "classes-1", "index-2", "index-3", "index-4")):
        keep_arrays(tmp_path / f"{name}.npz", Counted())
        os.utime(tmp_path / f"{name}.npz", (n, n))
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["classes-1", "index-2", "index-3", "index-4"]


def test_without_a_path_nothing_is_written() -> None:
    compute = Counted()
    assert keep_arrays(None, compute)["numbers"].tolist() == [0, 1, 2]
    assert keep_vectors(None, ["卡"], HashingEncoder().encode).keys() == {"卡"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"no archive"])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(content)
    compute = Counted()
    assert keep_arrays(path, compute)["words"].tolist() == ["卡", "丢了"]
    keep_arrays(path, compute)
    assert compute.calls == 1


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        keep_arrays(tmp_path / "arrays.npz", lambda: {"odd": np.array([object()])})
    assert list(tmp_path.iterdir()) == []


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encoder, path = HashingEncoder(), tmp_path / "vectors.npz"

    def keep(*texts: str) -> dict[str, NDArray[np.float32]]:
        return keep_vectors(path, texts, encoder.encode)

    keep("卡丢了", "利息多少", "卡丢了")
    again = keep("利息多少", "几点开门")
    assert encoder.calls == [["卡丢了", "利息多少"], ["几点开门"]]
    assert list(again) == ["利息多少", "几点开门"]
    assert np.array_equal(np.stack(list(again.values())), HashingEncoder().encode(["利息多少", "几点开门"]))
    keep("几点开门")
    assert len(encoder.calls) == 2


def test_a_name_changes_with_the_content() -> None:
    contents: list[tuple[str | Sequence[str], ...]] = [("a", "b"), ("ab",), ("a", ["b"]), ("a", ["b", "c"])]
    assert len({hash_content(*content) for content in contents}) == len(contents)
    assert hash_content("a", {"b": ("c",)}) == hash_content("a", {"b": ["c"]})
