"""Loans in the bank's core, over HTTP: it fails, it calls back twice, and the papers of a review arrive."""

import asyncio
import re

import pytest

from applications.core_client import CoreClient
from applications.schemas import CoreStatus, Move
from dev.stack import Stack
from kit.errors import ServiceRefused
from tests.core_banking.small_core import SmallCore
from tests.end_to_end.conftest import CORE_SECRET
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.phones import verify_before
from tests.pictures.specimens import make_contract

PHONE = "13800007007"
PAID_OUT = Move(expected="submitted", stage="drawn")
pytestmark = pytest.mark.usefixtures("staffed")


def find_number(heard: str) -> str:
    found = re.search("QH[0-9]{6}-[2-9A-Z]{5}", heard)
    assert found, heard
    return found[0]


async def call_back(stack: Stack, number: str, secret: str = CORE_SECRET) -> CoreStatus:
    """What the core does once the money is paid out: it says so twice."""
    core = CoreClient(stack.urls["desk"], secret)
    try:
        first = await core.take_step(number, PAID_OUT, key=f"paid-{number}")
        assert await core.take_step(number, PAID_OUT, key=f"paid-{number}") == first
        return await core.read_status(number)
    finally:
        await core.close()


def test_while_the_core_is_away_that_is_said_and_it_can_be_tried_again(
    stack: Stack, customer: Customer, small_core: SmallCore
) -> None:
    asyncio.run(verify_before(stack, customer, "13800007001"))
    small_core.script = ["down", "silent"]
    assert "贷款系统现在连不上" in read_words(customer.say("我的贷款"))
    assert {"再试一次", "转人工", "找客户经理"} <= set(customer.buttons)
    assert "还欠80000.00元" in read_words(customer.press("再试一次"))


def test_a_drawdown_whose_answer_is_lost_is_made_once_and_paid_out_once(
    stack: Stack, customer: Customer, small_core: SmallCore
) -> None:
    asyncio.run(verify_before(stack, customer, PHONE))
    assert "用款1万元" in read_words(customer.say("我想用款1万"))
    small_core.script = ["", "silent"]
    small_core.keys.clear()
    done = read_words(customer.press("同意并用款"))
    number = find_number(done)
    assert "用款申请已提交" in done
    # How often it is asked again is a matter of time; each time under the same key.
    looked, *asked = small_core.keys
    assert (looked, set(asked)) == ("", {number})
    assert len(asked) > 1
    with pytest.raises(ServiceRefused, match="401 wrong_signature"):
        asyncio.run(call_back(stack, number, "another secret of some length"))
    status = asyncio.run(call_back(stack, number))
    assert [step.stage for step in status.steps] == ["submitted", "drawn"]
    assert "贷款已经放到您的账户" in read_words(customer.say(f"查进度{number}"))


def test_the_papers_of_a_yearly_review_are_with_it(stack: Stack, customer: Customer) -> None:
    asyncio.run(verify_before(stack, customer, PHONE))
    assert "做年审" in read_words(customer.say("我要年审"))
    number = find_number(read_words(customer.press("同意并开始年审")))
    assert number in read_words(customer.show(make_contract(3)[0]))
