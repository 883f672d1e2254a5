"""How a form reads a message: what it takes, what it asks next, what it leaves to Rasa's rules."""

from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from applications.products import list_products
from applications.schemas import ApplicationIn
from bot.actions.fields import make_fields
from bot.actions.form_reading import FormUpdate, Unclear, take_message
from bot.actions.message import Message
from bot.actions.product_field import get_product, limit_amount, limit_term
from bot.actions.quota import build_request
from forms.catalogue import load_catalogue
from scoring.schemas import parse_request
from tests.bot.actions.action_call import INTENTS

FORMS = load_catalogue().forms
APPLICATION = FORMS["application_form"]
FIELDS = make_fields(APPLICATION)
AGREED = {"application_consent": True}
TRADER = {**AGREED, "product": "商户贷"}
FARMER = {**AGREED, "product": "农户贷"}
FILLED: dict[str, Any] = {
    **FARMER,
    "amount": 80_000,
    "term": 12,
    "purpose": "买化肥",
    "region": "柳河镇",
    "name": "王秀英",
    "phone": "13800001234",
}


def take(
    slots: dict[str, Any], requested: str | None, text: str, intent: str = "inform", **entities: Any
) -> FormUpdate | None:
    return take_message(FIELDS, slots, requested, Message(text, intent, entities), APPLICATION.starts)


# --- beginning ---


@pytest.mark.parametrize(
    ("text", "entities", "updates"),
    [
        ("我想贷款", {}, {}),
        ("我想借20万", {}, {"amount": 200_000}),
        ("我想借15万两年进货", {}, {"amount": 150_000, "term": 24}),
        ("我要办商户贷，10万", {"product": "商户贷"}, {"product": "商户贷", "amount": 100_000}),
        ("贷款20到30万", {}, {}),
        ("想贷20，用3", {}, {}),
        ("我开店的，想贷款", {}, {}),
    ],
)
def test_what_was_said_at_once_is_not_asked_again(text: str, entities: dict[str, str], updates: dict[str, Any]) -> None:
    assert take({}, None, text, "apply_for_loan", **entities) == FormUpdate(updates, "application_consent")


def test_what_was_left_before_is_not_asked_again() -> None:
    slots = {key: value for key, value in FILLED.items() if key != "name"}
    assert take(slots, None, "继续刚才的申请", "resume_application") == FormUpdate({}, "name")


def test_what_is_said_now_counts_more_than_what_was_left_before() -> None:
    assert take(FILLED, None, "我想借10万，半年", "apply_for_loan") == FormUpdate(
        {"amount": 100_000, "term": 6}, "application_confirmed"
    )


def test_a_sum_too_large_for_the_product_is_told_and_asked_again() -> None:
    update = take(FARMER, None, "我想借50万", "apply_for_loan")
    assert update == FormUpdate({"amount": None}, "amount", Unclear("too_high", high="30万元"))


def test_the_slot_of_another_form_is_not_answered_and_this_form_begins() -> None:
    assert take(AGREED, "land_mu", "15亩") == FormUpdate({}, "product")
    assert take(AGREED, "land_mu", "我想借10万", "apply_for_loan") == FormUpdate({"amount": 100_000}, "product")


@pytest.mark.parametrize("requested", ["application_consent", "product", "purpose", "application_confirmed"])
def test_the_intent_that_starts_a_form_is_taken_inside_it(requested: str) -> None:
    missing = {key: value for key, value in FILLED.items() if key != requested and key != "amount"}
    update = take(missing, requested, "我要申请贷款10万", "apply_for_loan")
    assert update == FormUpdate({"amount": 100_000}, requested)


# --- answers ---


@pytest.mark.parametrize(
    ("slots", "requested", "text", "intent", "update"),
    [
        ({}, "application_consent", "同意", "affirm", FormUpdate(AGREED, "product")),
        ({}, "application_consent", "不同意", "deny", FormUpdate({"application_consent": False}, None)),
        (AGREED, "product", "开店摆摊", "inform", FormUpdate({"product": "商户贷"}, "amount")),
        (
            {**AGREED, "amount": 100_000},
            "product",
            "在镇上开小超市",
            "inform",
            FormUpdate({"product": "商户贷"}, "term"),
        ),
        (FARMER, "amount", "8万", "inform", FormUpdate({"amount": 80_000}, "term")),
        (FARMER, "amount", "8万用一年", "inform", FormUpdate({"amount": 80_000, "term": 12}, "purpose")),
        (FARMER, "amount", "一年", "inform", FormUpdate({"term": 12}, "amount")),
        ({**FARMER, "amount": 80_000}, "term", "10万三年", "inform", FormUpdate({"term": 36}, "purpose")),
        (FILLED, "application_confirmed", "没问题", "affirm", FormUpdate({"application_confirmed": True}, None)),
    ],
)
def test_an_answer_is_taken_and_the_next_question_asked(
    slots: dict[str, Any], requested: str, text: str, intent: str, update: FormUpdate
) -> None:
    assert take(slots, requested, text, intent) == update


