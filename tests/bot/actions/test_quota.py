"""The quota check from its first question to the decision, with the real scoring service and without it."""

import json
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.actions.quota import build_request, make_key
from forms.catalogue import load_catalogue
from kit.database import Database
from scoring.api import create_app
from scoring.settings import ScoringSettings
from scoring.tables import StoredDecision
from tests.bot.actions.action_call import (
    ActionResult,
    call_action,
    inform,
    make_clients,
    number_of,
    span_of,
    sum_of,
    text_of,
)
from tests.bot.actions.answers import TRADER
from tests.fakes import FixedClock
from understanding.schemas import Act, Fact

FORM = load_catalogue().forms["quota_form"]
FARMER: dict[str, Any] = {
    "quota_consent": True,
    "product": "农户贷",
    "land_mu": 45.0,
    "machinery_value": 30_000,
    "household_income": 100_000,
    "existing_debt": 25_000,
    "has_overdue": False,
}
DECISION = {
    "decision_id": "1",
    "outcome": "review",
    "quota": 0,
    "term_months": None,
    "annual_rate": None,
    "reasons": [{"code": "a", "text": "流水需要核实"}, {"code": "b", "text": "经营时间较短"}],
    "next_step": "客户经理会联系您。",
    "policy_version": "1",
    "valid_until": "2026-08-31",
}


class Scoring:
    """Answers every request alike; remembers the idempotency keys."""

    def __init__(self, status: int, answer: Any) -> None:
        self.status, self.answer = status, answer
        self.keys: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(self.status, json=self.answer)


async def fill(slots: dict[str, Any], act: Act) -> ActionResult:
    return await call_action(make_clients(), "validate_quota_form", slots, act, form="quota_form")


# --- the form ---


@pytest.mark.parametrize(
    ("product", "asked"),
    [
        ("农户贷", ["land_mu", "machinery_value", "household_income", "existing_debt", "has_overdue"]),
        ("商户贷", ["annual_turnover", "years_in_business", "existing_debt", "has_overdue"]),
        ("小微企业贷", ["annual_turnover", "years_in_business", "existing_debt", "has_overdue"]),
    ],
)
async def test_each_product_has_its_own_questions(product: str, asked: list[str]) -> None:
    slots: dict[str, Any] = {"quota_consent": True, "requested_slot": "product"}
    act, heard = inform(text_of("product", "product", product)), []
    while slots["requested_slot"]:
        slots |= (await fill(slots, act)).slots
        heard.append(slots["requested_slot"])
        slot = slots["requested_slot"] or ""
        stated = span_of(slot, 36) if slot == "years_in_business" else Fact(kind="none", role=slot)
        act = inform(stated)
    assert heard == [*asked, None]
    assert build_request(FORM, slots)["facts"].keys() == set(asked)


async def test_a_consent_just_given_is_recorded() -> None:
    turn = await fill({"requested_slot": "quota_consent"}, inform(quota_consent=True))
    assert turn.said == []
    assert turn.slots == {
        "quota_consent": True,
        "early": None,
        "former": None,
        "hint": None,
        "hint_low": None,
        "hint_high": None,
        "misses": None,
        "requested_slot": "product",
    }


async def test_a_hint_and_its_sums_reach_the_wording() -> None:
    slots = {**TRADER, "annual_turnover": None, "requested_slot": "annual_turnover"}
    turn = await fill(slots, inform(sum_of("annual_turnover", 500_000, 800_000)))
    assert turn.slots == {
        "annual_turnover": None,
        "former": None,
        "hint": "range",
        "hint_low": "50万元",
        "hint_high": "80万元",
        "misses": None,
        "requested_slot": "annual_turnover",
    }


async def test_what_is_not_for_the_form_changes_nothing() -> None:
    slots = {**TRADER, "annual_turnover": None, "requested_slot": "annual_turnover"}
    turn = await fill(slots, Act(name="request_human"))
    assert (turn.events, turn.responses) == ([], [])


async def test_what_was_not_asked_is_said_back_and_so_is_a_change() -> None:
    slots = {"quota_consent": True, "product": "农户贷", "land_mu": 20.0, "requested_slot": "machinery_value"}
    told = [sum_of("machinery_value", 50_000), sum_of("household_income", 80_000)]
    turn = await fill(slots, inform(*told, Fact(kind="area", role="land_mu", low=25, high=25)))
    assert turn.said == ["utter_changed", "utter_noted"]
    assert turn.heard == "已改：土地25亩。\n记下了：年收入8万元。"
    assert turn.slots["requested_slot"] == "existing_debt"


