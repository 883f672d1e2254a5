"""English answers, wishes and steering words, as they stand in the questions of a form and outside."""

from typing import Any

import pytest

from forms.catalogue import load_catalogue
from understanding.read import read_message
from understanding.schemas import Act, Evidence, State
from understanding.table import choose_act

FILLED = ("application_consent", "product", "amount", "term", "purpose", "region", "name", "phone")


def choose(text: str, **state: Any) -> Act:
    where = State.model_validate({"language": "en", **state})
    asked = load_catalogue().questions.get(where.asked or "")
    reading = read_message(text, asked.kind if asked else None)
    act = choose_act(reading, where) or choose_act(reading, where, Evidence())
    assert act
    return act


def answer(asked: str, text: str) -> Act:
    form = next(form for form in load_catalogue().forms.values() if asked in {q.slot for q in form.questions})
    return choose(text, form=form.id, asked=asked, filled=FILLED, product="农户贷")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I want to check my credit limit", "check_quota"),
        ("How much can I borrow?", "check_quota"),
        ("I want to borrow money", "apply_for_loan"),
        ("I'd like to apply for a loan", "apply_for_loan"),
        ("I want to talk to a human", "request_human"),
        ("account manager please", "request_account_manager"),
        ("I want to complain", "complain"),
        ("check progress", "check_application_status"),
        ("withdraw my application", "withdraw"),
        ("calculate repayment", "calculate_repayment"),
        ("hello", "greet"),
        ("are you a robot?", "bot_challenge"),
        ("none of these", "none_of_these"),
    ],
)
def test_wishes_in_so_many_words(text: str, name: str) -> None:
    assert choose(text).name == name


@pytest.mark.parametrize(
    ("asked", "text", "low"),
    [
        ("land_mu", "20 mu", 20),
        ("land_mu", "we farm about 15 mu", 15),
        ("machinery_value", "CNY 80,000", 80_000),
        ("machinery_value", "80k", 80_000),
        ("household_income", "about 100,000 yuan a year", 100_000),
        ("annual_turnover", "600,000 a year", 600_000),
        ("years_in_business", "3 years", 36),
        ("existing_debt", "50 thousand", 50_000),
        ("amount", "50,000 yuan", 50_000),
        ("term", "6 months", 6),
        ("term", "2 years", 24),
    ],
)
def test_numbers_answer_what_is_asked(asked: str, text: str, low: float) -> None:
    (fact,) = answer(asked, text).facts
    assert (fact.role, fact.low) == (asked, low)


@pytest.mark.parametrize(
    ("asked", "text", "kind"),
    [
        ("land_mu", "none", "none"),
        ("machinery_value", "I have no machines", "none"),
        ("existing_debt", "I don't owe anything", "none"),
        ("has_overdue", "no", "none"),
        ("has_overdue", "I was never late", "none"),
        ("has_overdue", "no, I have never been late with a payment", "none"),
        ("has_overdue", "yes", "some"),
        ("has_overdue", "I was late", "some"),
        ("has_overdue", "yes, I am overdue", "some"),
    ],
)
def test_having_it_or_not(asked: str, text: str, kind: str) -> None:
    (fact,) = answer(asked, text).facts
    assert (fact.role, fact.kind) == (asked, kind)


@pytest.mark.parametrize(
    ("asked", "text", "value", "note"),
    [
        ("product", "I'm a farmer", "农户贷", ""),
        ("product", "I run a small shop", "商户贷", ""),
        ("product", "Small business loan", "小微企业贷", ""),
        ("purpose", "Farm supplies", "farm supplies", ""),
        ("purpose", "I want to buy a tractor", "buy a tractor", ""),
        ("purpose", "it's for renovating my restaurant", "renovating my restaurant", ""),
        ("purpose", "to buy a flat", "buy a flat", "housing"),
        ("purpose", "buying shares", "buying shares", "investing"),
        ("purpose", "gambling debts", "gambling debts", "gambling"),
        ("purpose", "pay off my credit card", "pay off my credit card", "repaying_loans"),
        ("purpose", "it's for my brother", "my brother", "lending_on"),
        ("region", "Wangjia Village, Liuhe Town", "柳河镇王家村", ""),
        ("region", "I live in Liuhe Town", "柳河镇", ""),
        ("region", "Newton Village, Liuhe Town", "柳河镇Newton村", ""),
        ("name", "My name is John Smith", "John Smith", "odd"),
        ("phone", "my number is 138 0000 1234", "13800001234", ""),
    ],
)
def test_words_answer_what_is_asked(asked: str, text: str, value: str, note: str) -> None:
    (fact,) = answer(asked, text).facts
    assert (fact.role, fact.text, fact.note) == (asked, value, note)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("purpose", "whatever"),
        ("purpose", "what can I use it for?"),
        ("region", "Springfield Town"),
        ("region", "a small town"),
        ("has_overdue", "maybe"),
        ("has_overdue", "I was late once, I think, but never mind"),
    ],
)
def test_what_answers_nothing_is_not_taken(asked: str, text: str) -> None:
    assert not any(fact.role == asked for fact in answer(asked, text).facts)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("why?", "ask_why"),
        ("what do you mean", "rephrase"),
        ("I don't know", "dont_know"),
        ("I don't remember", "dont_know"),
        ("rather not say", "rather_not_say"),
        ("skip", "skip"),
        ("go back", "go_back"),
        ("start over", "start_over"),
        ("repeat that", "repeat"),
        ("wait a moment", "wait"),
        ("cancel", "cancel"),
        ("don't cancel", "keep"),
        ("change the term", "edit"),
        ("my address is wrong", "edit"),
        ("Change: Phone", "edit"),
    ],
)
def test_steering_a_form(text: str, name: str) -> None:
    assert answer("amount", text).name == name


@pytest.mark.parametrize("text", ["yes", "I agree", "ok", "sure"])
def test_consent_and_confirmation_need_a_whole_yes(text: str) -> None:
    assert answer("application_consent", text).values == {"application_consent": True}
    assert answer("application_confirmed", text).values == {"application_confirmed": True}


@pytest.mark.parametrize(
    "text", ["I agree with my wife", "yes but what is the rate", "I have a question", "sure of what"]
)
def test_a_yes_within_other_words_is_none(text: str) -> None:
    assert not any(answer("application_consent", text).values.values())
    assert not any(answer("application_confirmed", text).values.values())


def test_the_act_has_the_language_of_the_dialogue() -> None:
    assert [choose(text, language="zh").language for text in ("我想贷款", "ok", "I want a loan")] == ["zh", "zh", "en"]
    assert [choose(text, language="en").language for text in ("我想贷款", "ok", "8w")] == ["zh", "en", "en"]
