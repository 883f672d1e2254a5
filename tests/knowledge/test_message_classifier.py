"""Alarms and acts, told from what only sounds like them."""

from collections.abc import Callable

import numpy as np
import pytest

from knowledge.message_classifier import ClassifierResult, ClassWeights, Lesson, MessageClassifier
from tests.knowledge.hashing_encoder import HashingEncoder

ENCODER = HashingEncoder()
CLASSES = [
    Lesson(
        "lost_phone",
        "danger",
        ["手机丢了", "手机被偷了", "我手机掉了找不到", "手机让人抢走了", "手机落在车上不见了", "手机遗失"],
    ),
    Lesson(
        "scam",
        "danger",
        ["骗子让我转账", "要先交保证金", "他让我转钱过去", "对方要验证码", "交了钱不放款", "我被骗了"],
    ),
    Lesson("repeat", "act", ["再说一遍", "重复一下", "你再说一次", "没听见再讲一遍", "刚才那句重说"], 2.0),
    Lesson("back", "act", ["上一步", "回到上一题", "返回前一个", "退回去一步", "回上一个问题"], 2.0),
    Lesson(
        "talk",
        "talk",
        ["手机没电了", "手机换新的", "卡丢了", "找不到地方", "车上信号不好", "被雨淋了", "手机欠费", "没看见"],
    ),
    Lesson(
        "question", "question", ["利息多少", "怎么还款", "几点开门", "怎么转账", "保证金存款利率", "要什么材料"], 0.1
    ),
]
TEXTS = [text for known in CLASSES for text in known.texts]
VECTORS = dict(zip(TEXTS, ENCODER.encode(TEXTS), strict=True))


@pytest.fixture(scope="module")
def classifier() -> MessageClassifier:
    return MessageClassifier(CLASSES, VECTORS)


def rate(classifier: MessageClassifier, text: str) -> ClassifierResult:
    return classifier.rate(text, ENCODER.encode([text])[0])


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("我的手机被人偷走了", "lost_phone"),
        ("手机不见了", "lost_phone"),
        ("他叫我先转保证金", "scam"),
        ("让我先转钱", "scam"),
    ],
)
def test_an_alarm_in_other_words_is_told_by_its_topic(classifier: MessageClassifier, text: str, topic: str) -> None:
    dangers = rate(classifier, text).dangers
    assert max(dangers, key=dangers.__getitem__) == topic
    assert dangers[topic] > 0.4


@pytest.mark.parametrize("text", ["手机换了新卡", "利息几点", "怎么还", "下雨了", "手机没信号", "再说一次"])
def test_what_is_ordinary_is_less_probable_than_any_alarm(classifier: MessageClassifier, text: str) -> None:
    assert max(rate(classifier, text).dangers.values()) < 0.4


@pytest.mark.parametrize(("text", "act"), [("你再说一遍", "repeat"), ("重说一遍", "repeat"), ("返回上一步", "back")])
def test_an_act_in_other_words_is_the_likeliest(classifier: MessageClassifier, text: str, act: str) -> None:
    acts = rate(classifier, text).acts
    assert max(acts, key=acts.__getitem__) == act
    assert acts[act] > 0.4


@pytest.mark.parametrize("text", ["手机丢了", "？", "", "完全没见过的字", "a" * 2000])
def test_probabilities_lie_between_0_and_1(classifier: MessageClassifier, text: str) -> None:
    rated = rate(classifier, text)
    assert list(rated.dangers) == ["lost_phone", "scam"]
    assert all(0 <= probability <= 1 for probability in [*rated.dangers.values(), *rated.acts.values()])
    assert sum(rated.acts.values()) <= 1.001


def test_what_is_learned_is_the_same_every_time_and_can_be_kept(classifier: MessageClassifier) -> None:
    learned: list[ClassWeights] = []

    def keep(learn: Callable[[], ClassWeights]) -> ClassWeights:
        learned.append(learn())
        return learned[-1]

    first, again = (MessageClassifier(CLASSES, VECTORS, keep) for _ in range(2))
    for name, one, other in zip(ClassWeights._fields, *learned, strict=True):
        assert one.dtype != object
        assert np.array_equal(one, other), name
    kept = MessageClassifier(CLASSES, VECTORS, lambda learn: learned[0])
    assert rate(kept, "手机不见了") == rate(first, "手机不见了") == rate(again, "手机不见了")


def test_without_a_danger_nothing_is_one() -> None:
    harmless = MessageClassifier([known for known in CLASSES if known.kind != "danger"], VECTORS)
    rated = rate(harmless, "再说一遍")
    assert rated.dangers == {}
    assert max(rated.acts, key=rated.acts.__getitem__) == "repeat"
