"""What the bank says in words of its own: with the same values, from a day on, and in the customer's language."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml

from conversations.customer_texts import (
    TEXT_MAX,
    complete_words,
    get_own_words,
    load_texts,
    make_reply,
    put_to_customer,
    replace_own_words,
)
from conversations.english import to_english
from conversations.schemas import Reply
from kit.settings import ROOT

TODAY, TOMORROW = date(2026, 7, 1), date(2026, 7, 2)
BOOKED = {"最晚": "明天10:30", "电话": "138****1234"}


@pytest.fixture(autouse=True)
def own_words() -> Iterator[None]:
    before = get_own_words()
    replace_own_words({"callback_booked": [(TOMORROW, {"text": "{最晚}前打{电话}，请接听。", "english": ""})]})
    yield
    replace_own_words(before)


def test_own_words_are_said_from_their_day_on_with_the_same_values() -> None:
    reply = make_reply("callback_booked", BOOKED)
    assert put_to_customer(reply, None, TODAY) == reply
    assert put_to_customer(reply, None, TOMORROW).text == "明天10:30前打138****1234，请接听。"


def test_without_own_words_in_english_the_default_ones_are_said() -> None:
    reply = make_reply("callback_booked", BOOKED)
    assert put_to_customer(reply, "en", TOMORROW).text == to_english(reply.text)


def test_own_words_in_english_have_the_values_in_english() -> None:
    words = {"text": "{最晚}前打{电话}。", "english": "We call {电话} by {最晚}."}
    replace_own_words({"callback_booked": [(TODAY, words)]})
    said = put_to_customer(make_reply("callback_booked", BOOKED), "en", TODAY).text
    assert said == "We call 138****1234 by 10:30 tomorrow."


def test_what_is_no_such_text_stays() -> None:
    for reply in (Reply(text="收到。"), Reply(text="我来看看{最晚}", author="agent"), make_reply("requeued")):
        assert put_to_customer(reply, None, TOMORROW) == reply
    agent = Reply(text="收到。", author="agent")
    assert put_to_customer(agent, "en", TOMORROW) == agent


@pytest.mark.parametrize(
    ("key", "words", "problems"),
    [
        ("callback_booked", {"text": "{最晚}前打{电话}。", "english": ""}, {}),
        ("callback_booked", {"text": "{最晚}前打您。", "english": ""}, {"text": "少了{电话}，客户要听到它"}),
        (
            "callback_booked",
            {"text": "{姓名}，{最晚}前打{电话}。", "english": ""},
            {"text": "没有{姓名}，只能用{最晚}、{电话}"},
        ),
        ("callback_booked", {"text": "{最晚}前打{电话}}。", "english": ""}, {"text": "大括号要成对"}),
        (
            "callback_booked",
            {"text": "{最晚}前打{电话}。", "english": "We call you."},
            {"english": "少了{最晚}、{电话}，客户要听到它"},
        ),
        (
            "callback_booked",
            {"text": "{最晚}前打{电话}。", "english": "{最晚} {电话}好"},
            {"english": "英文里不要写中文"},
        ),
        ("requeued", {"text": "请等{最晚}", "english": ""}, {"text": "没有{最晚}，这里不用大括号"}),
        ("requeued", {"text": "  ", "english": ""}, {"text": f"请填写，最多{TEXT_MAX}字"}),
        ("requeued", {"text": "等" * (TEXT_MAX + 1), "english": ""}, {"text": f"请填写，最多{TEXT_MAX}字"}),
        ("requeued", {"text": "看https://bank.example", "english": ""}, {"text": "这里不能放链接"}),
        ("requeued", {"text": None, "english": None}, {"text": f"请填写，最多{TEXT_MAX}字"}),
    ],
)
def test_what_will_not_do_is_named_at_its_field(key: str, words: dict[str, Any], problems: dict[str, str]) -> None:
    assert complete_words(key, words)[1] == problems


@pytest.mark.parametrize("key", load_texts())
def test_default_words_would_be_taken_as_own_ones(key: str) -> None:
    assert complete_words(key, {"text": load_texts()[key].text, "english": ""})[1] == {}


def test_the_welcome_is_what_the_bot_says() -> None:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    assert load_texts()["welcome"].text == responses["utter_greet"][0]["text"]
