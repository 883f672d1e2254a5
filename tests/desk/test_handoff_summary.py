"""What whoever takes over is told at a glance."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.actions.form_filling import list_asked
from desk.handoff_summary import QuotaNote, summarise_handoff
from forms.catalogue import load_catalogue
from products.catalogue import list_products

# Those that begin with a consent: of the others nobody can tell whether they are open.
FORMS = {form_id: form for form_id, form in load_catalogue().forms.items() if form.consent}
LABELS = {slot: question.label for slot, question in load_catalogue().questions.items()}
FACTS = {"land_mu": 15.0, "machinery_value": 0, "household_income": 80_000, "existing_debt": 0, "has_overdue": False}
DECISION = {
    "decision_id": "3d0b",
    "outcome": "approve",
    "quota": 80_000,
    "term_months": 36,
    "annual_rate": 4.9,
    "reasons": [{"code": "land", "text": "您家种15亩地"}, {"code": "income", "text": "年收入约8万元"}],
    "next_step": "现在就可以申请。",
    "policy_version": "farmer_loan@2026-07-01",
    "valid_until": "2026-08-31",
}
DECLINED = {**DECISION, "outcome": "decline", "quota": 0, "term_months": None, "annual_rate": None}
SUMMARY = {"product": "farmer_loan", "facts": FACTS, "decision": DECISION}
# All but the customer's confirmation.
APPLICATION = {
    "application_consent": True,
    "product": "农户贷",
    "amount": 50_000,
    "term": 12,
    "purpose": "买化肥",
    "region": "柳河镇王家村",
    "name": "王秀英",
    "phone": "13800000000",
}
unhurried = settings(deadline=None)  # a busy machine is no failure


def without(slots: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in slots.items() if name not in names}


def decided(**changes: Any) -> dict[str, Any]:
    """Slots after a quota check, with other facts."""
    return {"quota_summary": {**SUMMARY, "facts": {**FACTS, **changes}}}


def test_nothing_is_known_of_somebody_who_only_asked_for_a_human() -> None:
    summary = summarise_handoff({}, [])
    assert (summary.filled, summary.missing, summary.abnormal, summary.failed_questions) == ([], [], [], [])
    assert (summary.quota, summary.in_progress) == (None, None)


def test_a_customer_in_the_middle_of_an_application_after_a_quota_check() -> None:
    slots = {"application_consent": True, "product": "农户贷", "amount": 50_000, "quota_summary": SUMMARY}
    summary = summarise_handoff(slots, ["大棚塌了咋办", "大棚塌了咋办", "保险赔不"])
    assert summary.in_progress == "申请贷款"
    assert summary.filled == [
        ("同意办申请", "是"),
        ("产品", "农户贷"),
        ("金额", "5万元"),
        ("土地", "15亩"),
        ("农机", "0元"),
        ("年收入", "8万元"),
        ("欠款", "0元"),
        ("逾期", "否"),
    ]
    assert summary.missing[:5] == ["期限", "用途", "地址", "姓名", "电话"]
    assert summary.missing[5] == "客户确认提交"
    assert summary.abnormal == []
    assert summary.quota == QuotaNote(
        outcome="通过",
        quota="8万元",
        rate="4.9%",
        term="3年",
        reasons=["您家种15亩地", "年收入约8万元"],
        valid_until="2026-08-31",
        policy="农户贷，2026-07-01起",
    )
    assert summary.failed_questions == ["大棚塌了咋办", "保险赔不"]


def test_where_nothing_is_lent_there_is_no_rate() -> None:
    note = summarise_handoff({"quota_summary": {**SUMMARY, "decision": DECLINED}}, []).quota
    assert note is not None
    assert (note.outcome, note.quota, note.rate, note.term) == ("未通过", "0元", "", "")


@pytest.mark.parametrize(
    ("slots", "in_progress"),
    [
        ({"product": "农户贷", "amount": 50_000}, None),
        ({"quota_consent": True}, "测额度"),
        ({"quota_consent": False}, None),
        ({"quota_consent": "同意"}, None),
        ({"quota_summary": SUMMARY}, None),
        ({"quota_summary": SUMMARY, "quota_consent": True}, "测额度"),
        ({"application_consent": True}, "申请贷款"),
        ({"application_consent": True, "quota_consent": True}, "申请贷款"),
        ({"application_consent": False, "quota_consent": True}, "测额度"),
        ({"application_number": "XH20260701001"}, None),
    ],
)
def test_an_open_form_is_one_that_the_customer_agreed_to(slots: dict[str, Any], in_progress: str | None) -> None:
    summary = summarise_handoff(slots, [])
    assert summary.in_progress == in_progress
    assert bool(summary.missing) == bool(in_progress)


@pytest.mark.parametrize(
    ("slots", "missing"),
    [
        ({"product": "农户贷"}, ["土地", "农机", "年收入", "欠款", "逾期"]),
        ({"product": "farmer_loan", **FACTS}, []),
        ({"product": "农户贷", **without(FACTS, "machinery_value", "has_overdue")}, ["农机", "逾期"]),
        ({"product": "商户贷"}, ["年流水", "经营年限", "欠款", "逾期"]),
        ({"product": "小微企业贷", "annual_turnover": 600_000}, ["经营年限", "欠款", "逾期"]),
        ({}, ["产品", "欠款", "逾期"]),
        ({"product": "车贷"}, ["欠款", "逾期"]),
    ],
)
def test_a_quota_check_needs_what_belongs_to_the_product(slots: dict[str, Any], missing: list[str]) -> None:
    assert summarise_handoff({"quota_consent": True, **slots}, []).missing == missing


OVERDUE = "客户说自己有逾期，请核实"
PHONE = "其他都填好了，只差电话，请先问到联系电话"


@pytest.mark.parametrize(
    ("slots", "abnormal"),
    [
        pytest.param(APPLICATION, [], id="all is well"),
        pytest.param({"product": "农户贷", "amount": 500_000}, ["金额50万元，超过农户贷最高30万元"], id="too much"),
        pytest.param(
            {"product": "小微企业贷", "amount": 800_000},
            ["金额80万元，超过线上最高30万元，须客户经理核定"],
            id="too much for online",
        ),
        pytest.param({"product": "小微企业贷", "amount": 300_000}, [], id="just the online limit"),
        pytest.param({"product": "农户贷", "amount": 500}, ["金额500元，低于农户贷最低1000元"], id="too little"),
        pytest.param({"amount": 500}, [], id="no product, no limits"),
        pytest.param({"product": "farmer_loan", "term": 48}, ["期限4年，超过农户贷单笔最长3年"], id="too long"),
        pytest.param({"product": "商户贷", "term": 36}, [], id="just as long as may be"),
        pytest.param({"has_overdue": True}, [OVERDUE], id="overdue"),
        pytest.param(decided(has_overdue=True), [OVERDUE], id="overdue in the quota check before"),
        pytest.param({**decided(has_overdue=True), "has_overdue": False}, [], id="said since"),
        pytest.param(
            {"product": "农户贷", "existing_debt": 90_000, "household_income": 80_000},
            ["欠款9万元，超过年收入8万元"],
            id="a household in debt",
        ),
        pytest.param(decided(existing_debt=80_001), ["欠款80001元，超过年收入8万元"], id="in debt before"),
        pytest.param(decided(existing_debt=80_000), [], id="debt of one year"),
        pytest.param(
            {"product": "商户贷", "existing_debt": 5, "annual_turnover": 0},
            ["欠款5元，超过年流水0元"],
            id="a trader in debt",
        ),
        pytest.param({"quota_summary": {**SUMMARY, "decision": DECLINED}}, ["测额度的结果是“未通过”"], id="declined"),
        pytest.param(
            {"quota_summary": {**SUMMARY, "decision": {**DECISION, "outcome": "review"}}},
            ["测额度的结果是“需客户经理核定”"],
            id="to be reviewed",
        ),
        pytest.param(without(APPLICATION, "phone"), [PHONE], id="only the phone is missing"),
        pytest.param(
            {**without(APPLICATION, "phone"), "application_confirmed": True}, [PHONE], id="confirmed, but no phone"
        ),
        pytest.param(without(APPLICATION, "phone", "name"), [], id="more than the phone is missing"),
        pytest.param({"product": "农户贷", "amount": "500000", "term": "很久"}, [], id="words for numbers"),
        pytest.param({"product": "农户贷", "amount": True, "term": float("inf")}, [], id="no numbers"),
    ],
)
def test_what_is_odd_is_said_in_a_sentence(slots: dict[str, Any], abnormal: list[str]) -> None:
    assert summarise_handoff(slots, []).abnormal == abnormal


def test_several_oddities_are_all_told() -> None:
    slots = {"product": "农户贷", "amount": 400_000, "term": 60, "has_overdue": True}
    assert len(summarise_handoff(slots, []).abnormal) == 3


@pytest.mark.parametrize("decision", [None, [], "approve", {"outcome": "maybe"}, without(DECISION, "valid_until")])
def test_a_decision_of_another_shape_is_shown_as_it_is(decision: Any) -> None:
    summary = summarise_handoff({"quota_summary": {**SUMMARY, "decision": decision}}, [])
    assert summary.quota is None
    assert ("测算额度" in dict(summary.filled)) == (isinstance(decision, dict) and "quota" in decision)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("product", [None, "车贷", *(p.name for p in list_products())])
def test_what_is_missing_is_what_the_bot_would_still_ask(form: str, product: str | None) -> None:
    slots: dict[str, Any] = {str(FORMS[form].consent): True, "product": product}
    for question in FORMS[form].questions:
        asked = [each.slot for each in list_asked(FORMS[form], {**slots, "more": True}) if slots.get(each.slot) is None]
        asked.sort(key=lambda slot: slot in FORMS[form].optional)
        assert summarise_handoff(slots, []).missing == [LABELS[slot] for slot in asked]
        slots.setdefault(question.slot, 1)


# Numbers as far as JSON's other readers follow; a float of Python's own beyond them as well.
SCALARS = st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.floats() | st.text(max_size=9)
WORDS = st.sampled_from(["approve", "review", "decline", "农户贷", "商户贷", "2026-08-31"])
NAMES = st.sampled_from(
    [*LABELS, "quota", "reasons", "quota_summary", "decision", "facts", "decision_id", "next_step"]
) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@unhurried
@given(st.dictionaries(NAMES, JSON, max_size=12), st.lists(st.text(max_size=9), max_size=4))
@example({**APPLICATION, "quota_summary": {**SUMMARY, "decision": {**DECISION, "quota": 10**300}}}, [])
@example({"quota_summary": {"product": {}, "facts": {"existing_debt": 10**300, "household_income": -1}}}, [""])
def test_whatever_the_slots_hold_there_is_a_summary(slots: dict[str, Any], failed: list[str]) -> None:
    summary = summarise_handoff(slots, failed)
    assert all(isinstance(word, str) for row in summary.filled for word in row)
    assert set(summary.missing) <= set(LABELS.values())
    assert all(summary.abnormal)
    assert set(summary.failed_questions) == set(failed)


@unhurried
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(LABELS, JSON)))
def test_an_open_form_with_any_answers_is_told(slots: dict[str, Any]) -> None:
    summary = summarise_handoff({**slots, "quota_consent": True}, [])
    answered = {LABELS[name] for name, value in slots.items() if value is not None}
    assert summary.in_progress in {form.name for form in FORMS.values()}
    assert not answered & set(summary.missing)