@pytest.mark.parametrize(
    ("requested", "text", "slot", "value"),
    [
        ("product", "种了20亩地，去年卖粮卖了5万", "product", "农户贷"),
        ("purpose", "买3万块的化肥，用半年", "purpose", "买3万块的化肥，用半年"),
        ("region", "柳河镇，来了3年了", "region", "柳河镇，来了3年了"),
    ],
)
def test_a_sum_or_a_span_told_with_another_answer_is_not_the_loans(
    requested: str, text: str, slot: str, value: str
) -> None:
    slots = {key: value for key, value in FILLED.items() if key not in (requested, "amount", "term")}
    assert take(slots, requested, text) == FormUpdate({slot: value}, "amount")


def test_nothing_is_asked_of_who_did_not_agree() -> None:
    update = take(FILLED | {"application_consent": None}, "application_consent", "不同意", "deny")
    assert update == FormUpdate({"application_consent": False}, None)


@pytest.mark.parametrize(
    ("requested", "text", "intent", "hint"),
    [
        ("amount", "20到30万", "inform", Unclear("range", "20万元", "30万元")),
        ("amount", "20", "inform", Unclear("unit", high="20万元")),
        ("amount", "看情况吧", "inform", Unclear("unclear")),
        ("amount", "好的", "affirm", Unclear("unclear")),
        ("amount", "跳过", "skip", Unclear("required")),
        ("purpose", "跳过", "skip", Unclear("required")),
        ("region", "不想说", "skip", Unclear("required")),
        ("name", "跳过这题", "skip", Unclear("required")),
        ("phone", "不填行吗", "skip", Unclear("required")),
        ("name", "不对", "deny", Unclear("unclear")),
        ("region", "对", "affirm", Unclear("unclear")),
        ("application_consent", "看看再说", "inform", Unclear("unclear")),
        ("application_confirmed", "不对", "deny", Unclear("declined")),
    ],
)
def test_an_answer_that_cannot_be_taken_is_asked_again_with_a_hint(
    requested: str, text: str, intent: str, hint: Unclear
) -> None:
    slots = {key: value for key, value in FILLED.items() if key != requested}
    assert take(slots, requested, text, intent) == FormUpdate({}, requested, hint)


def test_a_yes_settles_a_number_without_its_unit() -> None:
    asked = {**FARMER, "hint": "unit", "hint_high": "20万元"}
    assert take(asked, "amount", "是的", "affirm") == FormUpdate({"amount": 200_000}, "term")
    assert take(asked, "amount", "20万元") == FormUpdate({"amount": 200_000}, "term")
    assert take(asked, "amount", "对，30万", "affirm") == FormUpdate({"amount": 300_000}, "term")
    assert take(asked, "amount", "不是", "deny") == FormUpdate({}, "amount", Unclear("unclear"))
    assert take({**asked, "hint_high": "500万元"}, "amount", "是的", "affirm") == FormUpdate(
        {}, "amount", Unclear("too_high", high="30万元")
    )


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.slot)
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("转人工", "request_human"),
        ("我不想跟机器人说了，给我找个活人", "request_human"),
        ("让柳河镇的客户经理给我打电话", "request_account_manager"),
        ("你们多收了我200块，我要投诉", "complain"),
        ("取消", "cancel"),
        ("算了不办了", "cancel"),
        ("为什么要问这个", "ask_why"),
        ("利息是多少", "ask_question"),
        ("上次借的5万提前还要不要违约金", "ask_question"),
        ("我能贷多少", "check_quota"),
        ("谢谢", "thank"),
        ("你是机器人吗", "bot_challenge"),
        ("改一下刚才填的", "correct_information"),
    ],
)
def test_what_is_not_for_the_form_is_left_to_the_rules(field: Any, text: str, intent: str) -> None:
    slots = {key: value for key, value in FILLED.items() if key != field.slot}
    assert take(slots, field.slot, text, intent) is None


