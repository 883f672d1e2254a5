"""What an answer to each question is taken for, and what is left alone: written as customers write."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.form_reading import Found, Reading, Unclear
from bot.actions.message import Message
from bot.actions.readers import (
    Reader,
    make_limits,
    read_area,
    read_choice,
    read_confirmation,
    read_consent,
    read_name,
    read_phone_number,
    read_place,
    read_purpose,
    read_sum,
    read_term,
    read_years,
    read_yes_no,
)
from tests.bot.actions.action_call import INTENTS

LEAVING = ("request_human", "request_account_manager", "complain", "cancel")
LOAN = read_sum(make_limits(1_000, 300_000))
YEARLY = read_sum(make_limits(0, 1_000_000_000), is_yearly=True)
DEBT = read_sum(make_limits(0, 1_000_000_000), may_be_none=True)
TERM = read_term(make_limits(1, 36))


def read(reader: Reader, text: str, intent: str = "inform", **entities: Any) -> Reading:
    return reader(Message(text, intent, entities), {})


# --- sums ---


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("20万", 200_000),
        ("8万块", 80_000),
        ("两万五", 25_000),
        ("借15万两年", 150_000),
        ("二十来万就够了", 200_000),
        ("大概10万左右", 100_000),
        ("50000", 50_000),
        ("1000", 1_000),
        ("1000元", 1_000),
        ("30万", 300_000),
        ("300000", 300_000),
        ("不是20万是2万", 20_000),
    ],
)
def test_a_sum_is_taken(text: str, yuan: int) -> None:
    assert read(LOAN, text) == Found(yuan)


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("20", Unclear("unit", high="20万元")),
        ("500", Unclear("unit", high="500万元")),
        ("3.5", Unclear("unit", high="3.5万元")),
        ("20到30万", Unclear("range", "20万元", "30万元")),
        ("三五万", Unclear("range", "3万元", "5万元")),
        ("20-30", Unclear("range", "20万元", "30万元")),
        ("5000-8000", Unclear("range", "5000元", "8000元")),
        ("10万或者20万", Unclear("several")),
        ("没有30万", Unclear("unclear")),
        ("999元", Unclear("too_low", low="1000元")),
        ("0", Unclear("too_low", low="1000元")),
        ("300001元", Unclear("too_high", high="30万元")),
        ("500万", Unclear("too_high", high="30万元")),
        ("9999999", Unclear("too_high", high="30万元")),
    ],
)
def test_a_sum_that_cannot_be_taken_is_asked_back_and_never_guessed(text: str, unclear: Unclear) -> None:
    assert read(LOAN, text) == unclear


@pytest.mark.parametrize("text", ["越多越好", "跟上次一样", "一台拖拉机", "我身份证尾号是1234x", "不是20万", ""])
def test_what_names_no_sum_is_none(text: str) -> None:
    assert read(LOAN, text) is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("20万一年利息多少", "ask_question"),
        ("20万利息多少", "ask_question"),
        ("上次借了5万还没还清，能不能再贷", "ask_question"),
        ("借20万三年每月还多少", "calculate_repayment"),
        ("你们去年多扣了我200块钱，我要个说法", "complain"),
        ("算了，20万不要了", "cancel"),
        ("转人工，我要借20万", "request_human"),
        ("我要问20万的事，叫客户经理来", "request_account_manager"),
        ("哥们儿昨天买彩票中了5块钱，可把我高兴坏了", "chitchat"),
        ("转人工", "request_human"),
        ("好的", "affirm"),
        ("跳过", "skip"),
    ],
)
def test_a_sum_in_passing_is_no_answer(text: str, intent: str) -> None:
    assert read(LOAN, text, intent) is None


@pytest.mark.parametrize(
    ("text", "intent"), [("20万", "ask_question"), ("我想借20万", "apply_for_loan"), ("20万吧", "nlu_fallback")]
)
def test_a_message_that_is_little_but_the_sum_is_an_answer_whatever_its_intent(text: str, intent: str) -> None:
    assert read(LOAN, text, intent) == Found(200_000)


def test_a_button_is_an_answer_whatever_its_intent() -> None:
    message = Message("按上次的办，还是10万这个数", "apply_for_loan", is_button=True)
    assert LOAN(message, {}) == Found(100_000)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("一年60万", 600_000),
        ("60万", 600_000),
        ("每月5万", 600_000),
        ("一个月5千", 60_000),
        ("5万一个月", 600_000),
        ("月均3万", 360_000),
        ("月收入8000", 96_000),
        ("月入8000块", 96_000),
        ("每天2000块", 720_000),
        ("日均1000", 360_000),
        ("一天能卖两千来块钱", 720_000),
        ("一年到头，每个月大概5000元", 60_000),
        ("每个月工资4000，一年下来5万", 50_000),
        ("公司一年营业额三百万左右", 3_000_000),
        ("0", 0),
    ],
)
def test_what_comes_by_the_month_or_the_day_becomes_a_years(text: str, yuan: int) -> None:
    assert read(YEARLY, text) == Found(yuan)


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("60", Unclear("unit", high="60万元")),
        ("月流水3-5万", Unclear("range", "36万元", "60万元")),
        ("每天10亿", Unclear("too_high", high="10亿元")),
        ("每天9999999", Unclear("too_high", high="10亿元")),
        ("60万一年，每月5万", Unclear("several")),
        ("半年30万", Unclear("unclear")),
        ("三个月挣了2万", Unclear("unclear")),
        ("6个月30万", Unclear("unclear")),
        ("十二个月60万", Unclear("unclear")),
        ("每季度20万", Unclear("unclear")),
    ],
)
def test_a_years_sum_is_not_guessed_from_another_span(text: str, unclear: Unclear) -> None:
    assert read(YEARLY, text) == unclear


@pytest.mark.parametrize(
    "text",
    [
        "没有", "没有啊", "没得", "莫得", "木有", "无", "零", "0", "不欠", "不欠钱", "没欠", "一分不欠", "外面没欠账",
        "没有外债", "都还清了", "原来贷的都还完了", "结清了", "现在没有", "我家里没有", "啥都没有", "没什么农机",
        "没 有", "0元", "哪都不欠",
    ],
)  # fmt: skip
def test_nothing_is_nought_where_it_may_be(text: str) -> None:
    assert read(DEBT, text) == Found(0)
    assert read(LOAN, text) != Found(0)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("没有", "deny"),
        ("没有", "nlu_fallback"),
        ("没有", "chitchat"),
        ("莫得", "affirm"),
        ("木有", "affirm"),
        ("都还清了", "repay_loan"),
        ("没有贷款", "ask_question"),
    ],
)
def test_a_plain_no_is_nought_whatever_it_is_taken_for(text: str, intent: str) -> None:
    assert read(DEBT, text, intent) == Found(0)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("还没还清", "inform"),
        ("还没还清", "repay_loan"),
        ("没有还清", "inform"),
        ("没还完", "inform"),
        ("还没有结清", "inform"),
        ("欠着，一直还不上，没有钱", "inform"),
        ("没欠多少", "inform"),
        ("没听懂你说的", "nlu_fallback"),
        ("没看明白", "inform"),
        ("没错", "affirm"),
        ("没问题", "inform"),
        ("不对", "deny"),
        ("不同意", "deny"),
        ("手头没有，先不填", "skip"),
        ("没有欠款能贷多少", "ask_question"),
        ("没有农机能贷吗", "nlu_fallback"),
        ("没有人工吗", "request_human"),
        ("我没有钱了，不办了", "cancel"),
        ("有", "inform"),
        ("不多", "inform"),
        ("我不知道", "inform"),
    ],
)
def test_what_only_sounds_like_nothing_is_not_nought(text: str, intent: str) -> None:
    assert read(DEBT, text, intent) is None


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("没有30万", Unclear("unclear")),
        ("没30万", Unclear("unclear")),
        ("没有30万，就20万", Unclear("several")),
        ("没还清，还有3万", Found(30_000)),
        ("没欠多少，就两万", Found(20_000)),
        ("花呗欠四千，别的没有", Found(4_000)),
        ("房贷还有18万没还", Found(180_000)),
        ("信用社两万，网贷五千", Unclear("several")),
        ("800块", Found(800)),
        ("5", Unclear("unit", high="5万元")),
        ("11亿", Unclear("too_high", high="10亿元")),
    ],
)
def test_a_sum_counts_before_a_no(text: str, reading: Reading) -> None:
    assert read(DEBT, text) == reading


# --- spans of time ---


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("12个月", 12),
        ("一年", 12),
        ("两年", 24),
        ("1年半", 18),
        ("半年", 6),
        ("36期", 36),
        ("10万3年", 36),
        ("三年以内", 36),
        ("不是三年是两年", 24),
        ("1个月", 1),
    ],
)
def test_a_term_is_taken(text: str, months: int) -> None:
    assert read(TERM, text) == Found(months)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("3", Unclear("unit", high="3个月")),
        ("12", Unclear("unit", high="1年")),
        ("一两年", Unclear("range", "1年", "2年")),
        ("6到12个月", Unclear("range", "6个月", "1年")),
        ("6-12", Unclear("range", "6个月", "1年")),
        ("6个月或1年", Unclear("several")),
        ("37个月", Unclear("too_high", high="3年")),
        ("十年", Unclear("too_high", high="3年")),
        ("0", None),
        ("0.5", None),
        ("1.5", None),
        ("明年3月", None),
        ("越长越好", None),
    ],
)
def test_a_term_that_cannot_be_taken_is_asked_back(text: str, reading: Reading) -> None:
    assert read(TERM, text) == reading


@pytest.mark.parametrize(
    ("text", "intent"),
    [("一年利息多少", "ask_question"), ("想借三年的话要什么手续", "ask_question"), ("再过一年不办了", "cancel")],
)
def test_a_term_in_passing_is_no_answer(text: str, intent: str) -> None:
    assert read(TERM, text, intent) is None


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("3年", 3.0),
        ("开了五年了", 5.0),
        ("一年半", 1.5),
        ("18个月", 1.5),
        ("8个月", 0.7),
        ("刚开半年", 0.5),
        ("刚满一年", 1.0),
        ("一年多", 1.0),
        ("十来年", 10.0),
        ("不到一年", 0.9),
        ("刚开不到半年", 0.4),
        ("还没满两年", 1.9),
        ("没有一年", 0.9),
        ("50年", 50.0),
    ],
)
def test_years_are_taken(text: str, years: float) -> None:
    assert read(read_years, text) == Found(years)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("3", Unclear("unit", high="3年")),
        ("3-4", Unclear("range", "3年", "4年")),
        ("三四年", Unclear("range", "3年", "4年")),
        ("开店3年，摆摊2年", Unclear("several")),
        ("0", None),
        ("51", None),
        ("9999999", None),
        ("2018年开的", None),
        ("刚开的", None),
        ("几年了", None),
    ],
)
def test_years_that_cannot_be_taken_are_asked_back(text: str, reading: Reading) -> None:
    assert read(read_years, text) == reading


# --- land ---


@pytest.mark.parametrize(
    ("text", "mu"),
    [
        ("15亩", 15.0),
        ("自家15亩，又流转了30亩", 45.0),
        ("是15亩不是50亩", 15.0),
        ("一亩半", 1.5),
        ("3分地", 0.3),
        ("没有多少，就5亩", 5.0),
        ("没有", 0.0),
        ("没有地，光养猪", 0.0),
        ("我家没种地", 0.0),
        ("0", 0.0),
        ("10万亩", 100_000.0),
    ],
)
def test_land_is_taken_and_several_plots_add_up(text: str, mu: float) -> None:
    assert read(read_area, text) == Found(mu)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("15", Unclear("unit", high="15亩")),
        ("10-20", Unclear("range")),
        ("10到20亩", Unclear("range")),
        ("没有30亩", Unclear("unclear")),
        ("100001亩", Unclear("unclear")),
        ("6万亩，又包了5万亩", Unclear("unclear")),
        ("9999999", Unclear("unclear")),
        ("不多", None),
        ("都租出去了", None),
    ],
)
def test_land_that_cannot_be_taken_is_asked_back(text: str, reading: Reading) -> None:
    assert read(read_area, text) == reading


@pytest.mark.parametrize(
    ("text", "intent"), [("我家15亩地能贷多少", "check_quota"), ("没有地的话怎么办", "ask_question")]
)
def test_land_in_passing_is_no_answer(text: str, intent: str) -> None:
    assert read(read_area, text, intent) is None


# --- yes and no ---


@pytest.mark.parametrize(
    ("text", "intent", "reading"),
    [
        ("同意", "affirm", Found(True)),
        ("不同意", "deny", Found(False)),
        ("好的", "affirm", Found(True)),
        ("行，你问吧", "affirm", Found(True)),
        ("没问题", "affirm", Found(True)),
        ("OK", "affirm", Found(True)),
        ("莫得", "affirm", None),
        ("东关", "affirm", None),
        ("行不行啊", "affirm", None),
        ("可以不查征信吗", "affirm", None),
        ("没有", "affirm", None),
        ("同意", "inform", None),
        ("好的呀你先说说查不查征信", "ask_question", None),
        ("20万", "inform", None),
        ("", "", None),
    ],
)
def test_only_a_plain_yes_is_consent(text: str, intent: str, reading: Reading) -> None:
    assert read(read_consent, text, intent) == reading


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent not in ("affirm", "deny")])
def test_no_other_intent_is_consent(intent: str) -> None:
    assert read(read_consent, "同意", intent) is None
    assert read(read_confirmation, "同意", intent) is None


def test_a_yes_that_is_pressed_is_plain() -> None:
    for reader in (read_consent, read_confirmation):
        assert reader(Message("👉", "affirm", is_button=True), {}) == Found(True)


def test_a_no_to_the_summary_asks_what_to_change() -> None:
    assert read(read_confirmation, "不对", "deny") == Unclear("declined")
    assert read(read_confirmation, "提交吧", "affirm") == Found(True)
    assert read(read_confirmation, "可以了提交吧", "affirm") == Found(True)
    assert read(read_confirmation, "孔明", "affirm") is None


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("没有", "deny", False),
        ("没有", "inform", False),
        ("从来没逾期过", "inform", False),
        ("好像没有", "inform", False),
        ("对，没有", "inform", False),
        ("没有逾期过", "inform", False),
        ("没有过", "inform", False),
        ("不是", "affirm", False),
        ("木有", "affirm", False),
        ("从没有过", "deny", False),
        ("有", "affirm", True),
        ("有", "inform", True),
        ("是的", "inform", True),
        ("有过一次", "inform", True),
        ("有过一次", "skip", True),
        ("前年有过一次", "deny", True),
        ("有一笔，没还清", "inform", True),
        ("现在有一笔逾期没还", "inform", True),
        ("前年逾期过一回，已经结清了", "inform", True),
        ("有过，都还清了", "inform", True),
    ],
)
def test_yes_or_no_to_a_fact(text: str, intent: str, answer: bool) -> None:
    assert read(read_yes_no, text, intent) == Found(answer)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("不知道", "inform"),
        ("不清楚", "inform"),
        ("不记得了", "inform"),
        ("不止一次", "inform"),
        ("没看明白", "deny"),
        ("没听懂", "inform"),
        ("没问题", "affirm"),
        ("东关", "affirm"),
        ("正逾期着，还没还清", "inform"),
        ("记不清了", "skip"),
        ("逾期是什么意思", "ask_question"),
        ("没有人工客服吗", "request_human"),
        ("没意思，不办了", "cancel"),
    ],
)
def test_what_answers_neither_is_asked_again(text: str, intent: str) -> None:
    assert read(read_yes_no, text, intent) is None


# --- people and places ---


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张三", "张三"),
        ("李四。", "李四"),
        ("我叫王秀英", "王秀英"),
        ("我是李四", "李四"),
        ("我是张三丰", "张三丰"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("俺叫李铁柱", "李铁柱"),
        ("我的名字叫李四", "李四"),
        ("名字是李四", "李四"),
        ("姓名：李四", "李四"),
        ("姓王，叫王改花", "王改花"),
        ("我叫李四吧", "李四"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("我叫阿依古丽·买买提·吐尔逊", "阿依古丽·买买提·吐尔逊"),
        ("改成李四", "李四"),
        ("名字改成李四", "李四"),
        ("把名字改成李四", "李四"),
        ("不是张三是李四", "李四"),
        ("名字不对 我叫李秀荣", "李秀荣"),
    ],
)
def test_a_name_is_taken_without_the_words_around_it(text: str, name: str) -> None:
    assert read(read_name, text) == Found(name)
    assert read(read_name, text, "correct_information") == Found(name)


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "chitchat", "greet", "affirm"])
def test_a_name_is_often_mistaken_for_something_else(intent: str) -> None:
    assert read(read_name, "李国强", intent) == Found("李国强")
    assert read(read_name, "你好，我叫张三", intent) == Found("张三")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("你好", "greet"),
        ("转人工", "request_human"),
        ("取消", "cancel"),
        ("你问这个干啥", "ask_why"),
        ("同意", "affirm"),
        ("同意", "inform"),
        ("没错", "affirm"),
        ("对对", "affirm"),
        ("确认", "affirm"),
        ("不对", "deny"),
        ("跳过", "skip"),
        ("这个保密", "skip"),
        ("不想说", "inform"),
        ("不知道", "inform"),
        ("没有", "inform"),
        ("好的", "inform"),
        ("随便", "inform"),
        ("我是", "inform"),
        ("我姓王", "inform"),
        ("叫什么", "inform"),
        ("你是谁", "inform"),
        ("你们是哪家银行", "nlu_fallback"),
        ("利息是多少", "nlu_fallback"),
        ("今天天气怎么样", "out_of_scope"),
        ("今天天气真好", "chitchat"),
        ("名字写错了", "correct_information"),
        ("改一下名字", "correct_information"),
        ("李", "inform"),
        ("Jack", "inform"),
        ("13800001234", "inform"),
        ("", "inform"),
    ],
)
def test_what_is_no_name_is_not_taken_for_one(text: str, intent: str) -> None:
    assert read(read_name, text, intent) is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800001234", "13800001234"),
        ("138 0000 1234", "13800001234"),
        ("138-0000-1234", "13800001234"),
        ("+86 138 0000 1234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("我的电话是13800001234，姓王", "13800001234"),
        ("电话改成13800001234", "13800001234"),
    ],
)
def test_a_phone_is_taken(text: str, phone: str) -> None:
    assert read(read_phone_number, text) == Found(phone)
    assert read(read_phone_number, text, "nlu_fallback") == Found(phone)


@pytest.mark.parametrize(
    ("text", "intent", "reading"),
    [
        ("1380000", "inform", Unclear("unclear")),
        ("1380000", "ask_question", Unclear("unclear")),
        ("138000012345", "inform", Unclear("unclear")),
        ("010-12345678", "inform", Unclear("unclear")),
        ("138٠٠٠٠1234", "inform", Unclear("unclear")),
        ("13800001234或者13900005678", "inform", Unclear("several")),
        ("没有电话", "inform", None),
        ("就是微信这个", "inform", None),
        ("400-000-0000是你们的电话吗", "ask_question", None),
        ("13800001234是你们的号码吗", "ask_question", None),
        ("我要打12345投诉你们", "complain", None),
        ("转人工，我电话13800001234", "request_human", None),
    ],
)
def test_what_is_no_single_phone_is_asked_back_or_ignored(text: str, intent: str, reading: Reading) -> None:
    assert read(read_phone_number, text, intent) == reading


@pytest.mark.parametrize(
    ("text", "intent", "place"),
    [
        ("柳河镇王家村", "inform", "柳河镇王家村"),
        ("我家住柳河镇王家村", "inform", "柳河镇王家村"),
        ("我家在石桥镇", "inform", "石桥镇"),
        ("在县城", "inform", "县城"),
        ("东关", "inform", "东关"),
        ("五里铺", "nlu_fallback", "五里铺"),
        ("东关", "affirm", "东关"),
        ("石磨沟村", "chitchat", "石磨沟村"),
        ("你好，我在柳河镇", "greet", "你好，我在柳河镇"),
        ("改成石桥镇东岗村", "correct_information", "石桥镇东岗村"),
        ("不是柳河，是青山镇", "correct_information", "青山镇"),
        ("地址填错了应该是石桥镇", "inform", "石桥镇"),
    ],
)
def test_a_place_is_taken(text: str, intent: str, place: str) -> None:
    assert read(read_place, text, intent) == Found(place)


@pytest.mark.parametrize("intent", ["inform", "ask_question", "chitchat", "draw_loan", "affirm"])
def test_a_place_we_know_is_taken_whatever_its_intent(intent: str) -> None:
    assert read(read_place, "柳河", intent, region="柳河镇") == Found("柳河")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("柳河镇有网点吗", "ask_question"),
        ("柳河镇有网点吗", "nlu_fallback"),
        ("柳河镇利息多少？", "inform"),
        ("柳河镇的网点周末也上班，真好", "thank"),
        ("转人工，我是柳河镇的", "request_human"),
        ("找柳河镇的客户经理", "request_account_manager"),
        ("算了，我去柳河镇网点办", "cancel"),
    ],
)
def test_a_place_in_passing_is_no_answer(text: str, intent: str) -> None:
    assert read(read_place, text, intent, region="柳河镇") is None
    assert read(read_place, text, intent) is None


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("进货", "进货"),
        ("买化肥种子", "买化肥种子"),
        ("我想用来进货", "进货"),
        ("主要是扩大规模", "扩大规模"),
        ("用途改成买农机", "买农机"),
        ("用途写错了不是装修是进货", "进货"),
        ("把用途换一下 换成进货", "进货"),
        ("不是炒股，是进货", "进货"),
        ("进" * 120, "进" * 100),
    ],
)
def test_a_purpose_is_taken_without_the_words_around_it(text: str, purpose: str) -> None:
    assert read(read_purpose, text) == Found(purpose)
    assert read(read_purpose, text, "nlu_fallback") == Found(purpose)


def test_a_purpose_rasa_never_saw_may_look_like_a_yes() -> None:
    assert read(read_purpose, "看病", "affirm") == Found("看病")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("买房", "inform"),
        ("付首付", "inform"),
        ("给儿子购房", "inform"),
        ("炒股", "out_of_scope"),
        ("买比特币", "nlu_fallback"),
        ("还赌债", "inform"),
        ("转借给亲戚", "inform"),
        ("用途改成买基金", "correct_information"),
        ("买房可以吗", "ask_question"),
    ],
)
def test_a_forbidden_purpose_is_told_at_once(text: str, intent: str) -> None:
    assert read(read_purpose, text, intent) == Unclear("forbidden")


@pytest.mark.parametrize("reader", [read_place, read_purpose], ids=["place", "purpose"])
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("同意", "affirm"),
        ("好的", "affirm"),
        ("不对", "deny"),
        ("跳过", "skip"),
        ("不知道", "skip"),
        ("转人工", "request_human"),
        ("取消", "cancel"),
        ("为什么要问这个", "ask_why"),
        ("你好", "greet"),
        ("谢谢你啊", "thank"),
        ("要什么手续", "ask_question"),
        ("这样可以吗？", "inform"),
        ("利息怎么算", "nlu_fallback"),
        ("今天天气怎么样", "out_of_scope"),
        ("金额改成10万", "correct_information"),
        ("写错了", "correct_information"),
        ("写错了", "inform"),
        ("改一下", "inform"),
        ("嗯", "inform"),
        ("", "inform"),
    ],
)
def test_what_is_no_free_text_is_not_kept_as_one(reader: Reader, text: str, intent: str) -> None:
    assert read(reader, text, intent) is None


@pytest.mark.parametrize("intent", LEAVING)
def test_who_wants_out_is_not_told_of_forbidden_purposes(intent: str) -> None:
    assert read(read_purpose, "我想买房，不说了", intent) is None


# --- choices ---


def test_a_choice_is_what_an_entity_names() -> None:
    reader = read_choice("product")
    assert read(reader, "商户贷", product="商户贷") == Found("商户贷")
    assert read(reader, "商户贷", "ask_question", product="商户贷") == Found("商户贷")
    assert read(reader, "商户贷要什么材料我想先打听打听", "ask_question", product="商户贷") is None
    assert read(reader, "商户贷利息多少", "ask_question", product="商户贷") is None
    assert read(reader, "商户贷不办了", "cancel", product="商户贷") is None
    assert read(reader, "随便", region="柳河镇") is None


READERS = {
    "loan": LOAN,
    "yearly": YEARLY,
    "debt": DEBT,
    "term": TERM,
    "years": read_years,
    "area": read_area,
    "phone": read_phone_number,
    "name": read_name,
    "place": read_place,
    "purpose": read_purpose,
    "yes or no": read_yes_no,
    "consent": read_consent,
    "confirmation": read_confirmation,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@given(
    words=st.lists(
        st.sampled_from(["转人工", "20万", "两年", "15亩", "没有", "13800001234", "柳河镇", "，", "我叫张三"])
    ),
    intent=st.sampled_from(LEAVING),
)
def test_who_wants_out_is_never_held_back(reader: Reader, words: list[str], intent: str) -> None:
    assert read(reader, "".join(words), intent, region="柳河镇") is None