async def test_what_was_not_understood_is_counted() -> None:
    slots = {**TRADER, "annual_turnover": None, "requested_slot": "annual_turnover"}
    first = await fill(slots, Act(name="unclear"))
    assert first.responses[0]["custom"] == {"understood": False}
    second = await fill(slots | first.slots, Act(name="unclear"))
    assert (first.slots["hint"], first.slots["misses"]) == ("unclear", 1)
    assert (second.slots["hint"], second.slots["misses"]) == ("simple", 2)


async def test_a_question_left_open_by_another_form_is_not_answered() -> None:
    slots = {"quota_consent": True, "product": "农户贷", "requested_slot": "term"}
    turn = await call_action(
        make_clients(), "validate_quota_form", slots, Act(name="check_quota"), form="application_form"
    )
    assert turn.slots["requested_slot"] == "land_mu"


# --- the decision ---


@pytest.fixture
def scoring(database: Database) -> httpx.ASGITransport:
    return httpx.ASGITransport(create_app(ScoringSettings(), database=database, clock=FixedClock()))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("slots", "response", "words"),
    [
        (
            TRADER,
            "utter_quota_approve",
            [
                "商户贷",
                "18万元",
                "3年",
                "年利率5.2%（年化单利，含全部费用）",
                "年流水60万元，按三成算18万元",
                "7月31日",
            ],
        ),
        (FARMER, "utter_quota_approve", ["农户贷", "45亩", "2.5万元"]),
    ],
)
async def test_the_decision_is_told_in_words(
    scoring: httpx.ASGITransport, slots: dict[str, Any], response: str, words: list[str]
) -> None:
    turn = await call_action(make_clients(scoring=scoring), "action_give_quota", slots)
    assert turn.said == [response]
    assert [word for word in words if word not in turn.heard] == []
    assert "None" not in turn.heard


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("slots", "shown", "response", "words"),
    [
        (
            {**TRADER, "annual_turnover": 6_000_000},
            "年流水600万元",
            "utter_quota_review",
            ["600万元", "核实账目", "给您转客户经理"],
        ),
        ({**TRADER, "has_overdue": True}, "逾期有", "utter_quota_decline", ["不能给出额度", "逾期"]),
        (
            {**TRADER, "product": "小微企业贷", "years_in_business": 0.9},
            "经营年限11个月",
            "utter_quota_decline",
            ["2年"],
        ),
    ],
)
async def test_nobody_is_refused_before_the_facts_were_confirmed(
    scoring: httpx.ASGITransport, slots: dict[str, Any], shown: str, response: str, words: list[str]
) -> None:
    clients = make_clients(scoring=scoring)
    recap = await call_action(clients, "action_give_quota", slots)
    assert recap.said == ["utter_quota_recap"]
    assert shown in recap.heard
    assert recap.slots["context"]["last"] == "recap"
    assert recap.responses[0]["custom"]["card"]["kind"] == "summary"
    told = await call_action(clients, "action_tell_quota", recap.slots, Act(name="give_quota"))
    assert told.said == [response]
    assert [word for word in words if word not in told.heard] == []
    assert told.slots["context"]["last"] == "quota"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("slots", [TRADER, FARMER, {**TRADER, "has_overdue": True}], ids=["yes", "farmer", "no"])
async def test_in_english_every_value_is_english(scoring: httpx.ASGITransport, slots: dict[str, Any]) -> None:
    act = Act(name="inform", language="en")
    turn = await call_action(make_clients(scoring=scoring), "action_give_quota", slots, act)
    assert not re.search(r"[\u3400-\u9fff]", json.dumps(turn.responses, ensure_ascii=False))
    assert turn.slots["quota_summary"]["answers"]["product"] == slots["product"]


async def test_in_english_the_sum_asked_back_is_english() -> None:
    act = Act(name="inform", facts=(number_of("existing_debt", 20),), language="en")
    assert (await fill({**FARMER, "requested_slot": "existing_debt"}, act)).slots["hint_high"] == "CNY 200,000"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_fact_is_changed_without_starting_again(scoring: httpx.ASGITransport) -> None:
    clients = make_clients(scoring=scoring)
    first = await call_action(clients, "action_give_quota", TRADER)
    change = Act(name="change_quota", facts=(sum_of("annual_turnover", 800_000),))
    turn = await call_action(clients, "action_change_quota", first.slots, change)
    assert turn.said == ["utter_changed", "utter_quota_approve"]
    assert "已改：年流水80万元" in turn.heard
    assert turn.slots["quota_summary"]["answers"]["annual_turnover"] == 800_000


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_fact_whose_value_is_missing_is_asked_for(scoring: httpx.ASGITransport) -> None:
    clients = make_clients(scoring=scoring)
    first = await call_action(clients, "action_give_quota", FARMER)
    change = Act(name="change_quota", facts=(Fact(kind="some", role="machinery_value"),))
    turn = await call_action(clients, "action_change_quota", first.slots, change)
    assert turn.said == []
    assert turn.events[-1] == {"event": "followup", "timestamp": None, "name": "quota_form"}
    asked = await call_action(clients, "validate_quota_form", first.slots | turn.slots, change)
    assert (asked.slots["requested_slot"], asked.slots["hint"]) == ("machinery_value", "how_much")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("facts", "response", "words"),
    [
        ((), "utter_explain_quota", ["流水"]),
        ((sum_of("amount", 500_000),), "utter_wanted_above", ["18万元", "50万元"]),
        ((sum_of("amount", 100_000),), "utter_wanted_within", ["10万元", "18万元"]),
    ],
)
async def test_a_quota_is_explained(
    scoring: httpx.ASGITransport, facts: tuple[Fact, ...], response: str, words: list[str]
) -> None:
    clients = make_clients(scoring=scoring)
    first = await call_action(clients, "action_give_quota", TRADER)
    turn = await call_action(clients, "action_explain_quota", first.slots, Act(name="explain_quota", facts=facts))
    assert turn.said == [response]
    assert [word for word in words if word not in turn.heard] == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("slots", [TRADER, FARMER], ids=["trader", "farmer"])
