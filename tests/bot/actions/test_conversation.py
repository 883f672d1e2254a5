"""Leaving a form, and why it asks what it asks."""

import pytest

from tests.bot.actions.action_call import RESPONSES, call_action, make_clients


async def test_leaving_forgets_what_was_filled_in_and_keeps_what_was_finished() -> None:
    slots = {"amount": 80_000, "name": "王秀英", "quota_summary": {"product": "farmer_loan"}, "hint": "unit"}
    slots["application_number"] = "QH260701-AB2C3"
    turn = await call_action(make_clients(), "action_cancel", slots, "取消", "cancel", form="application_form")
    assert turn.said == ["utter_cancelled"]
    assert [event["event"] for event in turn.events] == ["active_loop", "reset_slots", "slot", "slot"]
    assert turn.events[0]["name"] is None
    assert turn.slots == {"quota_summary": {"product": "farmer_loan"}, "application_number": "QH260701-AB2C3"}


@pytest.mark.parametrize("slot", ["phone", "land_mu", "application_confirmed"])
async def test_the_question_that_is_open_is_explained(slot: str) -> None:
    slots = {"requested_slot": slot}
    turn = await call_action(
        make_clients(), "action_explain_question", slots, "为什么要问这个", "ask_why", form="application_form"
    )
    assert turn.said == [f"utter_why_{slot}"]
    assert turn.heard == RESPONSES[f"utter_why_{slot}"][0]["text"]
    assert turn.events == []


@pytest.mark.parametrize(("requested", "form"), [(None, None), ("phone", None), (None, "application_form")])
async def test_without_an_open_question_it_explains_in_general(requested: str | None, form: str | None) -> None:
    slots = {"requested_slot": requested}
    turn = await call_action(make_clients(), "action_explain_question", slots, "为什么", "ask_why", form=form)
    assert turn.said == ["utter_why_nothing"]
