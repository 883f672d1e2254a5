"""The pre-application from consent to its number, with the real applications service and without it."""

from datetime import UTC, datetime
from typing import Any, get_args

import httpx
import pytest
from sqlalchemy import select

from applications.api import build_router
from applications.schemas import ApplicationIn, Stage
from applications.service import Applications
from applications.tables import Application
from bot.actions.application import CONSENT_VERSION, STAGE_TEXTS, make_key
from bot.actions.clients import Clients
from kit.database import Database
from kit.web import create_web_app
from tests.bot.actions.action_call import ActionResult, call_action, make_clients
from tests.fakes import FixedClock

ASKED = ("amount", "term", "purpose", "region", "name", "phone")

TOKEN = "token-of-the-actions"
FILLED: dict[str, Any] = {
    "application_consent": True,
    "application_confirmed": True,
    "product": "农户贷",
    "amount": 80_000,
    "term": 12,
    "purpose": "买化肥种子",
    "region": "柳河镇王家村",
    "name": "王秀英",
    "phone": "13800001234",
}


class Desk:
    """Answers every request alike; remembers the idempotency keys."""

    def __init__(self, status: int, answer: Any) -> None:
        self.status, self.answer = status, answer
        self.keys: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        return httpx.Response(self.status, json=self.answer)


# Without the fixture of the database a test needs no such choice.
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def clients(database: Database, clock: FixedClock) -> Clients:
    """Clients whose applications service is the real one."""
    app = create_web_app("desk", checks={})
    app.include_router(build_router(Applications(database, clock), TOKEN))
    return make_clients(applications=httpx.ASGITransport(app), token=TOKEN)


async def fill(slots: dict[str, Any], text: str, intent: str = "inform") -> ActionResult:
    return await call_action(make_clients(), "validate_application_form", slots, text, intent, form="application_form")


async def list_stored(database: Database) -> list[Application]:
    async with database.reading() as session:
        return list(await session.scalars(select(Application)))


# --- the form ---


async def test_a_consent_just_given_is_recorded_once() -> None:
    turn = await fill({"requested_slot": "application_consent"}, "同意", "affirm")
    assert turn.said == ["utter_recorded_application_consent"]
    assert (turn.slots["application_consent"], turn.slots["requested_slot"]) == (True, "product")
    later = await fill({"requested_slot": "product", "application_consent": True}, "我是种地的")
    assert (later.said, later.slots["product"]) == ([], "农户贷")


async def test_a_refused_consent_is_not_recorded_and_ends_the_form() -> None:
    turn = await fill({"requested_slot": "application_consent"}, "不同意", "deny")
    assert turn.said == []
    assert (turn.slots["application_consent"], turn.slots["requested_slot"]) == (False, None)


async def test_it_asks_for_everything_in_order() -> None:
    slots: dict[str, Any] = {"requested_slot": "application_consent"}
    for slot, text, intent in [
        ("application_consent", "同意", "affirm"),
        ("product", "种大棚的", "inform"),
        ("amount", "8万", "inform"),
        ("term", "一年", "inform"),
        ("purpose", "买化肥种子", "inform"),
        ("region", "柳河镇王家村", "inform"),
        ("name", "我叫王秀英", "inform"),
        ("phone", "138 0000 1234", "inform"),
        ("application_confirmed", "没问题", "affirm"),
    ]:
        assert slots["requested_slot"] == slot
        slots |= (await fill(slots, text, intent)).slots
    assert slots["requested_slot"] is None
    assert {name: slots[name] for name in FILLED} == FILLED


async def test_the_summary_shows_all_that_will_be_handed_in() -> None:
    turn = await call_action(make_clients(), "action_ask_application_form_application_confirmed", FILLED)
    assert turn.said == ["utter_application_summary"]
    assert turn.events == []
    for words in ("农户贷", "8万元", "1年", "买化肥种子", "柳河镇王家村", "王秀英", "13800001234"):
        assert words in turn.heard


