"""A visit in the dialogue: planned, asked for, booked, moved and cancelled, with the service scripted."""

import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from bot.actions import message, visits
from kit.clock import CHINA
from tests.bot.actions.action_call import AWAY, ActionResult, call_action, make_clients
from understanding.schemas import Act, Fact

NOW = datetime(2026, 7, 1, 20, 0, tzinfo=CHINA)  # a Wednesday
TIMES = [f"2026-07-0{day}T{time}:00+08:00" for day in (2, 3) for time in ("09:00", "10:30", "14:00")]
BOOKED = {
    "id": "v1",
    "starts_at": TIMES[0],
    "minutes": 90,
    "place": "柳河镇",
    "state": "booked",
    "manager_name": "李强",
}
OPTIONS: dict[str, Any] = {"may_book": True, "times": TIMES, "place": "柳河镇", "manager_name": "李强"}
PLAN = {"times": TIMES, "manager": "李强", "moved": None, "as_of": NOW.isoformat()}
ANSWERS = {"visit_time": TIMES[1], "visit_place": "柳河镇王家村", "visit_confirmed": True}


class Desk:
    """Answers with what it was given; remembers what it was asked to change."""

    def __init__(self, *, refusal: tuple[int, str] | None = None, **options: Any) -> None:
        self.options = OPTIONS | options
        self.refusal = refusal
        self.changes: list[tuple[str, dict[str, Any], str | None]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=self.options)
        body = json.loads(request.content)
        self.changes.append((request.url.path, body, request.headers.get("Idempotency-Key")))
        if self.refusal:
            status, code = self.refusal
            return httpx.Response(status, json={"error": {"code": code, "reason": "约不了"}})
        return httpx.Response(200, json=BOOKED | {key: body[key] for key in ("starts_at", "place") if key in body})


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (message, visits):
        monkeypatch.setattr(module, "read_clock", lambda: NOW)


async def act(
    action: str, desk: Desk | None = None, name: str = "book_visit", *facts: Fact, slots: Any = None, **values: Any
) -> ActionResult:
    clients = make_clients(visits=httpx.MockTransport(desk) if desk else AWAY)
    return await call_action(clients, action, slots or {}, Act(name=name, facts=facts, values=values))


def wish(text: str) -> Fact:
    return Fact(kind="time", role="visit_time", text=text)


def list_titles(turn: ActionResult) -> list[str]:
    return [button["title"] for button in turn.responses[0]["buttons"]]


@pytest.mark.parametrize(
    ("options", "name", "said"),
    [
        ({"may_book": False}, "book_visit", "utter_visit_not_yet"),
        ({"times": []}, "book_visit", "utter_visit_full"),
        ({"booked": BOOKED}, "book_visit", "utter_visit_booked"),
        ({}, "move_visit", "utter_visit_none"),
    ],
)
async def test_what_cannot_be_booked_is_said(options: dict[str, Any], name: str, said: str) -> None:
    turn = await act("action_plan_visit", Desk(**options), name)
    assert turn.said == [said]
    assert not [event for event in turn.events if event["event"] == "followup"]


async def test_a_visit_is_planned_and_asked_for() -> None:
    turn = await act("action_plan_visit", Desk())
    assert turn.events[-1]["name"] == "visit_form"
    assert turn.slots["visit_plan"] == PLAN | {"as_of": "2026-07-01T20:00:00+08:00"}
    asked = await act("action_ask_visit_time", slots=turn.slots)
    assert list_titles(asked) == ["明天9:00", "明天14:00", "后天9:00"]
    assert asked.responses[0]["buttons"][0]["payload"] == f'/inform{{"visit_time": "{TIMES[0]}"}}'


async def test_the_place_told_before_is_a_button() -> None:
    assert list_titles(await act("action_ask_visit_place", Desk())) == ["柳河镇"]
    assert list_titles(await act("action_ask_visit_place", Desk(place=""))) == []
    assert list_titles(await act("action_ask_visit_place")) == []


@pytest.mark.parametrize(
    ("text", "taken", "hint", "offered"),
    [
        ("明天上午十点半", TIMES[1], None, []),
        (TIMES[2], TIMES[2], None, []),
        ("明天上午", None, "choose", ["明天9:00", "明天10:30"]),
        ("后天下午三点", None, "not_free", ["后天9:00", "后天10:30", "后天14:00"]),
        ("昨天", None, "unclear", ["明天9:00", "明天14:00", "后天9:00"]),
    ],
)
async def test_a_wish_is_taken_or_met_with_the_nearest(
    text: str, taken: str | None, hint: str | None, offered: list[str]
) -> None:
    clients, slots = make_clients(), {"visit_plan": PLAN, "requested_slot": "visit_time"}
    told = Act(name="inform", facts=(wish(text),))
    turn = await call_action(clients, "validate_visit_form", slots, told, form="visit_form")
    assert turn.slots.get("visit_time") == taken
    assert turn.slots["hint"] == hint
    if offered:
        asked = await call_action(clients, "action_ask_visit_time", {**slots, **turn.slots}, told)
        assert list_titles(asked) == offered


