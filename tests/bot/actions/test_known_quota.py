"""A customer who comes back: the same facts give the same decision on any channel, changed facts say what changed."""

import json
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.actions.clients import Clients
from conversations.tables import Conversation, Customer
from forms.catalogue import load_catalogue
from kit.clock import read_clock
from kit.database import Database
from kit.web import create_web_app
from privacy import ledger
from quota_checks.api import build_router
from quota_checks.service import QuotaChecks
from quota_checks.tables import QuotaCheck
from scoring.api import create_app
from scoring.settings import ScoringSettings
from scoring.tables import StoredDecision
from tests.bot.actions.action_call import call_action, inform, make_clients, span_of, sum_of, text_of
from tests.bot.actions.answers import TRADER
from tests.verification.rows import make_verification
from understanding.schemas import Act

TOKEN = "token-of-the-actions"
FORM = load_catalogue().forms["quota_form"]
START = Act(name="check_quota")
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
async def clients(database: Database) -> Clients:
    """Scoring and quota checks as they are, for one customer who verified their phone on the web and in WeChat."""
    now = read_clock()
    async with database.transaction() as session:
        for channel in ("web", "wechat", "telegram"):
            customer = Customer(id=channel, channel=channel, channel_user_id=channel, created_at=now)
            session.add(Conversation(id=channel, customer=customer, holder="bot", created_at=now))
        await session.flush()
        for channel in ("web", "wechat", "telegram"):
            await ledger.record(session, now, "consent_given", channel, purpose="quota", wording="您同意吗？")
        for channel in ("web", "wechat"):
            session.add(make_verification(channel, "13800001234", now))
    desk = create_web_app("desk", checks={})
    desk.include_router(build_router(QuotaChecks(database), TOKEN))
    scoring = httpx.ASGITransport(create_app(ScoringSettings(), database=database))
    return make_clients(scoring=scoring, quota_checks=httpx.ASGITransport(desk), token=TOKEN)


async def give(clients: Clients, conversation_id: str = "web", **facts: Any) -> Any:
    return await call_action(
        clients, "action_give_quota", {**TRADER, **facts}, conversation_id=conversation_id, message_id=str(facts)
    )


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_the_same_facts_give_the_same_decision_on_another_channel(clients: Clients, database: Database) -> None:
    first, second = await give(clients, "web"), await give(clients, "wechat")
    assert first.slots["quota_summary"] == second.slots["quota_summary"]
    assert second.said == ["utter_quota_approve"]
    assert await count(database, StoredDecision) == 1
    await give(clients, "telegram")  # nobody knows who that is
    assert await count(database, StoredDecision) == 2


async def test_changed_facts_give_a_new_decision_that_says_what_changed(clients: Clients, database: Database) -> None:
    await give(clients, "web")
    turn = await give(clients, "wechat", annual_turnover=800_000, existing_debt=10_000)
    assert turn.said == ["utter_quota_compared", "utter_quota_approve"]
    assert "，18万元）比：年流水从60万元变成80万元；欠款从没有变成1万元。" in turn.heard
    assert await count(database, StoredDecision) == 2
    assert "compared" not in turn.slots["quota_summary"]


async def test_who_comes_back_has_a_quota_in_two_turns(clients: Clients, database: Database) -> None:
    told = await give(clients, "web")
    shown = await call_action(clients, "action_start_quota", {}, START, conversation_id="wechat")
    assert shown.said == ["utter_quota_known"]
    assert "您说的是：产品商户贷，年流水60万元，经营年限5年，欠款没有，逾期没有，结果是18万元。" in shown.heard
    assert shown.slots["context"]["last"] == "recap"
    turn = await call_action(
        clients, "action_tell_quota", shown.slots, Act(name="give_quota"), conversation_id="wechat"
    )
    assert turn.said == ["utter_quota_approve"]
    assert turn.slots["quota_summary"]["decision"] == told.slots["quota_summary"]["decision"]
    assert await count(database, StoredDecision) == 1


async def test_who_comes_back_and_says_what_is_new_hears_the_difference(clients: Clients) -> None:
    await give(clients, "web")
    shown = await call_action(clients, "action_start_quota", {}, START, conversation_id="web")
    change = Act(name="change_quota", facts=(sum_of("annual_turnover", 800_000),))
    turn = await call_action(clients, "action_change_quota", shown.slots, change, conversation_id="web")
    assert turn.said == ["utter_changed", "utter_quota_compared", "utter_quota_approve"]
    assert "年流水从60万元变成80万元" in turn.heard


