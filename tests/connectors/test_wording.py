"""What the gateway understands by itself: only a plain wish for a human."""

from typing import get_args

import pytest

from connectors.wording import (
    APOLOGY,
    HANDOFF_WITHOUT_BOT,
    HUMAN_PAYLOADS,
    TEXT_EMPTY,
    TEXT_TOO_LONG,
    TOO_FAST,
    UNREADABLE,
    is_human_request,
)
from conversations.schemas import READABLE, MessageKind


@pytest.mark.parametrize(
    "text",
    [
        "人工",
        "转人工",
        " 转人工！",
        "我要转人工",
        "想找人工",
        "我想找真人客服",
        "请转人工客服",
        "帮我转人工服务吧",
        "麻烦转一下人工",
        "给我找个活人",
        "转接人工",
        "请转接人工坐席",
        "人工客服",
        "人工啊!!",
        "叫人工呀。",
    ],
)
def test_a_plain_wish_for_a_human_is_understood(text: str) -> None:
    assert is_human_request(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "你好",
        "人工费怎么算",
        "人工智能是什么",
        "贷款买人工草坪",
        "不要转人工",
        "别转人工",
        "转账",
        "找客户经理",
        "你是真人吗",
        "人工客服几点上班",
        "转人工的电话是多少",
        "我要贷款，转人工太慢了",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert not is_human_request(text)


def test_the_apology_offers_what_is_understood_without_the_bot() -> None:
    (button,) = APOLOGY.buttons
    assert button.payload == "/request_human"
    assert is_human_request(button.title)


def test_every_kind_without_words_has_a_sentence() -> None:
    # An event that means nothing to the bot is not answered.
    assert set(UNREADABLE) == set(get_args(MessageKind)) - {"event"}
    assert set(get_args(MessageKind)) >= READABLE


def test_every_button_of_ours_works_without_the_bot() -> None:
    for reply in (APOLOGY, HANDOFF_WITHOUT_BOT, *UNREADABLE.values()):
        assert reply.author == "system"
        assert {button.payload for button in reply.buttons} <= set(HUMAN_PAYLOADS)


SAID = [reply.text for reply in (APOLOGY, HANDOFF_WITHOUT_BOT, *UNREADABLE.values())]


@pytest.mark.parametrize("text", [*SAID, TEXT_EMPTY, TEXT_TOO_LONG, TOO_FAST])
def test_it_fits_a_phone_screen(text: str) -> None:
    assert len(text) <= 80
