"""A service that is away: an honest sentence in time, and all well again once it is back."""

import signal
import time

import pytest

from dev.stack import Stack
from tests.end_to_end.customer import Customer, read_words

pytestmark = pytest.mark.exhaustive

HONEST = ("连不上", "没能办好", "没办成")
SECONDS_MAX = 5.0

# What is tried with a service away: said before, said while it is away, said once it is back, heard then.
CASES = [
    pytest.param("knowledge", [], "农户贷需要什么材料", "身份证", id="a question without knowledge"),
    pytest.param("actions", [], "农户贷需要什么材料", "身份证", id="a question without actions"),
    pytest.param("actions", ["我想贷款", "同意"], "开店摆摊", "借多少", id="a form without actions"),
    pytest.param(
        "scoring",
        ["能贷多少", "同意", "开店摆摊", "60万", "5年", "没有"],
        "没有",
        "年利率",
        id="a quota without scoring",
    ),
    pytest.param(
        "desk",
        ["我想贷款", "同意", "开店摆摊", "6万", "1年", "进货", "青山镇", "赵六", "13600002222"],
        "没问题，提交",
        "编号QH",
        id="an application without the desk",
    ),
    pytest.param("rasa", [], "你好", "小禾", id="anything without Rasa"),
]


def is_reported_ill(customer: Customer) -> bool:
    """Whether health is soon not 200: what was found a moment ago is told again for a moment."""
    for _ in range(40):
        if customer.client.get("/healthz").status_code == 503:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
@pytest.mark.parametrize(("process", "before", "asked", "heard_later"), CASES)
def test_a_service_that_is_away(
    stack: Stack, customer: Customer, process: str, before: list[str], asked: str, heard_later: str, how: signal.Signals
) -> None:
    for words in before:
        customer.say(words)
    stack.stop(process, how)
    try:
        turn = customer.say(asked)
        assert any(words in read_words(turn) for words in HONEST), turn
        assert customer.seconds < SECONDS_MAX
        assert "转人工" in customer.buttons
        assert is_reported_ill(customer)
        retry = next((title for title in customer.buttons if title.startswith("再")), None)
        if process == "rasa" and how is signal.SIGKILL:  # a human can be had without the bot
            turn = customer.press("转人工")
            assert turn["holder"] == "queue"
            assert "转人工客服" in read_words(turn)
            return
    finally:
        if how is signal.SIGSTOP:
            stack.stop(process, signal.SIGCONT)
        else:
            stack.start(process)
        stack.wait_until_healthy(process)
    stack.wait_until_healthy("gateway")
    if retry and process == "desk":
        customer.press(retry)
        turn = customer.say("提交")
    else:
        turn = customer.press(retry) if retry else customer.say(asked)
    assert heard_later in read_words(turn)