async def test_an_answer_past_its_validity_is_decided_anew(clients: Clients, database: Database) -> None:
    await give(clients, "web")
    async with database.transaction() as session:
        check = (await session.scalars(select(QuotaCheck))).one()
        check.decision = {**check.decision, "valid_until": "2026-01-01"}
    shown = await call_action(clients, "action_start_quota", {}, START, conversation_id="web")
    turn = await call_action(
        clients, "action_tell_quota", shown.slots, Act(name="give_quota"), conversation_id="web", message_id="later"
    )
    assert turn.said == ["utter_quota_compared", "utter_quota_approve"]
    assert "您的情况没变，按现在的规则重新算了" in turn.heard
    assert await count(database, StoredDecision) == 2


async def test_a_refusal_is_kept_once_it_was_told(clients: Clients, database: Database) -> None:
    recap = await give(clients, "web", has_overdue=True)
    assert (recap.said, await count(database, QuotaCheck)) == (["utter_quota_recap"], 0)
    for _ in range(2):
        told = await call_action(
            clients, "action_tell_quota", recap.slots, Act(name="give_quota"), conversation_id="web"
        )
        assert told.said == ["utter_quota_decline"]
    assert await count(database, QuotaCheck) == 1
    shown = await call_action(clients, "action_start_quota", {}, START, conversation_id="wechat")
    assert "结果是没有给出额度" in shown.heard


@pytest.mark.parametrize(
    ("slots", "act"),
    [
        ({}, START),  # nobody comes back
        ({"product": "商户贷"}, START),
        ({}, Act(name="check_quota", facts=(span_of("years_in_business", 36),))),
    ],
)
async def test_else_the_form_asks(clients: Clients, slots: dict[str, Any], act: Act) -> None:
    if slots or act.facts:
        await give(clients, "web")
    turn = await call_action(clients, "action_start_quota", slots, act, conversation_id="web")
    assert turn.said == []
    assert turn.events == [{"event": "followup", "timestamp": None, "name": "quota_form"}]


async def test_without_the_desk_everything_goes_on_as_for_a_new_customer(database: Database) -> None:
    alone = make_clients(scoring=httpx.ASGITransport(create_app(ScoringSettings(), database=database)))
    assert (await give(alone, "web")).said == ["utter_quota_approve"]
    turn = await call_action(alone, "action_start_quota", {}, START, conversation_id="web")
    assert turn.events == [{"event": "followup", "timestamp": None, "name": "quota_form"}]


@pytest.mark.parametrize("product", ["farmer_loan", "trader_loan"])
async def test_a_new_customer_has_a_quota_in_eight_turns(product: str, database_kind: str) -> None:
    # The first word, then an answer to each question; the last one brings the quota.
    asked = [question for question in FORM.questions if question.is_asked_of({"product": product})]
    assert 1 + len(asked) <= 8


async def test_in_english_what_was_told_before_is_english(clients: Clients) -> None:
    await give(clients, "web")
    start = Act(name="check_quota", language="en")
    shown = await call_action(clients, "action_start_quota", {}, start, conversation_id="web")
    change = Act(name="change_quota", facts=(sum_of("annual_turnover", 800_000),), language="en")
    turn = await call_action(clients, "action_change_quota", shown.slots, change, conversation_id="web")
    words = json.dumps([*shown.responses, *turn.responses], ensure_ascii=False)
    assert not re.search(r"[\u3400-\u9fff]", words)
    assert "Sales a year: CNY 600,000 before, CNY 800,000 now" in words


async def test_an_application_on_another_channel_takes_the_facts_over(clients: Clients) -> None:
    await give(clients)
    slots = {"application_consent": True, "requested_slot": "product"}
    told = inform(text_of("product", "product", "商户贷"))
    turn = await call_action(
        clients, "validate_application_form", slots, told, form="application_form", conversation_id="wechat"
    )
    assert turn.said == ["utter_known_facts"]
    taken = {slot: turn.slots[slot] for slot in ("annual_turnover", "years_in_business")}
    assert taken == {slot: TRADER[slot] for slot in taken}
    stranger = await call_action(
        clients, "validate_application_form", slots, told, form="application_form", conversation_id="telegram"
    )
    assert stranger.said == []
