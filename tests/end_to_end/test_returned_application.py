"""An application comes back with named items: the customer hears it, completes those, and no others."""

import asyncio

import pytest

from applications.core_client import CoreClient
from applications.schemas import CoreStatus, Move
from dev.stack import Stack
from tests.end_to_end.conftest import CORE_SECRET
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.wording import find_hints, says
from tests.pictures.specimens import make_contract

TOLD = ("农户贷", "5万", "1年", "买化肥", "柳河镇", "钱秀英", "13600003333")


async def ask_core(stack: Stack, number: str, change: Move | None = None) -> CoreStatus:
    """What the bank's core does: it takes a step, if one is given, and reads where the application stands."""
    core = CoreClient(stack.urls["desk"], CORE_SECRET)
    try:
        if change:
            await core.take_step(number, change, key=f"returned-{number}")
        return await core.read_status(number)
    finally:
        await core.close()


def give_back(stack: Stack, customer: Customer, *items: str) -> str:
    """The number of an application that is handed in and comes back for want of items."""
    for words in ("我想贷款", "同意", *TOLD):
        customer.say(words)
    submitted = read_words(customer.press("提交"))
    number = submitted[submitted.index("QH") :][:14]
    change = Move(expected="submitted", stage="incomplete", reason_class="missing", reason="请写到村", items=items)
    asyncio.run(ask_core(stack, number, change))
    return number


@pytest.fixture
def number(stack: Stack, customer: Customer) -> str:
    """Of an application that lacks the place and the land."""
    return give_back(stack, customer, "region", "land_mu")


def test_the_named_items_are_completed(stack: Stack, customer: Customer, number: str) -> None:
    standing = read_words(customer.say("我的申请怎么样了"))
    assert "请您补齐：地址、土地" in standing
    begun = read_words(customer.press("补材料"))
    assert says(begun, "utter_completion_begun")
    assert find_hints(begun, "region")
    digression = read_words(customer.say("利率多少"))
    assert "%" in digression
    assert find_hints(digression, "region")
    assert find_hints(read_words(customer.say("柳河镇王家村")), "land_mu")
    required = customer.say("跳过")
    assert says(read_words(required), "utter_completion_required")
    assert find_hints(read_words(required), "land_mu")
    summary = read_words(customer.say("我家种了12亩水稻"))
    assert "地址柳河镇王家村" in summary
    assert "金额" not in summary
    assert says(read_words(customer.say("为什么要问这个")), "utter_why_completion_confirmed")
    changed = read_words(customer.say("改土地"))
    assert find_hints(changed, "land_mu")
    assert "15亩" in read_words(customer.say("15亩"))
    done = read_words(customer.press("补交"))
    assert says(done, "utter_completion_done")
    assert number in done
    status = asyncio.run(ask_core(stack, number))
    assert (status.stage, status.items) == ("checking", [])
    assert says(read_words(customer.say("补材料")), "utter_completion_nothing")


def test_it_is_left_and_gone_on_with(customer: Customer, number: str) -> None:
    customer.say("我来补材料")
    customer.say("柳河镇王家村")
    human = customer.say("先不弄了")
    assert human["holder"] == "bot"
    again = read_words(customer.say("把缺的补上"))
    assert find_hints(again, "land_mu") or find_hints(again, "region")


def test_a_new_loan_is_not_mixed_up_with_it(customer: Customer, number: str) -> None:
    customer.say("补材料")
    assert find_hints(read_words(customer.say("我想申请一笔商户贷")), "application_consent")


def test_a_paper_is_completed_by_its_picture(stack: Stack, customer: Customer) -> None:
    number = give_back(stack, customer, "paper:户口簿", "crops")
    assert "户口簿" in read_words(customer.say("查进度"))
    customer.press("补材料")
    summary = read_words(customer.say("水稻10亩"))
    assert says(summary, "utter_completion_papers")
    early = read_words(customer.press("补交"))
    assert says(early, "utter_completion_papers_missing")
    assert says(early, "utter_completion_papers")
    filed = read_words(customer.show(make_contract(3)[0]))
    assert number in filed
    done = read_words(customer.press("补交"))
    assert says(done, "utter_completion_done")
    assert asyncio.run(ask_core(stack, number)).stage == "checking"