async def test_after_a_no_the_summary_is_not_repeated() -> None:
    slots = {**FILLED, "application_confirmed": None, "requested_slot": "application_confirmed"}
    slots |= (await fill(slots, "不对", "deny")).slots
    turn = await call_action(make_clients(), "action_ask_application_form_application_confirmed", slots)
    assert turn.said == ["utter_application_not_confirmed"]
    slots |= (await fill(slots, "金额改成10万", "correct_information")).slots
    turn = await call_action(make_clients(), "action_ask_application_form_application_confirmed", slots)
    assert (turn.said, "10万元" in turn.heard) == (["utter_application_summary"], True)


# --- handing it in ---


@on_sqlite
async def test_it_is_handed_in_and_everything_is_asked_anew(clients: Clients, database: Database) -> None:
    turn = await call_action(clients, "action_submit_application", FILLED)
    (stored,) = await list_stored(database)
    assert turn.said == ["utter_application_submitted"]
    for words in (stored.number, "138****1234", "身份证、户口簿", "不收任何费用"):
        assert words in turn.heard
    assert "13800001234" not in turn.heard
    forgotten = ("application_consent", "application_confirmed", "product", *ASKED)
    assert turn.slots == {"application_number": stored.number, **dict.fromkeys(forgotten)}
    assert (stored.conversation_id, stored.product, stored.consent_version) == (
        "conversation-1",
        "farmer_loan",
        CONSENT_VERSION,
    )
    assert {name: getattr(stored, name) for name in ASKED} == {name: FILLED[name] for name in ASKED}


@on_sqlite
@pytest.mark.parametrize(
    ("amount", "response"),
    [(300_000, "utter_application_submitted"), (300_001, "utter_application_submitted_large")],
)
async def test_above_the_online_limit_it_is_handed_over_as_well(
    clients: Clients, database: Database, amount: int, response: str
) -> None:
    slots = FILLED | {"product": "小微企业贷", "amount": amount}
    turn = await call_action(clients, "action_submit_application", slots)
    (stored,) = await list_stored(database)
    assert turn.said == [response]
    for words in (stored.number, "138****1234", "营业执照", "不收任何费用"):
        assert words in turn.heard
    assert turn.slots["application_number"] == stored.number


@on_sqlite
async def test_the_same_content_tried_again_is_one_application_until_it_was_acknowledged(
    clients: Clients, database: Database
) -> None:
    first = await call_action(clients, "action_submit_application", FILLED, message_id="message-1")
    lost = await call_action(clients, "action_submit_application", FILLED, message_id="message-2")
    assert lost.slots["application_number"] == first.slots["application_number"]
    assert len(await list_stored(database)) == 1
    acknowledged = FILLED | {"application_number": first.slots["application_number"]}
    another = await call_action(clients, "action_submit_application", acknowledged)
    assert another.slots["application_number"] != first.slots["application_number"]
    assert len(await list_stored(database)) == 2


@on_sqlite
async def test_changed_content_and_other_conversations_are_other_applications(
    clients: Clients, database: Database
) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    await call_action(clients, "action_submit_application", FILLED | {"amount": 90_000})
    await call_action(clients, "action_submit_application", FILLED, conversation_id="conversation-2")
    assert len(await list_stored(database)) == 3


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_service_that_fails_is_told_and_the_answers_are_kept(status: int) -> None:
    desk = Desk(status, {})
    clients = make_clients(applications=httpx.MockTransport(desk))
    for _ in range(2):
        turn = await call_action(clients, "action_submit_application", FILLED)
        assert turn.said == ["utter_application_down"]
        assert turn.slots == {"application_confirmed": None}
    assert len(desk.keys) == 2
    assert len(set(desk.keys)) == 1


