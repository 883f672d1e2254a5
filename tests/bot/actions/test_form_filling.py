"""What an act changes in a form, what is asked next, and what is left to Rasa's rules."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.schemas import ApplicationIn
from bot.actions.form_filling import FormUpdate, fill, take_facts
from bot.actions.product_limits import get_product, limit_amount, limit_term
from bot.actions.quota import build_request
from bot.actions.slots import EARLY, MORE
from bot.actions.taken import Unclear
from forms.catalogue import load_catalogue
from products.catalogue import list_products
from scoring.schemas import parse_request
from tests.bot.actions.action_call import INTENTS, inform, number_of, span_of, sum_of, text_of
from tests.bot.actions.answers import FARMER_DETAILS
from tests.bot.actions.test_values import FACTS
from understanding.schemas import Act, Fact

FORMS = load_catalogue().forms
APPLICATION, QUOTA, REPAYMENT = (FORMS[f"{name}_form"] for name in ("application", "quota", "repayment"))
AGREED: dict[str, Any] = {"application_consent": True}
FARMER = {**AGREED, "product": "农户贷"}
FILLED: dict[str, Any] = {
    **FARMER,
    "amount": 80_000,
    "term": 12,
    "purpose": "买化肥",
    "region": "柳河镇",
    "name": "王秀英",
    "phone": "13800001234",
    **FARMER_DETAILS,
}
TRADE = text_of("product", "product", "商户贷")


def without(*slots: str) -> dict[str, Any]:
    return {key: value for key, value in FILLED.items() if key not in slots}


def keep(*facts: Fact) -> list[dict[str, Any]]:
    return [fact.model_dump(mode="json") for fact in facts]


# --- consent ---


def test_a_form_begins_with_its_consent_and_uses_what_was_told_only_afterwards() -> None:
    wish = (sum_of("amount", 150_000), span_of("term", 24))
    begun = fill(APPLICATION, {}, None, Act(name="apply_for_loan", facts=wish))
    assert begun == FormUpdate({EARLY: keep(*wish)}, "application_consent")
    agreed = fill(APPLICATION, begun.values, "application_consent", inform(application_consent=True))
    assert agreed == FormUpdate(
        {EARLY: None, "application_consent": True, "amount": 150_000, "term": 24},
        "product",
        noted=("amount", "term"),
    )


def test_a_no_ends_the_form_and_drops_what_was_told() -> None:
    slots = {EARLY: keep(sum_of("amount", 150_000))}
    update = fill(APPLICATION, slots, "application_consent", inform(application_consent=False))
    assert update == FormUpdate({"application_consent": False, EARLY: None})


def test_facts_are_no_consent_but_are_kept() -> None:
    trade, land = text_of("product", "product", "农户贷"), Fact(kind="area", role="land_mu", low=30, high=30)
    first = fill(QUOTA, {}, "quota_consent", inform(trade))
    assert first == FormUpdate({EARLY: keep(trade)}, "quota_consent", hint=Unclear("early"))
    both = fill(QUOTA, {**first.values, "hint": "early"}, "quota_consent", inform(land))
    assert both == FormUpdate({EARLY: keep(trade, land)}, "quota_consent", hint=Unclear("unclear"))
    agreed = fill(QUOTA, both.values, "quota_consent", inform(quota_consent=True))
    assert agreed
    assert (agreed.values["product"], agreed.values["land_mu"]) == ("农户贷", 30.0)
    assert agreed.requested == "machinery_value"


def test_a_later_fact_takes_the_place_of_an_earlier_one() -> None:
    slots = {EARLY: keep(sum_of("amount", 50_000), span_of("term", 12))}
    update = fill(APPLICATION, slots, "application_consent", inform(sum_of("amount", 80_000)))
    assert update
    assert update.values == {EARLY: keep(span_of("term", 12), sum_of("amount", 80_000))}


def test_what_is_no_answer_to_the_consent_is_asked_again_in_other_words() -> None:
    assert fill(APPLICATION, {}, "application_consent", Act(name="unclear")) == FormUpdate(
        requested="application_consent", hint=Unclear("unclear")
    )


def test_facts_of_another_form_wait_for_it() -> None:
    debt = sum_of("existing_debt", 80_000)
    update = fill(APPLICATION, FARMER, "amount", inform(debt, sum_of("amount", 50_000)))
    assert update == FormUpdate({"amount": 50_000, EARLY: keep(debt)}, "term", kept=("existing_debt",))


# --- answers ---


@pytest.mark.parametrize(
    ("slots", "requested", "act", "update"),
    [
        (
            AGREED,
            "product",
            inform(text_of("product", "product", "商户贷")),
            FormUpdate({"product": "商户贷"}, "amount"),
        ),
        (FARMER, "amount", inform(sum_of("amount", 80_000)), FormUpdate({"amount": 80_000}, "term")),
        (
            FARMER,
            "amount",
            inform(sum_of("amount", 80_000), span_of("term", 12)),
            FormUpdate({"amount": 80_000, "term": 12}, "purpose", noted=("term",)),
        ),
        (FARMER, "amount", inform(span_of("term", 12)), FormUpdate({"term": 12}, "amount", noted=("term",))),
        (
            FARMER,
            "amount",
            inform(number_of("amount", 20)),
            FormUpdate({"amount": None}, "amount", Unclear("unit", high="20万元")),
        ),
        (
            FILLED,
            "application_confirmed",
            inform(application_confirmed=True),
            FormUpdate({"application_confirmed": True}),
        ),
        (
            FILLED,
            "application_confirmed",
            inform(application_confirmed=False),
            FormUpdate(requested="application_confirmed", hint=Unclear("declined")),
        ),
    ],
)
def test_an_answer_is_taken_and_the_next_question_asked(
    slots: dict[str, Any], requested: str, act: Act, update: FormUpdate
) -> None:
    assert fill(APPLICATION, slots, requested, act) == update


@pytest.mark.parametrize(
    ("fact", "changed"),
    [
        (sum_of("amount", 100_000), {"amount": 100_000}),
        (sum_of("amount", 20_000, change="more"), {"amount": 100_000}),
        (span_of("term", 24), {"term": 24}),
        (text_of("phone", "phone", "13700001111"), {"phone": "13700001111"}),
        (text_of("place", "region", "石桥镇"), {"region": "石桥镇"}),
        (text_of("purpose", "purpose", "买饲料"), {"purpose": "买饲料"}),
    ],
)
@pytest.mark.parametrize("requested", ["application_confirmed"])
def test_an_answer_is_changed_and_the_change_is_said_back(fact: Fact, changed: dict[str, Any], requested: str) -> None:
    assert fill(APPLICATION, FILLED, requested, inform(fact)) == FormUpdate(changed, requested, changed=tuple(changed))


def test_two_answers_are_changed_at_once() -> None:
    update = fill(APPLICATION, FILLED, "application_confirmed", inform(sum_of("amount", 90_000), span_of("term", 24)))
    assert update
    assert (update.values, update.changed) == ({"amount": 90_000, "term": 24}, ("amount", "term"))


@pytest.mark.parametrize(
    ("fact", "slot", "hint"),
    [
        (sum_of("amount", 500_000), "amount", Unclear("too_high", high="30万元")),
        (text_of("purpose", "purpose", "炒股", "investing"), "purpose", Unclear("investing")),
        (span_of("term", 60), "term", Unclear("too_high", high="3年")),
    ],
)
def test_a_change_that_cannot_be_taken_is_asked_at_once(fact: Fact, slot: str, hint: Unclear) -> None:
    update = fill(APPLICATION, without("name", "phone"), "name", inform(fact))
    assert update == FormUpdate({slot: None}, slot, hint)


@pytest.mark.parametrize(
    ("product", "amount", "term", "updates", "requested", "hint"),
    [
        ("商户贷", 80_000, 12, {}, "application_confirmed", None),
        ("小微企业贷", 80_000, 36, {"term": None}, "term", Unclear("too_high", high="2年")),
        ("小微企业贷", 5_000, 12, {"amount": None}, "amount", Unclear("too_low", low="1万元")),
        ("小微企业贷", 5_000, 36, {"amount": None, "term": None}, "amount", Unclear("too_low", low="1万元")),
    ],
)
def test_another_product_asks_again_for_what_no_longer_fits(
    product: str, amount: int, term: int, updates: dict[str, Any], requested: str, hint: Unclear | None
) -> None:
    slots = {**FILLED, "amount": amount, "term": term}
    update = fill(APPLICATION, slots, "application_confirmed", inform(text_of("product", "product", product)))
    assert update == FormUpdate({"product": product, **updates}, requested, hint, changed=("product",))


# --- repairs ---


@pytest.mark.parametrize(
    ("act", "before", "hint"),
    [
        ("unclear", None, "unclear"),
        ("unclear", "unclear", "simple"),
        ("rephrase", None, "simple"),
        ("rephrase", "simple", "estimate"),
        ("misunderstood", None, "simple"),
        ("dont_know", None, "estimate"),
        ("dont_know", "estimate", "human"),
        ("dont_know", "human", "estimate"),
        ("rather_not_say", None, "estimate"),
        ("skip", None, "required"),
        ("skip", "required", "simple"),
        ("repeat", None, "repeat"),
        ("repeat", "repeat", "simple"),
    ],
)
def test_a_question_is_put_again_in_other_words(act: str, before: str | None, hint: str) -> None:
    slots = {**FARMER, "hint": before}
    assert fill(APPLICATION, slots, "amount", Act(name=act)) == FormUpdate(requested="amount", hint=Unclear(hint))


def test_who_misses_it_again_and_again_gets_more_and_more_help() -> None:
    slots: dict[str, Any] = {**FARMER}
    hints = []
    for misses in range(6):
        update = fill(APPLICATION, {**slots, "misses": misses}, "amount", Act(name="unclear"))
        assert update
        assert update.hint
        slots["hint"] = update.hint.hint
        hints.append(update.hint.hint)
    assert hints == ["unclear", "simple", "estimate", "human", "estimate", "human"]


def test_back_asks_the_answer_before_again() -> None:
    assert fill(APPLICATION, without("purpose"), "purpose", Act(name="go_back")) == FormUpdate(
        {"term": None}, "term", former={"slot": "term", "value": FILLED["term"]}
    )
    trader = {"quota_consent": True, "product": "商户贷", "annual_turnover": 600_000}
    assert fill(QUOTA, trader, "years_in_business", Act(name="go_back")) == FormUpdate(
        {"annual_turnover": None}, "annual_turnover", former={"slot": "annual_turnover", "value": 600_000}
    )
    assert fill(APPLICATION, AGREED, "product", Act(name="go_back")) == FormUpdate(
        requested="product", hint=Unclear("first")
    )


def test_starting_over_keeps_the_consent_alone() -> None:
    update = fill(APPLICATION, FILLED, "application_confirmed", Act(name="start_over"))
    assert update
    assert update.requested == "product"
    assert update.values == dict.fromkeys(question.slot for question in APPLICATION.questions[1:])


def test_a_named_answer_is_asked_again() -> None:
    edit = Act(name="edit", values={"slot": "phone"})
    former = {"slot": "phone", "value": FILLED["phone"]}
    assert fill(APPLICATION, FILLED, "application_confirmed", edit) == FormUpdate(
        {"phone": None}, "phone", former=former
    )
    assert fill(APPLICATION, FILLED, "amount", Act(name="edit", values={"slot": "existing_debt"})) is None


def test_an_answer_that_is_asked_anew_can_stay_as_it_was() -> None:
    former = {"slot": "phone", "value": FILLED["phone"]}
    asked = {**FILLED, "phone": None, "former": former}
    missed = fill(APPLICATION, asked, "phone", Act(name="unclear"))
    assert missed
    assert missed.former == former
    kept = fill(APPLICATION, asked, "phone", Act(name="keep_answer"))
    assert kept == FormUpdate({"phone": FILLED["phone"]}, "application_confirmed")
    changed = fill(APPLICATION, asked, "phone", inform(text_of("phone", "phone", "13900005678")))
    assert changed
    assert (changed.values, changed.former) == ({"phone": "13900005678"}, None)


@pytest.mark.parametrize(
    "act", ["answer", "suggest", "greet", "cancel", "request_human", "ask_why", "wait", "keep", "check_quota"]
)
def test_what_is_not_the_forms_is_left_to_the_rules(act: str) -> None:
    assert fill(APPLICATION, FARMER, "amount", Act(name=act)) is None


# --- beginning and going on ---


def test_what_was_left_before_is_not_asked_again() -> None:
    assert fill(APPLICATION, without("name"), None, Act(name="resume_application")) == FormUpdate({EARLY: None}, "name")


def test_the_intent_that_starts_a_form_is_taken_inside_it() -> None:
    update = fill(
        APPLICATION,
        without("purpose", "amount"),
        "purpose",
        Act(name="apply_for_loan", facts=(sum_of("amount", 100_000),)),
    )
    assert update
    assert (update.values["amount"], update.requested) == (100_000, "purpose")


def test_a_sum_too_large_for_the_product_is_told_and_asked_again() -> None:
    update = fill(APPLICATION, FARMER, None, Act(name="apply_for_loan", facts=(sum_of("amount", 500_000),)))
    assert update
    assert (update.requested, update.hint) == ("amount", Unclear("too_high", high="30万元"))


def test_facts_change_answers_without_an_open_form() -> None:
    answers = {"quota_consent": True, "product": "商户贷", "annual_turnover": 600_000, "years_in_business": 5.0}
    answers |= {"existing_debt": 0, "has_overdue": False}
    update = take_facts(QUOTA, answers, [sum_of("annual_turnover", 800_000)])
    assert update == FormUpdate({"annual_turnover": 800_000}, changed=("annual_turnover",))


# --- whatever comes ---

PRODUCTS = st.sampled_from([product.name for product in list_products()])
YUAN = st.integers(0, 1_000_000_000)
SLOTS = st.fixed_dictionaries(
    {},
    optional={
        "application_consent": st.booleans(),
        "quota_consent": st.booleans(),
        "product": PRODUCTS,
        "amount": st.sampled_from([1_000, 5_000, 20_000, 300_000]),
        "term": st.sampled_from([1, 12, 24]),
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
        "hint": st.sampled_from(["unit", "range", "declined", "unclear", "simple"]),
    },
)
ROLES = st.sampled_from(list(load_catalogue().questions))


def fits(form: str, slots: dict[str, Any]) -> bool:
    """Whether the services take what is known; what is still open is filled with what they take."""
    known = {key: value for key, value in slots.items() if value is not None}
    low, high = limit_amount(known)
    if form == "application_form" and not (
        low <= known.get("amount", low) <= high and known.get("term", 1) <= limit_term(known)[1]
    ):
        return False
    product = get_product(known)
    if form == "application_form" and product:
        least = {**FILLED, "amount": 10_000}
        asked = {key: known.get(key, least[key]) for key in ApplicationIn.model_fields if key in least}
        ApplicationIn.model_validate(
            {
                "conversation_id": "conversation-1",
                **asked,
                "product": product.id,
                "consent_version": "2026-07",
                "details": {},
            }
        )
    if form == "quota_form" and product:
        facts = {"land_mu": 1.0, "years_in_business": 1.0, "has_overdue": False}
        sums = ("machinery_value", "household_income", "annual_turnover", "existing_debt")
        parse_request(build_request(QUOTA, {**facts, **dict.fromkeys(sums, 0), **known}))
    return True


@st.composite
def acts(draw: st.DrawFn) -> Act:
    facts = [draw(FACTS).model_copy(update={"role": draw(ROLES)}) for _ in range(draw(st.integers(0, 3)))]
    return Act(name=draw(st.sampled_from(INTENTS)), facts=tuple(facts))


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=300)
@given(data=st.data(), slots=SLOTS, act=acts())
def test_any_act_leaves_only_what_the_services_take(
    form: str, data: st.DataObject, slots: dict[str, Any], act: Act
) -> None:
    own = [question.slot for question in FORMS[form].questions]
    requested = data.draw(st.sampled_from([None, *own]), label="requested")
    if not fits(form, slots):
        return
    update = fill(FORMS[form], slots, requested, act)
    if update is None:
        return
    assert update.values.keys() <= {*own, EARLY, MORE}
    assert update.requested in (None, *own)
    assert fits(form, {**slots, **update.values})


@settings(max_examples=200)
@given(act=acts(), slots=SLOTS)
def test_consent_comes_from_its_own_answer_alone(act: Act, slots: dict[str, Any]) -> None:
    for requested in (None, "application_consent", "amount", "phone"):
        update = fill(APPLICATION, {**slots, "application_consent": None}, requested, act)
        assert update is None or not update.values.get("application_consent")
