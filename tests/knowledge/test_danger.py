"""Alarms, told from what only sounds like them."""

import numpy as np
import pytest

from knowledge.danger import ORDINARY, DangerIndex, DangerWeights
from tests.knowledge.hashing_encoder import HashingEncoder

ENCODER = HashingEncoder()
DANGERS = {
    "lost_phone": ["手机丢了", "手机被偷了", "我手机掉了找不到", "手机让人抢走了", "手机落在车上不见了", "手机遗失"],
    ORDINARY: ["手机没电了", "手机换新的", "卡丢了", "找不到地方", "车上信号不好", "被雨淋了", "手机欠费", "没看见"],
    "scam": ["骗子让我转账", "要先交保证金", "他让我转钱过去", "对方要验证码", "交了钱不放款", "我被骗了"],
}
QUESTIONS = ["利息多少", "怎么还款", "几点开门", "怎么转账", "保证金存款利率", "贷款要什么材料"]
TEXTS = [*(text for own in DANGERS.values() for text in own), *QUESTIONS]
TOPICS = ["lost_phone", "scam"]


@pytest.fixture(scope="module")
def weights() -> DangerWeights:
    return DangerWeights.learn(DANGERS, QUESTIONS, dict(zip(TEXTS, ENCODER.encode(TEXTS), strict=True)))


@pytest.fixture(scope="module")
def index(weights: DangerWeights) -> DangerIndex:
    return DangerIndex(TOPICS, weights)


def rate(index: DangerIndex, text: str) -> dict[str, float]:
    return index.rate(text, ENCODER.encode([text])[0])


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("我的手机被人偷走了", "lost_phone"),
        ("手机不见了", "lost_phone"),
        ("他叫我先转保证金", "scam"),
        ("让我先转钱", "scam"),
    ],
)
def test_an_alarm_in_other_words_is_told_by_its_topic(index: DangerIndex, text: str, topic: str) -> None:
    rated = rate(index, text)
    assert max(rated, key=lambda name: rated[name]) == topic
    assert rated[topic] > 0.5


@pytest.mark.parametrize("text", ["手机换了新卡", "利息几点", "怎么还", "下雨了", "手机没信号"])
def test_what_is_ordinary_is_less_probable_than_any_alarm(index: DangerIndex, text: str) -> None:
    assert max(rate(index, text).values()) < 0.5


@pytest.mark.parametrize("text", ["手机丢了", "？", "", "完全没见过的字", "a" * 2000])
def test_probabilities_lie_between_0_and_1(index: DangerIndex, text: str) -> None:
    rated = rate(index, text)
    assert list(rated) == TOPICS
    assert all(0 <= probability <= 1 for probability in rated.values())


def test_what_was_learned_is_the_same_every_time(weights: DangerWeights) -> None:
    again = DangerWeights.learn(DANGERS, QUESTIONS, dict(zip(TEXTS, ENCODER.encode(TEXTS), strict=True)))
    for name, array in weights._asdict().items():
        assert np.array_equal(array, getattr(again, name)), name


def test_all_that_was_learned_can_be_kept_in_a_file(weights: DangerWeights) -> None:
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in weights)