async def test_a_service_that_is_away_is_told_and_one_yes_hands_in_again() -> None:
    turn = await call_action(make_clients(), "action_submit_application", FILLED)
    assert turn.said == ["utter_application_down"]
    again = await call_action(
        make_clients(), "validate_application_form", FILLED | turn.slots, "再提交一次", "resume_application"
    )
    assert again.slots["requested_slot"] == "application_confirmed"


@pytest.mark.parametrize("status", [401, 409, 422])
async def test_a_refusal_is_not_called_an_outage(status: int) -> None:
    desk = Desk(status, {"error": {"code": "refused", "reason": "because"}})
    turn = await call_action(make_clients(applications=httpx.MockTransport(desk)), "action_submit_application", FILLED)
    assert turn.said == ["utter_application_refused"]
    assert turn.slots == {"application_confirmed": None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 300_001},
        {"amount": None},
        {"term": 37},
        {"term": "12"},
        {"phone": "1380000"},
        {"name": "李"},
        {"purpose": " "},
        {"region": None},
    ],
)
async def test_what_the_form_let_through_by_mistake_never_leaves(wrong: dict[str, Any]) -> None:
    desk = Desk(200, {})
    turn = await call_action(
        make_clients(applications=httpx.MockTransport(desk)), "action_submit_application", FILLED | wrong
    )
    assert turn.said == ["utter_application_refused"]
    assert desk.keys == []


@pytest.mark.parametrize("consent", [False, None])
async def test_without_consent_nothing_leaves(consent: bool | None) -> None:
    desk = Desk(200, {})
    slots = {"application_consent": consent}
    turn = await call_action(make_clients(applications=httpx.MockTransport(desk)), "action_submit_application", slots)
    assert turn.said == ["utter_consent_declined"]
    assert turn.slots == {"application_consent": None}
    assert desk.keys == []


def test_the_key_is_that_of_the_content() -> None:
    content = {"conversation_id": "conversation-1", "product": "farmer_loan", "consent_version": "2026-07"}
    application = ApplicationIn.model_validate({**content, **{name: FILLED[name] for name in ASKED}})
    same = ApplicationIn.model_validate(application.model_dump())
    other = application.model_copy(update={"term": 24})
    assert make_key(application, "None") == make_key(same, "None")
    keys = {make_key(application, "None"), make_key(other, "None"), make_key(application, "QH260701-AB2C3")}
    assert len(keys) == 3
    assert all(8 <= len(key) <= 100 for key in keys)


# --- where it stands ---


def test_every_status_has_its_words() -> None:
    assert STAGE_TEXTS.keys() >= set(get_args(Stage))


@on_sqlite
async def test_the_newest_application_is_told(clients: Clients, clock: FixedClock, database: Database) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    # Half past midnight in China, when it is still yesterday in UTC.
    clock.now = datetime(2026, 7, 31, 16, 30, tzinfo=UTC)
    newest = await call_action(clients, "action_submit_application", FILLED | {"product": "商户贷", "amount": 120_000})
    turn = await call_action(clients, "action_check_application", {})
    assert (turn.said, turn.events) == (["utter_application_status"], [])
    number = newest.slots["application_number"]
    assert turn.heard == f"您8月1日提交的商户贷申请（编号{number}，12万元）：已收到，客户经理会在1个工作日内联系您。"


@on_sqlite
async def test_nobody_elses_application_is_told(clients: Clients) -> None:
    await call_action(clients, "action_submit_application", FILLED, conversation_id="conversation-2")
    slots = {"application_number": "QH260701-AB2C3"}
    turn = await call_action(clients, "action_check_application", slots)
    assert (turn.said, turn.events) == (["utter_application_none"], [])


@pytest.mark.parametrize("status", [401, 500])
async def test_when_it_cannot_be_looked_up_it_says_so_and_offers_to_try_again(status: int) -> None:
    desk = httpx.MockTransport(Desk(status, {}))
    turn = await call_action(make_clients(applications=desk), "action_check_application", {})
    assert (turn.said, turn.events) == (["utter_service_down"], [])
    assert turn.responses[0]["retry"] == "/check_application_status"
