"""What of a message is looked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.normalise import normalise
from understanding.query import (
    PARTS_MAX,
    find_continuation,
    find_follow_up,
    find_matter,
    find_parts,
    find_query,
    hide_personal,
)
from understanding.read import read_message
from understanding.schemas import Reading


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("农户贷利率多少", "农户贷利率多少"),
        # What is ruled out is not asked.
        ("我不是要申请，就问下农户贷利率", "农户贷利率"),
        ("别给我转人工 我只想知道几点关门", "我只想知道几点关门"),
        ("不是社保卡丢了，是银行卡丢了", "是银行卡丢了"),
        # A denial that nothing is put in place of stays.
        ("不想提前还款，可以吗", "不想提前还款,可以吗"),
        ("我没有抵押，能贷吗", "我没有抵押,能贷吗"),
        # That something is asked says nothing of what.
        ("你好，想打听一下提前还款有没有违约金", "提前还款有没有违约金"),
        ("我想问问要带什么资料", "要带什么资料"),
        ("请问", "请问"),
        ("？", "?"),
        ("。。。", "。"),
    ],
)
def test_the_question_is_left(text: str, query: str) -> None:
    assert find_query(normalise(text)).replace("，", ",") == query


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("利率多少", []),
        ("利率多少，要带什么资料", ["利率多少", "要带什么资料"]),
        ("好的，利率多少", []),
        ("利率多少？要什么资料？多久放款？在哪办？", ["利率多少", "要什么资料", "多久放款"]),
    ],
)
def test_clauses_that_may_be_questions_of_their_own(query: str, parts: list[str]) -> None:
    found = find_parts(query)
    assert (found if len(found) > 1 else []) == parts


@pytest.mark.parametrize(
    ("text", "form", "asked"),
    [
        ("会上征信不", "quota_form", "测额度会上征信不"),
        ("查我征信吗", "application_form", "申请贷款查我征信吗"),
        ("会不会在征信上留记录", "quota_form", "测额度会不会在征信上留记录"),
        ("会上征信不", None, ""),
        ("会上征信不", "repayment_form", ""),
        ("逾期几天上征信", "quota_form", ""),
        ("征信报告在哪打印", "quota_form", ""),
        ("别查我征信", "quota_form", ""),
    ],
)
def test_in_a_form_the_credit_record_is_asked_about_for_it(text: str, form: str | None, asked: str) -> None:
    assert find_matter(read_message(text), form) == asked


@pytest.mark.parametrize(
    ("text", "topic", "asked"),
    [
        ("那农户贷呢", "商户贷利率是多少？", "农户贷利率是多少？"),
        ("公司的呢", "农户贷谁可以申请？", "小微企业贷谁可以申请？"),
        ("商户的呢", "提前还款有违约金吗？", ""),
        ("还有两年的咋样？", "最长能贷多久？", "两年的最长能贷多久？"),
        ("那农户贷呢", "", ""),
        ("农户贷利率多少", "商户贷利率是多少？", ""),
        ("我开个小店的", "农户贷谁可以申请？", ""),
    ],
)
def test_a_short_question_goes_on_from_the_last_answer(text: str, topic: str, asked: str) -> None:
    assert find_follow_up(Reading(text=text, plain=normalise(text)), topic) == asked


@pytest.mark.parametrize(
    ("text", "topic", "asked"),
    [
        ("那在哪里操作", "提前还款有违约金吗？", "那在哪里操作，提前还款有违约金吗？"),
        ("那在哪里操作", "", ""),
        ("那就这样", "提前还款有违约金吗？", ""),
        ("在哪里操作", "提前还款有违约金吗？", ""),
    ],
)
def test_a_question_that_means_little_alone_is_read_with_the_last_one(text: str, topic: str, asked: str) -> None:
    assert find_continuation(read_message(text), topic) == asked


def test_why_so_goes_on_too() -> None:
    reading = Reading(text="为什么这么高", plain="为什么这么高", acts=("why_result",))
    assert find_follow_up(reading, "利率是多少？") == "利率为什么这么高"


@given(st.text() | st.text("我不是要就问，。？ 呢", max_size=40))
def test_any_text_is_taken(text: str) -> None:
    plain = normalise(text)
    query = find_query(plain)
    assert bool(query) == bool(plain)
    assert len(find_parts(query)) <= PARTS_MAX


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("怎么报名，我电话13800138000", "怎么报名"),
        ("我手机号码是138 0013 8000 利率多少", "利率多少"),
        ("利率多少，加我微信13800138000", "利率多少"),
        ("利率多少，打13800138000找我", "利率多少"),
        ("利率多少，身份证110105194912310021", "利率多少"),
        # One that is asked about stays, and so does one alone.
        ("我电话13800138000换了，怎么改", "我电话****换了,怎么改"),
        ("卡号6222021234567890123丢了，怎么办", "卡号****丢了,怎么办"),
        ("我电话13800138000", "我电话****"),
    ],
)
def test_a_number_that_is_told_asks_nothing(text: str, query: str) -> None:
    assert find_query(hide_personal(read_message(text)).plain).replace("，", ",") == query


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("我叫李桂兰，想问下利率", "我叫某某,想问下利率"),
        ("我电话138 1234 5678换了怎么改", "我电话****换了怎么改"),
        ("身份证110105194912310021过期了能贷款吗", "身份证****过期了能贷款吗"),
        ("贷5万一年利息多少", "贷5万一年利息多少"),
    ],
)
def test_other_services_are_sent_no_names_and_numbers(text: str, sent: str) -> None:
    assert hide_personal(read_message(text, None)).plain == sent