# --- corrections ---


@pytest.mark.parametrize(
    ("text", "updates"),
    [
        ("金额改成10万", {"amount": 100_000}),
        ("改成10万", {"amount": 100_000}),
        ("不是8万是18万", {"amount": 180_000}),
        ("期限改成两年", {"term": 24}),
        ("贷款期限改成两年", {"term": 24}),
        ("借的时间改成半年", {"term": 6}),
        ("改成两年", {"term": 24}),
        ("电话改成13700001111", {"phone": "13700001111"}),
        ("名字改成李四", {"name": "李四"}),
        ("名字不对 我叫李秀荣", {"name": "李秀荣"}),
        ("地址改成石桥镇", {"region": "石桥镇"}),
        ("用途改成买饲料", {"purpose": "买饲料"}),
        ("用途写错了不是装修是进货", {"purpose": "进货"}),
    ],
)
def test_a_value_is_corrected_by_its_name(text: str, updates: dict[str, Any]) -> None:
    assert take(FILLED, "application_confirmed", text, "correct_information") == FormUpdate(
        updates, "application_confirmed"
    )


def test_a_correction_in_the_middle_does_not_lose_the_question() -> None:
    slots = {key: value for key, value in FILLED.items() if key not in ("name", "phone")}
    assert take(slots, "name", "金额改成10万", "correct_information") == FormUpdate({"amount": 100_000}, "name")


@pytest.mark.parametrize(
    ("text", "slot", "hint"),
    [
        ("金额写错了", "amount", None),
        ("金额改成20", "amount", Unclear("unit", high="20万元")),
        ("金额改成50万", "amount", Unclear("too_high", high="30万元")),
        ("贷款期限写错了", "term", None),
        ("借款期限改成5", "term", Unclear("unit", high="5个月")),
        ("刚才电话写错了", "phone", None),
        ("名字写错了", "name", None),
        ("地址写错了", "region", None),
        ("用途写错了", "purpose", None),
        ("用途改成买房", "purpose", Unclear("forbidden")),
    ],
)
def test_a_value_said_to_be_wrong_is_asked_again(text: str, slot: str, hint: Unclear | None) -> None:
    update = take(FILLED, "application_confirmed", text, "correct_information")
    assert update == FormUpdate({slot: None}, slot, hint)


@pytest.mark.parametrize("requested", ["purpose", "region", "name", "phone", "application_confirmed"])
@pytest.mark.parametrize("text", ["写错了", "填错了", "上一步选错了", "我要改信息"])
def test_a_correction_that_names_nothing_is_no_answer(requested: str, text: str) -> None:
    slots = {key: value for key, value in FILLED.items() if key != requested}
    assert take(slots, requested, text, "correct_information") is None


def test_another_product_takes_along_what_still_fits() -> None:
    update = take(FILLED, "application_confirmed", "产品改成商户贷", "correct_information", product="商户贷")
    assert update == FormUpdate({"product": "商户贷"}, "application_confirmed")


@pytest.mark.parametrize(
    ("product", "amount", "term", "updates", "requested", "hint"),
    [
        ("小微企业贷", 80_000, 36, {"term": None}, "term", Unclear("too_high", high="2年")),
        ("小微企业贷", 5_000, 12, {"amount": None}, "amount", Unclear("too_low", low="1万元")),
        ("农户贷", 3_000_000, 12, {"amount": None}, "amount", Unclear("too_high", high="30万元")),
        ("小微企业贷", 5_000, 36, {"amount": None, "term": None}, "amount", Unclear("too_low", low="1万元")),
    ],
)
def test_another_product_asks_again_for_what_no_longer_fits(
    product: str, amount: int, term: int, updates: dict[str, Any], requested: str, hint: Unclear
) -> None:
    slots = {**FILLED, "product": "商户贷", "amount": amount, "term": term}
    update = take(slots, "application_confirmed", f"产品改成{product}", "correct_information", product=product)
    assert update == FormUpdate({"product": product, **updates}, requested, hint)


# --- whatever comes ---

