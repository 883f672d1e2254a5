"""Vectors of the real encoder, int8 against float32, and the cache in front of an encoder."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kit.settings import ROOT
from knowledge.adapter.stamp import is_current
from knowledge.encoder import CachedEncoder, Encoder, load_encoder
from tests.knowledge.hashing_encoder import HashingEncoder

ENCODER = ROOT / "models" / "encoder"
SENTENCES = [
    "农户贷怎么申请",
    "我想贷款20万",
    "利息多少",
    "银行卡丢了怎么办？",
    "提前还款要收违约金吗",
    "社保卡在哪里补办，要带什么证件",
    "您好，我是柳河镇种大棚的，去年在你们行贷过十万，今年还能续贷吗",
    "ＡＰＰ登录不上去😀",
    "How do I apply for a loan?",
]


def test_int8_agrees_with_float32(shipped_encoder: Encoder, tmp_path: Path) -> None:
    folder = shutil.copytree(ENCODER, tmp_path / "float32", ignore=shutil.ignore_patterns("onnx"))
    cosines = (shipped_encoder.encode(SENTENCES) * load_encoder(str(folder)).encode(SENTENCES)).sum(axis=1)
    assert cosines.min() >= 0.97


@pytest.mark.slow
def test_was_made_with_the_adapter_at_hand() -> None:
    assert is_current(ENCODER), "run `make setup`"


def test_vectors_are_float32_of_length_1(shipped_encoder: Encoder) -> None:
    vectors = shipped_encoder.encode(SENTENCES)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(SENTENCES), shipped_encoder.dimension) == (len(SENTENCES), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_vector_does_not_depend_on_the_other_texts(shipped_encoder: Encoder) -> None:
    together = shipped_encoder.encode(SENTENCES)
    alone = np.concatenate([shipped_encoder.encode([sentence]) for sentence in SENTENCES])
    assert np.array_equal(together, alone)


def test_callers_at_once_get_the_same_vectors(shipped_encoder: Encoder) -> None:
    expected = shipped_encoder.encode(SENTENCES)
    with ThreadPoolExecutor(8) as threads:
        for vectors in threads.map(shipped_encoder.encode, [SENTENCES] * 8):
            assert np.array_equal(vectors, expected)


def test_meaning_counts_more_than_wording(shipped_encoder: Encoder) -> None:
    question, paraphrase, other = shipped_encoder.encode(["卡丢了咋办", "银行卡遗失如何挂失", "卡里怎么办理利息"])
    assert question @ paraphrase > question @ other


def test_long_text_is_cut_and_no_texts_give_no_vectors(shipped_encoder: Encoder) -> None:
    assert shipped_encoder.encode(["贷款" * 5000]).shape == (1, 384)
    assert shipped_encoder.encode([]).shape == (0, 384)


def test_fingerprint_stays_when_loaded_again(shipped_encoder: Encoder) -> None:
    assert load_encoder(str(ENCODER)).fingerprint == shipped_encoder.fingerprint


def test_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere.*knowledge materialise"):
        load_encoder(str(tmp_path / "nowhere"))


def test_cache_encodes_each_text_once_and_misses_together() -> None:
    inner = HashingEncoder()
    cached = CachedEncoder(inner)
    cached.encode(["a", "b"])
    vectors = cached.encode(["c", "a", "d", "c"])
    assert inner.calls == [["a", "b"], ["c", "d"]]
    assert np.array_equal(vectors, HashingEncoder().encode(["c", "a", "d", "c"]))


def test_cache_forgets_the_text_unused_for_longest() -> None:
    inner = HashingEncoder()
    cached = CachedEncoder(inner, capacity=2)
    for text in ["a", "b", "a", "c", "a", "b"]:
        cached.encode([text])
    assert inner.calls == [["a"], ["b"], ["c"], ["b"]]


def test_cache_takes_more_texts_than_it_can_keep() -> None:
    texts = [str(number) for number in range(10)]
    cached = CachedEncoder(HashingEncoder(), capacity=3)
    assert np.array_equal(cached.encode(texts), HashingEncoder().encode(texts))
    assert cached.encode([]).shape == (0, HashingEncoder.dimension)


def test_cache_serves_callers_at_once() -> None:
    cached = CachedEncoder(HashingEncoder(), capacity=5)
    batches = [[str((start + step) % 12) for step in range(6)] for start in range(200)]
    with ThreadPoolExecutor(8) as threads:
        for batch, vectors in zip(batches, threads.map(cached.encode, batches), strict=True):
            assert np.array_equal(vectors, HashingEncoder().encode(batch))


def test_returned_vectors_are_the_callers_own() -> None:
    cached = CachedEncoder(HashingEncoder())
    cached.encode(["a"])[:] = 0
    assert np.linalg.norm(cached.encode(["a"])) == pytest.approx(1)