async def test_the_summary_says_when_where_and_who() -> None:
    slots = ANSWERS | {"visit_plan": PLAN, "visit_confirmed": None}
    turn = await act("action_ask_visit_form_visit_confirmed", slots=slots)
    assert "上门时间7月2日10:30，上门地点柳河镇王家村" in turn.heard
    assert "李强上门" in turn.heard
    assert turn.slots["context"]["version"]


async def test_it_is_booked_once_however_often_it_is_confirmed() -> None:
    desk = Desk()
    for _ in range(2):
        turn = await act("action_book_visit", desk, slots=ANSWERS | {"visit_plan": PLAN})
    assert turn.heard.startswith("约好了：明天10:30，李强到柳河镇王家村")
    assert len({key for _, _, key in desk.changes}) == 1
    assert (turn.slots["visit_time"], turn.slots["visit_plan"], turn.slots["context"]["last"]) == (None, None, "visit")
    await act("action_book_visit", desk, slots=ANSWERS | {"visit_plan": PLAN | {"as_of": "later"}})
    assert len({key for _, _, key in desk.changes}) == 2  # cancelled meanwhile, and wished for again


async def test_another_time_moves_the_one_that_is_booked() -> None:
    desk = Desk(booked=BOOKED)
    planned = await act("action_plan_visit", desk, "move_visit", wish("后天上午"))
    assert (planned.slots["visit_plan"]["moved"], planned.slots["visit_place"]) == ("v1", "柳河镇")
    await act("action_book_visit", desk, slots=ANSWERS | {"visit_plan": planned.slots["visit_plan"]})
    assert [path for path, _, _ in desk.changes] == ["/v1/visits/v1/time"]


async def test_who_comes_second_is_asked_for_another_time() -> None:
    desk = Desk(refusal=(409, "time_taken"), times=TIMES[2:])
    turn = await act("action_book_visit", desk, slots=ANSWERS | {"visit_plan": PLAN})
    assert turn.said == ["utter_visit_taken"]
    assert (turn.slots["visit_time"], turn.slots["visit_plan"]["times"]) == (None, TIMES[2:])
    assert turn.events[-1]["name"] == "visit_form"


@pytest.mark.parametrize(
    ("desk", "said", "kept"),
    [
        (None, "utter_service_down", True),
        (Desk(refusal=(403, "may_not_book")), "utter_visit_refused", False),
        (Desk(refusal=(409, "already_booked")), "utter_visit_refused", False),
    ],
)
async def test_what_was_not_booked_is_not_promised(desk: Desk | None, said: str, kept: bool) -> None:
    turn = await act("action_book_visit", desk, slots=ANSWERS | {"visit_plan": PLAN})
    assert turn.said == [said]
    assert ("visit_time" not in turn.slots) is kept


async def test_one_that_is_only_planned_is_dropped() -> None:
    clients, told = make_clients(visits=httpx.MockTransport(Desk())), Act(name="cancel_visit")
    slots = {"visit_plan": PLAN, "visit_time": TIMES[0]}
    turn = await call_action(clients, "action_cancel_visit", slots, told, form="visit_form")
    assert turn.said == ["utter_cancelled"]
    assert turn.slots["visit_time"] is None


async def test_it_is_cancelled_once_confirmed() -> None:
    desk = Desk(booked=BOOKED)
    asked = await act("action_cancel_visit", desk, "cancel_visit")
    assert asked.said == ["utter_confirm_cancel_visit"]
    assert asked.slots["context"]["question"] == "cancel_visit"
    assert desk.changes == []
    done = await act("action_cancel_visit", desk, "cancel_visit", is_confirmed=True)
    assert done.said == ["utter_visit_cancelled"]
    assert [path for path, _, _ in desk.changes] == ["/v1/visits/v1/cancellation"]
    assert (await act("action_cancel_visit", Desk(), "cancel_visit")).said == ["utter_visit_none"]
    assert (await act("action_cancel_visit", None, "cancel_visit")).said == ["utter_service_down"]
