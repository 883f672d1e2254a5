"""What pressed buttons do, and when they are stale."""

from typing import Any

import pytest

from understanding.buttons import press
from understanding.schemas import Act, State

QUOTA: dict[str, Any] = {"form": "quota_form", "product": "商户贷"}
REVIEW: dict[str, Any] = {"form": "application_form", "asked": "application_confirmed", "version": "1a"}


def pressed(payload: str, title: str = "好", **state: Any) -> Act:
    return press(payload, title, State(**state))


@pytest.mark.parametrize(
    ("payload", "state", "name", "values"),
    [
        ("/check_quota", {}, "check_quota", {}),
        ("/request_human", QUOTA, "request_human", {}),
        ('/ask_question{"entry": "loan-rate"}', {}, "ask_question", {"entry": "loan-rate"}),
        ('/affirm{"of": "quota_consent"}', QUOTA | {"asked": "quota_consent"}, "inform", {"quota_consent": True}),
        ('/deny{"of": "quota_consent"}', QUOTA | {"asked": "quota_consent"}, "inform", {"quota_consent": False}),
        (
            '/affirm{"of": "application_confirmed", "version": "1a"}',
            REVIEW,
            "inform",
            {"application_confirmed": True},
        ),
        ('/withdraw{"is_confirmed": true}', {"question": "withdraw"}, "withdraw", {"is_confirmed": True}),
    ],
)
def test_its_payload_is_the_act(payload: str, state: dict[str, Any], name: str, values: dict[str, Any]) -> None:
    act = pressed(payload, **state)
    assert (act.name, act.values, act.row) == (name, values, "button")


def test_going_on_takes_up_the_form_that_was_left_for_the_question() -> None:
    assert pressed("/keep", question="withdraw").name == "keep"
    assert pressed("/keep", question="cancel", paused=["quota_form"]).name == "check_quota"


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        # Another question is open by now, or none.
        ('/affirm{"of": "quota_consent"}', {}),
        ('/affirm{"of": "quota_consent"}', QUOTA | {"asked": "land_mu"}),
        ('/deny{"of": "existing_debt"}', QUOTA | {"asked": "has_overdue"}),
        ('/affirm{"of": "application_confirmed", "version": "1a"}', {"version": "1a"}),
        ('/inform{"of": "asked"}', {}),
        ('/inform{"product": "农户贷"}', {}),
        ("/inform", QUOTA),
        ("/keep", {}),
    ],
)
def test_it_is_stale_once_its_question_is_over(payload: str, state: dict[str, Any]) -> None:
    assert pressed(payload, **state) == Act(name="stale", row="stale button")


def test_what_was_changed_since_a_button_was_shown_is_shown_again() -> None:
    act = pressed('/affirm{"of": "application_confirmed", "version": "0f"}', **REVIEW)
    assert act == Act(name="repeat", row="stale button")


def test_submitting_tapped_twice_tells_how_far_it_is() -> None:
    act = pressed('/affirm{"of": "application_confirmed", "version": "1a"}', last="submitted")
    assert act.name == "check_application_status"


@pytest.mark.parametrize(
    ("payload", "title", "asked", "kind", "value"),
    [
        ('/deny{"of": "existing_debt"}', "没有", "existing_debt", "none", None),
        ('/inform{"has_overdue": true}', "有", "has_overdue", "some", None),
        ('/inform{"of": "asked"}', "30万元", "annual_turnover", "sum", 300_000),
        ('/inform{"of": "asked"}', "1年半", "years_in_business", "span", 18),
    ],
)
def test_an_answer_is_a_fact_about_its_question(
    payload: str, title: str, asked: str, kind: str, value: float | None
) -> None:
    act = pressed(payload, title, **QUOTA, asked=asked)
    assert [(fact.kind, fact.role, fact.low) for fact in act.facts] == [(kind, asked, value)]
    assert act.name == "inform"


@pytest.mark.parametrize(
    ("payload", "name"),
    [('/inform{"product": "农户贷"}', "inform"), ('/apply_for_loan{"product": "农户贷"}', "apply_for_loan")],
)
def test_a_product_is_a_fact_too(payload: str, name: str) -> None:
    act = pressed(payload, **QUOTA, asked="product")
    assert (act.name, act.values) == (name, {})
    assert [(fact.kind, fact.role, fact.text) for fact in act.facts] == [("product", "product", "农户贷")]


@pytest.mark.parametrize(
    ("payload", "state", "form", "is_confirmed"),
    [
        ("/cancel", QUOTA, "quota_form", False),
        ('/cancel{"is_confirmed": true}', REVIEW, "application_form", True),
        ('/cancel{"is_confirmed": true}', {"question": "cancel", "paused": ["quota_form"]}, "quota_form", True),
    ],
)
def test_dropping_names_the_form(payload: str, state: dict[str, Any], form: str, is_confirmed: bool) -> None:
    act = pressed(payload, **state)
    assert (act.name, act.form, act.values.get("is_confirmed", False)) == ("cancel", form, is_confirmed)


def test_a_button_does_not_change_the_language_of_the_dialogue() -> None:
    assert pressed("/check_quota", "Check quota", language="en").language == "en"
