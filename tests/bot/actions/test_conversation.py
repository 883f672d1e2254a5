"""Leaving a form, why it asks what it asks, and asking back before a grave act."""

from typing import Any

import pytest

from tests.bot.actions.action_call import RESPONSES, call_action, make_clients, sum_of
from understanding.schemas import Act

FILLED: dict[str, Any] = {
    "application_consent": True,
    "product": "农户贷",
    "amount": 80_000,
    "term": 12,
    "application_number": "QH260701-AB2C3",
}


async def cancel(slots: dict[str, Any], form: str | None, **values: Any) -> Any:
    return await call_action(make_clients(), "action_cancel", slots, Act(name="cancel", values=values), form=form)


async def test_much_that_was_filled_in_is_not_dropped_without_asking() -> None:
    asked = await cancel(FILLED, "application_form")
    assert asked.said == ["utter_confirm_cancel"]
    assert asked.events[0] == {"event": "active_loop", "timestamp": None, "name": None}
    assert asked.slots == {"context": {"question": "cancel", "turn": "message-1"}}
    dropped = await cancel(FILLED, "application_form", is_confirmed=True)
    assert dropped.said == ["utter_cancelled"]
    assert dropped.slots["amount"] is dropped.slots["application_consent"] is None
    assert "application_number" not in dropped.slots


async def test_little_is_dropped_at_once() -> None:
    turn = await cancel({"application_consent": True, "product": "农户贷"}, "application_form")
    assert turn.said == ["utter_cancelled"]


async def test_what_another_form_needs_is_kept() -> None:
    slots = {**FILLED, "quota_consent": True, "land_mu": 20.0}
    turn = await cancel(slots, "application_form", is_confirmed=True)
    assert "product" not in turn.slots
    assert turn.slots["amount"] is None


async def test_without_a_form_there_is_nothing_to_drop() -> None:
    turn = await cancel({}, None)
    assert (turn.said, turn.events) == (["utter_nothing_to_cancel"], [])


@pytest.mark.parametrize("slot", ["phone", "land_mu", "application_confirmed"])
async def test_the_question_that_is_open_is_explained(slot: str) -> None:
    slots = {"requested_slot": slot}
    turn = await call_action(
        make_clients(), "action_explain_question", slots, Act(name="ask_why"), form="application_form"
    )
    assert turn.said == [f"utter_why_{slot}"]
    assert turn.heard == RESPONSES[f"utter_why_{slot}"][0]["text"]
    assert turn.events == []


@pytest.mark.parametrize(("requested", "form"), [(None, None), ("phone", None), (None, "application_form")])
async def test_without_an_open_question_it_explains_in_general(requested: str | None, form: str | None) -> None:
    slots = {"requested_slot": requested}
    turn = await call_action(make_clients(), "action_explain_question", slots, Act(name="ask_why"), form=form)
    assert turn.said == ["utter_why_nothing"]


async def show_answers(slots: dict[str, Any], form: str | None, left: str | None = None) -> Any:
    act = Act(name="show_answers", form=left)
    return await call_action(make_clients(), "action_show_answers", slots, act, form=form)


@pytest.mark.parametrize(("form", "left"), [("application_form", None), (None, "application_form")])
async def test_what_was_filled_in_is_read_back_without_consent_and_number(form: str | None, left: str | None) -> None:
    turn = await show_answers(FILLED, form, left)
    assert turn.said == ["utter_filled"]
    assert "金额8万元" in turn.heard
    assert "QH260701" not in turn.heard
    assert turn.events == []


async def test_without_a_form_the_facts_of_the_last_quota_are_read_back() -> None:
    quota = {"answers": {"product": "农户贷", "land_mu": 20.0, "quota_consent": True}}
    turn = await show_answers({"quota_summary": quota}, None)
    assert turn.said == ["utter_filled"]
    assert "20" in turn.heard


async def test_where_nothing_was_filled_in_that_is_said() -> None:
    assert (await show_answers({}, "quota_form")).said == ["utter_filled_nothing"]
    assert (await show_answers({}, None)).said == ["utter_filled_nothing"]


@pytest.mark.parametrize("meant", ["request_human", "request_account_manager", "complain"])
async def test_a_grave_act_is_asked_back(meant: str) -> None:
    act = Act(name="ask_back", values={"act": meant})
    turn = await call_action(make_clients(), "action_ask_back", {}, act, form="quota_form")
    assert turn.said == [f"utter_confirm_{meant}"]
    assert turn.slots["context"]["question"] == meant


async def test_facts_told_before_any_form_are_kept() -> None:
    wish = sum_of("amount", 50_000)
    turn = await call_action(make_clients(), "action_keep_facts", {}, Act(name="inform", facts=(wish,)))
    assert turn.said == ["utter_value_outside_form"]
    assert turn.slots == {"early": [wish.model_dump(mode="json")]}
