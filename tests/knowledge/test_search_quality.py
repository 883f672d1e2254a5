"""The real encoder on the bank's own entries: questions find their entry, foreign sentences find none."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.encoder import Encoder
from knowledge.index import Entries, Index, judge
from knowledge.lessons import read_lessons
from knowledge.seeding import read_seed

pytestmark = pytest.mark.exhaustive

# fmt: off
# In other words than any that are taught.
ABOUT_DATA = {
    "privacy-use": ["我说的这些会不会被你们卖掉", "我的信息放心不放心给你"],
    "privacy-purpose": ["这些内容你们打算用来干嘛", "你们收我信息的用途是啥"],
    "privacy-access": ["哪些人看得到我说的话", "我填的东西都有谁能看到"],
    "privacy-keep": ["我的聊天内容你们要存几年", "对话记录多长时间会删掉"],
    "privacy-phone": ["要我手机号做什么用", "为什么让我填手机号"],
    "privacy-recording": ["现在有没有在录音", "你会不会录我说的话"],
    "privacy-erased": ["你们是真的删吗 有没有备份", "删了以后还恢复得了吗"],
    "consent-withdrawn-after": ["撤了授权以后还能申请贷款吗", "收回同意会有什么后果"],
    "privacy-place": ["我的数据会传到国外吗", "你们的服务器放在哪"],
    "privacy-policy": ["隐私说明在哪里看", "隐私条款在哪能看到"],
    "shared-phone": ["这手机是借别人的 聊完怎么办", "我在网吧 用完怎么退出"],
    "identity-number-unneeded": ["要不要把身份证号码发过来", "测额度填不填身份证号"],
    "pension-proxy": ["我替我爸领养老金要带什么", "代老人领养老金要什么手续"],
}
FOREIGN = [
    "今天天气怎么样", "给我讲个笑话", "帮我写一首诗", "世界杯谁赢了", "附近有什么好吃的", "怎么做红烧肉",
    "你喜欢什么颜色", "播放周杰伦的歌", "北京到上海多远", "你会唱歌吗", "感冒了吃什么药", "孩子发烧怎么办",
    "小麦什么时候打药", "高考什么时候出分", "怎么考驾照", "电动车电池多少钱", "比特币还能买吗", "王者荣耀怎么上分",
    "推荐一部电影", "哈哈哈哈", "我爱你", "吃了吗", "怎么减肥", "狗狗不吃饭怎么回事", "抖音怎么涨粉",
    "空调不制冷了", "怎样养兰花", "英语怎么说谢谢", "地球有多大", "唐朝的第一个皇帝是谁", "鸡蛋怎么保存",
    "水稻叶子发黄是怎么回事", "羊痘怎么治", "幼儿园几月份报名", "人为什么会做梦", "帮我订个外卖", "asdfgh",
    "？？？？", "😂😂",
]
# fmt: on
Vectors = dict[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def entries() -> Entries:
    return {entry.id: [entry.question, *entry.similar_questions] for _, entry in read_seed()}


@pytest.fixture(scope="module")
def vectors(entries: Entries, shipped_encoder: Encoder) -> Vectors:
    texts = [text for own in entries.values() for text in own]
    return dict(zip(texts, shipped_encoder.encode(texts), strict=True))


@pytest.fixture(scope="module")
def index(entries: Entries, vectors: Vectors) -> Index:
    return Index(entries, vectors)


def search(index: Index, question: str, vector: NDArray[np.float32], k: int = 3) -> tuple[str, list[tuple[str, float]]]:
    matches = index.search(question, vector, k)
    return judge([score for _, score in matches]), matches


def test_every_listed_question_is_answered_by_its_entry(entries: Entries, vectors: Vectors, index: Index) -> None:
    for entry_id, (question, *_) in entries.items():
        outcome, matches = search(index, question, vectors[question], 1)
        assert (outcome, matches[0][0]) == ("answer", entry_id), question


def test_hidden_similar_questions_find_their_entry(entries: Entries, vectors: Vectors) -> None:
    hidden = {texts[-1]: entry_id for entry_id, texts in entries.items()}
    index = Index({entry_id: texts[:-1] for entry_id, texts in entries.items()}, vectors)
    found = {text: search(index, text, vectors[text], 3) for text in hidden}
    first = {text: matches[0][0] == hidden[text] for text, (_, matches) in found.items()}
    answered = [is_right for text, is_right in first.items() if found[text][0] == "answer"]
    assert sum(first.values()) / len(hidden) >= 0.5
    assert sum(hidden[t] in dict(matches) for t, (_, matches) in found.items()) / len(hidden) >= 0.7
    assert sum(answered) / len(answered) >= 0.7
    assert sum(outcome == "none" for outcome, _ in found.values()) / len(hidden) <= 0.1


def test_each_question_about_data_has_an_answer_of_its_own(index: Index, shipped_encoder: Encoder) -> None:
    asked = [(entry_id, text) for entry_id, texts in ABOUT_DATA.items() for text in texts]
    found = {text: index.search(text, shipped_encoder.encode([text])[0], 1) for _, text in asked}
    assert [(entry_id, text) for entry_id, text in asked if found[text][0][0] != entry_id] == []


def test_foreign_sentences_are_not_answered(entries: Entries, vectors: Vectors, shipped_encoder: Encoder) -> None:
    foreign = read_lessons().foreign
    known = dict(zip(foreign, shipped_encoder.encode(foreign), strict=True))
    index = Index(entries, vectors | known, foreign)
    outcomes = Counter(search(index, text, shipped_encoder.encode([text])[0])[0] for text in FOREIGN)
    assert outcomes["answer"] == 0
    assert outcomes["none"] >= 0.9 * len(FOREIGN)
