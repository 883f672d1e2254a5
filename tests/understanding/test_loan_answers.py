"""Answers to what was asked about a loan: sums, what a renewal depends on, and the yes that binds."""

from typing import Any

import pytest

from understanding.loan_answers import answers_step, tells_how_much
from understanding.read import read_message
from understanding.schemas import Act, State
from understanding.table import choose_act

LOAN = {"loan": "a1"}
DRAWS = {"question": "draw_loan", "loan": LOAN}
PREPAYS = {"question": "prepay_loan", "loan": LOAN}
CONFIRMS_DRAWING = {"question": "draw_loan", "loan": {**LOAN, "amount": 30_000, "key": "k"}}
CONFIRMS_RENEWAL = {"question": "renew_loan", "loan": {**LOAN, "operating": True, "needs": True, "key": "k"}}
OPERATING = {"question": "renew_loan", "loan": {**LOAN, "step": "operating"}}
NEEDS = {"question": "renew_loan", "loan": {**LOAN, "step": "needs", "operating": True}}
STATES = [DRAWS, PREPAYS, CONFIRMS_DRAWING, CONFIRMS_RENEWAL, OPERATING, NEEDS]

DRAWN = """
    2万 | 那就2万 | 那我用2万吧 | 先用2万买化肥 | 20000 | 两万块 | 我要2万 | 提2万出来 | 2万吧 | 先来2万 | 2万行不
    | 3万，不对，2万 | 就用2万 | 2万就行 | 那就先拿2万 | 借2万 | 要2万进货 | 还是用2万吧 | 给我2万 | 2w | 我只要2万
"""
PREPAID = "2万 | 还2万 | 先还2万 | 提前还2万 | 还两万块 | 我想还2万 | 那就2万吧 | 还个2万 | 打算还2万"
ALL = """
    全部 | 全部还清 | 都还了 | 全还 | 还清 | 一次性还清 | 全部提前还清 | 都还清吧 | 全都还了 | 都提出来 | 剩下的都还了
    | 结清 | 我要全部还清
"""
NO_ANSWERS = """
    还欠8万 | 我已经用了2万 | 上次提了3万 | 我儿子要5万彩礼 | 我工资3000块 | 去年亏了5万 | 我爸借了2万 | 别人让我转2万
    | 不要3万 | 2万是什么意思 | 你们扣了我2万 | 流水20万 | 他说要2万 | 我昨天取了2万 | 欠信用社2万 | 骗子要我转3万
    | 我老婆用了3万 | 没有3万 | 我在农行贷了5万 | 给他转2万 | 借给朋友2万 | 2万被骗了 | 2万不够 | 每月还2万 | 还了2万
"""
STEPS: list[tuple[dict[str, Any], bool, str]] = [
    (OPERATING, True, "还在做 | 在做 | 还在养猪 | 店还开着 | 一直在做 | 正常经营 | 地还在种 | 做着呢 | 是的 | 嗯"),
    (OPERATING, False, "不做了 | 没做了 | 早就不干了 | 店关了 | 不养了 | 已经不做了 | 转让了 | 不在做了"),
    (NEEDS, True, "还要用 | 需要 | 要用 | 还需要 | 继续用 | 接着用 | 肯定要用 | 还得用 | 要用钱 | 是的"),
    (NEEDS, False, "不用了 | 不需要 | 不用 | 用不着了 | 到期还清 | 到期我还清 | 不想用了"),
]
CLEAR = "好的 | 确认 | 同意 | 是的 | 可以 | 没问题 | 行 | 对的 | 提交 | 确认用款 | 同意并申请续贷 | yes | i agree"
ONLY_HEARD = "嗯 | 嗯嗯 | 哦 | 哦哦 | 👌 | ok | OK | okay | 好的谢谢 | 好吧"
CONFIRMATIONS = [CONFIRMS_DRAWING, CONFIRMS_RENEWAL]


def split(texts: str) -> list[str]:
    return [text.strip() for text in texts.split("|")]


def choose(text: str, state: dict[str, Any]) -> Act | None:
    return choose_act(read_message(text), State.model_validate(state))


@pytest.mark.parametrize("text", split(DRAWN))
@pytest.mark.parametrize("state", [DRAWS, CONFIRMS_DRAWING], ids=["how much", "confirmation"])
def test_a_sum_to_draw_is_asked_to_be_confirmed_anew(text: str, state: dict[str, Any]) -> None:
    act = choose(text, state)
    assert act
    assert (act.name, act.values) == ("draw_loan", {**LOAN, "amount": 20_000})


@pytest.mark.parametrize(
    ("text", "values"),
    [(text, {"amount": 20_000}) for text in split(PREPAID)] + [(text, {"all": True}) for text in split(ALL)],
)
def test_a_sum_to_repay_early(text: str, values: dict[str, Any]) -> None:
    act = choose(text, PREPAYS)
    assert act
    assert (act.name, act.values) == ("prepay_loan", {**LOAN, **values})


@pytest.mark.parametrize("text", split(NO_ANSWERS))
@pytest.mark.parametrize("state", STATES, ids=str)
def test_sums_of_something_else_are_left_to_others(text: str, state: dict[str, Any]) -> None:
    act = choose(text, state)
    assert act is None or not act.name.endswith("_loan")


@pytest.mark.parametrize(("text", "question"), [("还2万", "draw_loan"), ("全部", "draw_loan"), ("2万", "renew_loan")])
def test_a_sum_answers_only_what_was_asked(text: str, question: str) -> None:
    assert tells_how_much(read_message(text), question) == {}


@pytest.mark.parametrize(
    ("state", "is_yes", "text"), [(state, is_yes, text) for state, is_yes, texts in STEPS for text in split(texts)]
)
def test_what_a_renewal_depends_on(state: dict[str, Any], is_yes: bool, text: str) -> None:
    act = choose(text, state)
    assert act
    assert act.name == "renew_loan"
    assert act.values == {**state["loan"], "is_agreed" if is_yes else "is_refused": True}


@pytest.mark.parametrize("text", ["他还在做", "我儿子不做了", "还要用什么资料", "需要多久", "需要什么材料", "不做年审"])
@pytest.mark.parametrize("step", ["operating", "needs", ""])
def test_of_others_and_in_questions_no_step_is_answered(text: str, step: str) -> None:
    assert answers_step(text, step) is None


@pytest.mark.parametrize("text", split(CLEAR))
@pytest.mark.parametrize("state", CONFIRMATIONS, ids=["drawing", "renewal"])
def test_a_clear_yes_binds(text: str, state: dict[str, Any]) -> None:
    act = choose(text, state)
    assert act
    assert (act.name, act.values) == (state["question"], {**state["loan"], "is_agreed": True})


@pytest.mark.parametrize("text", split(ONLY_HEARD))
@pytest.mark.parametrize("state", CONFIRMATIONS, ids=["drawing", "renewal"])
def test_what_was_only_heard_is_asked_again(text: str, state: dict[str, Any]) -> None:
    act = choose(text, state)
    assert act
    assert (act.name, act.values) == (state["question"], state["loan"])
