"""Which turns are worth a look."""

from datetime import timedelta

import pytest

from bot.review.selection import select_turns
from tests.bot.review.turns import BEGIN, Said, make_turns, said

CASES: list[tuple[str, list[Said], dict[int, tuple[str, ...]]]] = [
    ("a sure answer", [said("社保卡丢了咋办", "answer", score=0.97)], {}),
    ("an answer that was nearly only offered", [said("补卡多少钱", "answer", score=0.74)], {1: ("low_confidence",)}),
    ("an offered entry that was chosen", [said("第一个", "answer")], {}),
    (
        "a form on a likely guess",
        [said("手头紧能弄点不", "apply_for_loan", intent="apply_for_loan", probability=0.55)],
        {1: ("low_confidence",)},
    ),
    ("a form on a sure guess", [said("贷点款", "apply_for_loan", intent="apply_for_loan", probability=0.9)], {}),
    ("facts beside an unsure intent", [said("大概8万吧我想", "inform", intent="inform", probability=0.4)], {}),
    (
        "entries of which none was meant",
        [said("卡的事", "suggest"), said("都不是", "none_of_these", is_pressed=True)],
        {1: ("low_confidence",)},
    ),
    (
        "entries, then the same in other words",
        [said("卡丢了钱会不会没", "suggest", entry_id="card-lost"), said("钱还在不在", "answer", entry_id="card-lost")],
        {1: ("low_confidence",)},
    ),
    (
        "entries, then nearly the same characters",
        [said("存折掉水里了", "suggest"), said("存折掉到水里了怎么办", "suggest"), said("谢谢", "thank")],
        {1: ("low_confidence",)},
    ),
    (
        "entries of which one was chosen",
        [said("卡丢了咋整", "suggest"), said("卡丢了怎么办", "answer", is_pressed=True)],
        {},
    ),
    ("entries, then something else", [said("卡的事", "suggest"), said("想贷5万", "apply_for_loan")], {}),
    (
        "an act that was asked back for nothing",
        [said("不想弄了是不是要跑一趟", "ask_back"), said("不是", "keep")],
        {1: ("low_confidence",)},
    ),
    ("an act that was asked back and meant", [said("不想弄了", "ask_back"), said("是", "complain")], {}),
    ("nothing understood", [said("嗯那个", "not_understood", is_understood=False)], {1: ("not_understood",)}),
    ("nothing once more", [said("就那个", "not_understood_again")], {1: ("not_understood",)}),
    ("nothing in a form", [said("嗯那个", "unclear")], {1: ("not_understood",)}),
    ("an answer the form did not take", [said("三", "inform", is_understood=False)], {1: ("not_understood",)}),
    ("a message that no process could answer", [said("在吗", is_understood=False)], {}),
    ("the question in other words", [said("测额度", "check_quota"), said("啥意思", "rephrase")], {1: ("repair",)}),
    ("once more", [said("利率多少", "answer", score=1.0), said("再说一遍", "repeat_answer")], {1: ("repair",)}),
    ("that was not it", [said("利率多少", "answer", score=1.0), said("答非所问", "apologise")], {1: ("repair",)}),
    ("back", [said("8万", "inform", asked="amount"), said("上一步", "go_back", asked="term")], {1: ("repair",)}),
    (
        "a correction right after",
        [said("8万", "inform", asked="amount"), said("不是8万，是18万", "inform", asked="term")],
        {1: ("repair",)},
    ),
    (
        "another answer to what was asked back",
        [said("8", "inform", asked="amount"), said("不是，8万", "inform", asked="amount")],
        {},
    ),
    ("the next answer", [said("8万", "inform", asked="amount"), said("两年", "inform", asked="term")], {}),
    ("a human at once", [said("转人工", "request_human", handoff="customer_request")], {}),
    (
        "a human after a failure",
        [said("嗯那个", "not_understood"), said("转人工", "request_human", handoff="customer_request")],
        {1: ("not_understood",), 2: ("handoff",)},
    ),
    (
        "a human after the last of several failures",
        [said("嗯", "not_understood"), said("就那个", "not_understood", handoff="not_understood")],
        {1: ("not_understood",), 2: ("not_understood", "handoff")},
    ),
    (
        "a human long after a failure",
        [said("嗯", "not_understood"), *[said("还行", "thank")] * 3, said("转人工", handoff="customer_request")],
        {1: ("not_understood",)},
    ),
    ("a decision that only a human can make", [said("没有", "inform", handoff="credit_review")], {}),
    ("danger", [said("我被骗了", "danger", handoff="sensitive")], {1: ("danger",)}),
    ("perhaps danger", [said("有人让我先交钱", "danger_possible")], {1: ("danger",)}),
    ("a form that was dropped", [said("8万", "inform"), said("算了", "cancel")], {2: ("dropped_form",)}),
    ("dropped once it was confirmed", [said("算了", "cancel"), said("不办了", "cancel")], {2: ("dropped_form",)}),
    ("not dropped after all", [said("算了", "cancel"), said("继续办", "keep")], {}),
    ("while an agent talks", [said("你好"), said("谢谢")], {}),
]


@pytest.mark.parametrize(("messages", "kinds"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_turns_worth_a_look(messages: list[Said], kinds: dict[int, tuple[str, ...]]) -> None:
    assert select_turns(make_turns(*messages)) == kinds


def test_what_comes_much_later_is_no_repair() -> None:
    turns = make_turns(said("利率多少", "answer", score=1.0), said("啥意思", "rephrase", at=BEGIN + timedelta(hours=1)))
    assert select_turns(turns) == {}


def test_choices_of_another_version_are_read() -> None:
    (turn,) = make_turns(said("卡丢了", "answer", score=0.5))
    newer = turn.model_copy(update={"choice": {**(turn.choice or {}), "unheard_of": 1}})
    assert select_turns([newer]) == {1: ("low_confidence",)}