ANY_INTENT = st.sampled_from([*INTENTS, ""])
PIECES = st.sampled_from(
    [
        "20", "20万", "0", "50000", "9999999", "-5", "3.5", "到", "或者", "万", "元", "年", "个月", "亩", "没有",
        "不是", "每天", "每月", "一年", "半年", "没还清", "有", "对", "我叫", "张三", "改成", "金额", "期限", "贷款",
        "产品", "地址", "用途", "柳河镇", "买房", "138 0000 1234", "13800001234", "写错了", "？", "，", " ", "\u3000",
        "农户贷", "开店", "种地",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=30)
PRODUCTS = st.sampled_from([product.name for product in list_products()])
ENTITIES = st.fixed_dictionaries(
    {}, optional={"product": PRODUCTS | st.text(max_size=5), "region": st.text(min_size=1, max_size=5)}
)
YUAN = st.integers(0, 1_000_000_000)
SLOTS = st.fixed_dictionaries(
    {},
    optional={
        "application_consent": st.booleans(),
        "quota_consent": st.booleans(),
        "product": PRODUCTS,
        "amount": st.sampled_from([1_000, 5_000, 20_000, 300_000, 3_000_000]),
        "term": st.sampled_from([1, 12, 24, 36]),
        "purpose": st.just("进货"),
        "region": st.just("柳河镇"),
        "name": st.just("张三"),
        "phone": st.just("13800001234"),
        "land_mu": st.floats(0, 100_000),
        "machinery_value": YUAN,
        "household_income": YUAN,
        "annual_turnover": YUAN,
        "years_in_business": st.floats(0, 50),
        "existing_debt": YUAN,
        "has_overdue": st.booleans(),
        "hint": st.sampled_from(["unit", "range", "declined"]),
        "hint_high": st.sampled_from(["20万元", "0元", "15亩", "3年"]),
    },
)


def fits(form: str, slots: dict[str, Any]) -> bool:
    """Whether the services take what is known; what is still open is filled with what they take."""
    known = {key: value for key, value in slots.items() if value is not None}
    low, high = limit_amount(known)
    if form != "quota_form" and not (
        low <= known.get("amount", low) <= high and known.get("term", 1) <= limit_term(known)[1]
    ):
        return False
    product = get_product(known)
    if form == "application_form" and product:
        asked = {key: known.get(key, {**FILLED, "amount": 10_000}[key]) for key in APPLICATION.list_answers(product.id)}
        ApplicationIn.model_validate(
            {"conversation_id": "conversation-1", "product": product.id, "consent_version": "2026-07", **asked}
        )
    if form == "quota_form" and product:
        facts = {"land_mu": 1.0, "years_in_business": 1.0, "has_overdue": False}
        sums = ("machinery_value", "household_income", "annual_turnover", "existing_debt")
        parse_request(build_request(FORMS[form], {**facts, **dict.fromkeys(sums, 0), **known}))
    return True


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=300)
@given(
    data=st.data(),
    slots=SLOTS,
    text=TEXTS,
    intent=ANY_INTENT,
    entities=ENTITIES,
    is_button=st.booleans(),
)
def test_any_message_leaves_only_what_the_services_take(
    form: str,
    data: st.DataObject,
    slots: dict[str, Any],
    text: str,
    intent: str,
    entities: dict[str, str],
    is_button: bool,
) -> None:
    fields, starts = make_fields(FORMS[form]), FORMS[form].starts
    assume(fits(form, slots))
    requested = data.draw(st.sampled_from([None, "another", *(f.slot for f in fields)]), label="requested")
    update = take_message(fields, slots, requested, Message(text, intent, entities, is_button), starts)
    if update is None:
        return
    assert update.values.keys() <= {f.slot for f in fields}
    assert update.requested is None or update.requested in {f.slot for f in fields}
    assert update.hint is None or update.requested is not None
    assert fits(form, {**slots, **update.values})


@settings(max_examples=200)
@given(text=TEXTS, requested=st.sampled_from([f.slot for f in FIELDS]))
@example(text="转人工，20万", requested="amount")
@example(text="转人工，我电话13800001234", requested="phone")
def test_a_request_for_a_human_is_never_swallowed(text: str, requested: str) -> None:
    slots = {key: value for key, value in FILLED.items() if key != requested}
    assert take(slots, requested, text, "request_human", region="柳河镇", product="农户贷") is None


@settings(max_examples=200)
@given(text=TEXTS, intent=ANY_INTENT, slots=SLOTS)
def test_consent_comes_from_a_yes_to_its_question_alone(text: str, intent: str, slots: dict[str, Any]) -> None:
    for requested in (None, "application_consent", "amount", "phone"):
        update = take({**slots, "application_consent": None}, requested, text, intent)
        if update and update.values.get("application_consent"):
            assert (requested, intent) == ("application_consent", "affirm")
