"""The draft of an application is kept, resumed and dropped; none is begun beside one in progress."""

from typing import Any

import pytest

from applications.drafts import Drafts
from applications.schemas import DraftIn
from bot.actions.clients import Clients
from kit.database import Database
from tests.bot.actions.action_call import (
    ActionResult,
    call_action,
    inform,
    make_clients,
    serve_applications,
    sum_of,
    text_of,
)
from tests.bot.actions.test_application import FILLED
from tests.fakes import FixedClock
from understanding.schemas import Act

AGREED = {"application_consent": True, "requested_slot": "product"}
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def clients(database: Database) -> Clients:
    return serve_applications(database, FixedClock())


@pytest.fixture
def drafts(database: Database) -> Drafts:
    return Drafts(database, FixedClock())


async def fill(clients: Clients, slots: dict[str, Any], act: Act, **more: Any) -> ActionResult:
    return await call_action(clients, "validate_application_form", slots, act, form="application_form", **more)


async def test_what_is_filled_in_is_kept(clients: Clients, drafts: Drafts) -> None:
    await fill(clients, AGREED, inform(text_of("product", "product", "农户贷"), sum_of("amount", 50_000)))
    draft = await drafts.find("conversation-1")
    assert draft
    assert draft.answers == {"product": "农户贷", "amount": 50_000}


async def test_before_the_consent_nothing_is_kept(clients: Clients, drafts: Drafts) -> None:
    slots = {"requested_slot": "application_consent"}
    await fill(clients, slots, inform(text_of("product", "product", "农户贷")))
    assert await drafts.find("conversation-1") is None


async def test_it_stands_in_the_form_again_once_they_agree(clients: Clients, drafts: Drafts) -> None:
    answers: dict[str, Any] = {"product": "农户贷", "amount": 50_000, "term": 12, "crops": ""}
    await drafts.save(DraftIn(conversation_id="conversation-1", answers=answers))
    turn = await fill(clients, {"requested_slot": "application_consent"}, inform(application_consent=True))
    assert "utter_draft_resumed" in turn.said
    assert "金额5万元" in turn.heard
    assert {slot: turn.slots[slot] for slot in answers} == answers
    assert turn.slots["requested_slot"] == "purpose"


async def test_who_wants_to_go_on_with_nothing_hears_so(clients: Clients) -> None:
    turn = await call_action(clients, "validate_application_form", {}, Act(name="resume_application"))
    assert turn.said == ["utter_draft_missing"]
    assert turn.slots["requested_slot"] == "application_consent"


async def test_what_is_dropped_is_dropped_there_too(clients: Clients, drafts: Drafts) -> None:
    await drafts.save(DraftIn(conversation_id="conversation-1", answers={"product": "农户贷"}))
    await call_action(clients, "action_cancel", {"product": "农户贷"}, Act(name="cancel"), form="application_form")
    assert await drafts.find("conversation-1") is None


async def test_the_same_product_in_progress_is_told_and_the_form_left(clients: Clients) -> None:
    handed_in = await call_action(clients, "action_submit_application", FILLED)
    turn = await fill(clients, AGREED, inform(text_of("product", "product", "农户贷")))
    assert turn.said == ["utter_application_open"]
    assert handed_in.slots["application_number"] in turn.heard
    assert turn.slots["requested_slot"] is None
    other = await fill(clients, AGREED, inform(text_of("product", "product", "商户贷")))
    assert other.slots["requested_slot"] == "amount"


async def test_without_the_service_the_form_goes_on(database_kind: str) -> None:
    turn = await fill(make_clients(), AGREED, inform(text_of("product", "product", "农户贷")))
    assert (turn.slots["product"], turn.slots["requested_slot"]) == ("农户贷", "amount")
