"""One customer on two channels, known by the phone that both verified: what was begun on one goes on on the other."""

import asyncio
from pathlib import Path

from dev.stack import Stack
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.phones import read_code, verify_before
from tests.end_to_end.wording import find_hints, says

PHONE = "13800009021"


def verify(customer: Customer, sms_file: Path) -> None:
    """Types the code that was sent."""
    customer.say(f"验证手机号{PHONE}")
    assert "已经核实" in read_words(customer.say(read_code(sms_file, PHONE)))


def test_what_was_begun_on_one_channel_goes_on_on_the_other(stack: Stack, customer: Customer, sms_file: Path) -> None:
    verify(customer, sms_file)
    for words in ("我想贷款", "同意", "农户贷", "5万", "1年", "买化肥"):
        customer.say(words)
    with Customer(stack.urls["gateway"]) as elsewhere:
        elsewhere.say("我想贷款")
        assert not says(read_words(elsewhere.say("同意")), "utter_draft_resumed"), "nobody knows who this is"
        elsewhere.say("不办了")
        asyncio.run(verify_before(stack, elsewhere, PHONE))
        elsewhere.say("我想贷款")
        resumed = read_words(elsewhere.say("同意"))
        assert says(resumed, "utter_draft_resumed")
        assert "买化肥" in resumed
        assert find_hints(resumed, "region")
        for words in ("柳河镇王家村", "钱秀英", PHONE):
            elsewhere.say(words)
        assert says(read_words(elsewhere.press("提交")), "utter_application_submitted")
    assert "已收到" in read_words(customer.say("我的申请到哪一步了"))


def test_what_was_told_for_the_quota_is_not_asked_again_elsewhere(stack: Stack, customer: Customer) -> None:
    for words in ("能贷多少", "同意", "开店的", "一年60万", "5年", "没有", "没有"):
        customer.say(words)
    asyncio.run(verify_before(stack, customer, PHONE))
    with Customer(stack.urls["gateway"]) as elsewhere:
        elsewhere.say("你好")
        asyncio.run(verify_before(stack, elsewhere, PHONE))
        for words in ("我想贷款", "同意"):
            elsewhere.say(words)
        heard = read_words(elsewhere.say("商户贷"))
    assert says(heard, "utter_known_facts")
    assert "60万元" in heard
