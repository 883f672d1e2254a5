"""A form that is begun after an answer is for the product that was asked about."""

from typing import Any

import pytest
from rasa_sdk.interfaces import Tracker

from bot.actions.form_action import follow_result
from forms.catalogue import load_catalogue
from tests.bot.actions.action_call import describe_call
from understanding.schemas import Act, Fact

TRADER = Fact(kind="product", role="product", text="商户贷")
ASKED = {"last": "answer", "product": "农户贷"}


def find_products(form: str, act: Act, **slots: Any) -> list[str]:
    call = describe_call(f"validate_{form}", slots, act)
    followed = follow_result(load_catalogue().forms[form], act, Tracker.from_dict(call["tracker"]))
    return [fact.text for fact in followed.facts if fact.kind == "product"]


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("quota_form", "check_quota"),
        ("application_form", "apply_for_loan"),
        ("repayment_form", "calculate_repayment"),
    ],
)
def test_each_form_takes_over_the_product(form: str, name: str) -> None:
    assert find_products(form, Act(name=name), context=ASKED) == ["农户贷"]


@pytest.mark.parametrize(
    ("act", "slots"),
    [
        (Act(name="check_quota", facts=(TRADER,)), {"context": ASKED}),
        (Act(name="check_quota"), {"context": {**ASKED, "last": "quota"}}),
        (Act(name="check_quota"), {"context": {"last": "answer", "product": None}}),
        (Act(name="check_quota"), {"context": ASKED, "product": "商户贷"}),
        (Act(name="inform"), {"context": ASKED}),
        (Act(name="book_visit"), {"context": ASKED}),
        (Act(name="check_quota"), {}),
    ],
    ids=[
        "another is named",
        "something else was done last",
        "none was named",
        "already chosen",
        "no start",
        "no loan",
        "first",
    ],
)
def test_what_is_said_or_known_otherwise_counts_more(act: Act, slots: dict[str, Any]) -> None:
    assert "农户贷" not in find_products("quota_form", act, **slots)
