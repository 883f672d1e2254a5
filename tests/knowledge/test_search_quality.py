"""Real encoder, the bank's own entries: what customers might write finds its entry, what is no bank's business none."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.encoder import Encoder
from knowledge.entry import Entry
from knowledge.index import build_index
from knowledge.seeding import read_seed

# fmt: off
FOREIGN = [
    "今天天气怎么样", "给我讲个笑话", "帮我写一首诗", "世界杯谁赢了", "附近有什么好吃的", "怎么做红烧肉",
    "你喜欢什么颜色", "播放周杰伦的歌", "北京到上海多远", "你会唱歌吗", "感冒了吃什么药", "孩子发烧怎么办",
    "小麦什么时候打药", "高考什么时候出分", "怎么考驾照", "电动车电池多少钱", "比特币还能买吗", "王者荣耀怎么上分",
    "推荐一部电影", "哈哈哈哈", "我爱你", "晚安", "吃了吗", "怎么减肥", "狗狗不吃饭怎么回事", "抖音怎么涨粉",
    "空调不制冷了", "怎样养兰花", "英语怎么说谢谢", "地球有多大", "唐朝的第一个皇帝是谁", "鸡蛋怎么保存",
    "水稻叶子发黄是怎么回事", "羊痘怎么治", "幼儿园几月份报名", "人为什么会做梦", "帮我订个外卖", "asdfgh",
    "？？？？", "😂😂",
]
# fmt: on
Vectors = dict[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return [Entry(e.id, e.question, tuple(e.similar_questions), e.answer) for _, e in read_seed()]


@pytest.fixture(scope="module")
def vectors(entries: list[Entry], shipped_encoder: Encoder) -> Vectors:
    texts = [text for entry in entries for text in entry.texts]
    return dict(zip(texts, shipped_encoder.encode(texts), strict=True))


def test_every_listed_question_is_answered_by_its_entry(entries: list[Entry], vectors: Vectors) -> None:
    index = build_index(entries, vectors)
    for entry in entries:
        outcome, matches = index.search(entry.question, vectors[entry.question], 1)
        assert (outcome, matches[0].entry_id) == ("answer", entry.entry_id), entry.question


def test_hidden_similar_questions_find_their_entry(entries: list[Entry], vectors: Vectors) -> None:
    hidden = {entry.similar_questions[-1]: entry.entry_id for entry in entries}
    shown = [Entry(e.entry_id, e.question, e.similar_questions[:-1], e.answer) for e in entries]
    index = build_index(shown, vectors)
    found = {text: index.search(text, vectors[text], 3) for text in hidden}
    first = {text: matches[0].entry_id == hidden[text] for text, (_, matches) in found.items()}
    answered = [is_right for text, is_right in first.items() if found[text][0] == "answer"]
    assert sum(first.values()) / len(hidden) >= 0.5
    assert sum(hidden[t] in {m.entry_id for m in matches} for t, (_, matches) in found.items()) / len(hidden) >= 0.7
    assert sum(answered) / len(answered) >= 0.7
    assert sum(outcome == "none" for outcome, _ in found.values()) / len(hidden) <= 0.1


def test_foreign_sentences_are_not_answered(entries: list[Entry], vectors: Vectors, shipped_encoder: Encoder) -> None:
    index = build_index(entries, vectors)
    outcomes = Counter(index.search(text, shipped_encoder.encode([text])[0])[0] for text in FOREIGN)
    assert outcomes["answer"] == 0
    assert outcomes["none"] >= 0.9 * len(FOREIGN)