async def test_afterwards_everything_is_asked_anew_and_the_summary_stays(
    scoring: httpx.ASGITransport, slots: dict[str, Any], database: Database
) -> None:
    turn = await call_action(make_clients(scoring=scoring), "action_give_quota", slots)
    asked = [question.slot for question in FORM.questions]
    summary = turn.slots["quota_summary"]
    assert turn.slots.items() >= {"quota_summary": summary, **dict.fromkeys(asked)}.items()
    assert summary["facts"] == build_request(FORM, slots)["facts"]
    async with database.reading() as session:
        stored = (await session.scalars(select(StoredDecision))).one()
    assert summary["decision"]["decision_id"] == stored.id


async def test_a_bare_decision_has_no_empty_places() -> None:
    service = httpx.MockTransport(Scoring(200, DECISION))
    clients = make_clients(scoring=service)
    recap = await call_action(clients, "action_give_quota", TRADER)
    turn = await call_action(clients, "action_tell_quota", recap.slots, Act(name="give_quota"))
    assert turn.said == ["utter_quota_review"]
    assert turn.heard == (
        "您的情况需要客户经理看一看才能定。\n· 流水需要核实\n· 经营时间较短\n给您转客户经理，刚才填的会一并转过去。"
    )


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (500, {}, "utter_quota_estimate"),
        (503, {"error": {"code": "busy", "reason": ""}}, "utter_quota_estimate"),
        (200, {"outcome": "maybe"}, "utter_quota_estimate"),
        (422, {"error": {"code": "invalid_request", "reason": "facts"}}, "utter_quota_down"),
        (409, {"error": {"code": "idempotency_conflict", "reason": ""}}, "utter_quota_down"),
    ],
)
async def test_without_a_decision_it_says_so_and_keeps_the_answers(status: int, answer: Any, said: str) -> None:
    service = httpx.MockTransport(Scoring(status, answer))
    turn = await call_action(make_clients(scoring=service), "action_give_quota", TRADER)
    assert turn.said == [said]
    assert turn.events == []


@pytest.mark.parametrize("consent", [False, None])
async def test_without_consent_nothing_is_asked_of_the_service(consent: bool | None) -> None:
    service = Scoring(200, DECISION)
    turn = await call_action(
        make_clients(scoring=httpx.MockTransport(service)), "action_give_quota", {**TRADER, "quota_consent": consent}
    )
    assert turn.said == ["utter_consent_declined"]
    assert turn.slots == {"quota_consent": None}
    assert service.keys == []


async def test_a_turn_asks_once_however_often_it_is_tried() -> None:
    service = Scoring(200, DECISION)
    clients = make_clients(scoring=httpx.MockTransport(service))
    for message_id in ("message-1", "message-1", "message-2"):
        await call_action(clients, "action_give_quota", TRADER, message_id=message_id)
    first, again, later = service.keys
    assert first == again != later


def test_the_key_tells_conversations_and_answers_apart() -> None:
    request = build_request(FORM, TRADER)
    keys = {
        make_key("conversation-1", request, "message-1"),
        make_key("conversation-2", request, "message-1"),
        make_key("conversation-1", build_request(FORM, FARMER), "message-1"),
    }
    assert len(keys) == 3
    assert all(8 <= len(key) <= 100 for key in keys)


def test_only_the_facts_of_the_product_are_sent() -> None:
    both = {**FARMER, **TRADER, "land_mu": 45.0}
    assert build_request(FORM, both)["facts"].keys() == {
        "annual_turnover",
        "years_in_business",
        "existing_debt",
        "has_overdue",
    }
    assert build_request(FORM, {**both, "product": "农户贷"})["facts"].keys() == FARMER.keys() - {
        "quota_consent",
        "product",
    }
