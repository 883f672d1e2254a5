"""The quota check from its first question to the decision, with the real scoring service and without it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.actions.quota import build_request, make_key
from forms.catalogue import load_catalogue
from kit.database import Database
from kit.settings import Settings
from scoring.api import create_app
from scoring.tables import StoredDecision
from tests.bot.actions.action_call import call_action, make_clients
from tests.fakes import FixedClock

FORM = load_catalogue().forms["quota_form"]
TRADER: dict[str, Any] = {
    "quota_consent": True,
    "product": "商户贷",
    "annual_turnover": 600_000,
    "years_in_business": 5.0,
    "existing_debt": 0,
    "has_overdue": False,
}
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
    answer, intent, entities, heard = product, "inform", {"product": product}, []
    while slots["requested_slot"]:
        turn = await call_action(
            make_clients(), "validate_quota_form", slots, answer, intent, entities=entities, form="quota_form"
        )
        slots |= turn.slots
        heard.append(slots["requested_slot"])
        is_time = slots["requested_slot"] == "years_in_business"
        answer, intent, entities = ("3年", "inform", {}) if is_time else ("没有", "deny", {})
        if slots["requested_slot"] in ("household_income", "annual_turnover"):
            answer, intent = "每月5万", "inform"
    assert heard == [*asked, None]
    assert build_request(FORM, slots)["facts"].keys() == set(asked)


async def test_a_consent_just_given_is_recorded() -> None:
    turn = await call_action(
        make_clients(),
        "validate_quota_form",
        {"requested_slot": "quota_consent"},
        "同意",
        "affirm",
        form="quota_form",
    )
    assert turn.said == ["utter_recorded_quota_consent"]
    assert turn.slots == {
        "quota_consent": True,
        "hint": None,
        "hint_low": None,
        "hint_high": None,
        "requested_slot": "product",
    }


async def test_a_hint_and_its_sums_reach_the_wording() -> None:
    slots = {**TRADER, "annual_turnover": None, "requested_slot": "annual_turnover"}
    turn = await call_action(make_clients(), "validate_quota_form", slots, "五十到八十万", "inform", form="quota_form")
    assert turn.slots == {
        "hint": "range",
        "hint_low": "50万元",
        "hint_high": "80万元",
        "requested_slot": "annual_turnover",
    }


async def test_what_is_not_for_the_form_changes_nothing() -> None:
    slots = {**TRADER, "annual_turnover": None, "requested_slot": "annual_turnover"}
    turn = await call_action(
        make_clients(), "validate_quota_form", slots, "转人工，我有20万", "request_human", form="quota_form"
    )
    assert (turn.events, turn.responses) == ([], [])


@pytest.mark.parametrize(
    ("text", "updates"),
    [
        ("流水写多了 一年四十万", {"annual_turnover": 400_000}),
        ("我开了四年 不是十四年", {"years_in_business": 4.0}),
        ("更正一下 我还欠着三万", {"existing_debt": 30_000}),
        ("不是商户贷是农户贷", {"product": "农户贷"}),
    ],
)
async def test_an_answer_is_corrected(text: str, updates: dict[str, Any]) -> None:
    slots = {**TRADER, "has_overdue": None, "requested_slot": "has_overdue"}
    entities = {"product": "农户贷"} if "product" in updates else {}
    turn = await call_action(
        make_clients(), "validate_quota_form", slots, text, "correct_information", entities=entities, form="quota_form"
    )
    assert turn.slots.items() >= updates.items()


async def test_a_question_left_open_by_another_form_is_not_answered() -> None:
    slots = {"quota_consent": True, "product": "农户贷", "requested_slot": "term"}
    turn = await call_action(
        make_clients(), "validate_quota_form", slots, "我能贷多少", "check_quota", form="application_form"
    )
    assert turn.slots["requested_slot"] == "land_mu"


# --- the decision ---


@pytest.fixture
def scoring(database: Database) -> httpx.ASGITransport:
    return httpx.ASGITransport(create_app(Settings(), database=database, clock=FixedClock()))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("slots", "response", "words"),
    [
        (TRADER, "utter_quota_approve", ["商户贷", "18万元", "3年", "年利率", "流水约60万元", "7月31日"]),
        (FARMER, "utter_quota_approve", ["农户贷", "45亩", "2.5万元"]),
        ({**TRADER, "annual_turnover": 6_000_000}, "utter_quota_review", ["600万元", "核实账目", "给您转客户经理"]),
        ({**TRADER, "has_overdue": True}, "utter_quota_decline", ["不能给出额度", "逾期"]),
        ({**TRADER, "product": "小微企业贷", "years_in_business": 0.9}, "utter_quota_decline", ["2年"]),
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
@pytest.mark.parametrize("slots", [TRADER, FARMER], ids=["trader", "farmer"])
async def test_afterwards_everything_is_asked_anew_and_the_summary_stays(
    scoring: httpx.ASGITransport, slots: dict[str, Any], database: Database
) -> None:
    turn = await call_action(make_clients(scoring=scoring), "action_give_quota", slots)
    asked = [question.slot for question in FORM.questions]
    summary = turn.slots["quota_summary"]
    assert turn.slots == {"quota_summary": summary, **dict.fromkeys(asked)}
    assert summary["facts"] == build_request(FORM, slots)["facts"]
    async with database.reading() as session:
        stored = (await session.scalars(select(StoredDecision))).one()
    assert summary["decision"]["decision_id"] == stored.id


async def test_a_bare_decision_has_no_empty_places() -> None:
    service = httpx.MockTransport(Scoring(200, DECISION))
    turn = await call_action(make_clients(scoring=service), "action_give_quota", TRADER)
    assert turn.said == ["utter_quota_review"]
    assert turn.heard == (
        "您的情况需要客户经理看一看才能定。\n· 流水需要核实\n· 经营时间较短\n给您转客户经理，刚才填的会一并转过去。"
    )


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {}),
        (503, {"error": {"code": "busy", "reason": ""}}),
        (422, {"error": {"code": "invalid_request", "reason": "facts"}}),
        (409, {"error": {"code": "idempotency_conflict", "reason": ""}}),
        (200, {"outcome": "maybe"}),
    ],
)
async def test_without_a_decision_it_says_so_and_keeps_the_answers(status: int, answer: Any) -> None:
    service = httpx.MockTransport(Scoring(status, answer))
    turn = await call_action(make_clients(scoring=service), "action_give_quota", TRADER)
    assert turn.said == ["utter_quota_down"]
    assert turn.events == []


async def test_a_service_that_is_away_is_told_and_the_answers_are_kept() -> None:
    turn = await call_action(make_clients(), "action_give_quota", TRADER)
    assert (turn.said, turn.events) == (["utter_quota_down"], [])


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
