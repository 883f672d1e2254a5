"""An application that came back: only the named items are asked for, confirmed and handed in, with the service real."""

from typing import Any

import pytest

from applications.moves import move
from applications.schemas import ApplicationView, Move
from bot.actions.clients import Clients
from conversations.tables import Conversation, Customer
from documents.service import Documents
from kit.database import Database
from kit.working_time import OfficeHours
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
from tests.documents.pictures import draw, encode
from tests.fakes import FixedClock
from understanding.schemas import Act

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
NOW, HOURS = FixedClock()(), OfficeHours.parse("08:30-17:30")
ASKS = Act(name="complete_application")


@pytest.fixture
def clients(database: Database) -> Clients:
    return serve_applications(database, FixedClock())


async def give_back(database: Database, clients: Clients, *items: str, before: str = "submitted") -> ApplicationView:
    """What staff do; the application is handed in first unless it was before."""
    if before == "submitted":
        await call_action(clients, "action_submit_application", FILLED)
    (application,) = await clients.applications.list_applications("conversation-1")
    async with database.transaction() as session:
        change = Move(expected=before, stage="incomplete", reason_class="missing", reason="请写到村", items=items)
        await move(session, application.id, change, ("account_manager",), now=NOW, hours=HOURS)
    return application


@pytest.fixture
async def documents(database: Database) -> Documents:
    """Of a customer of whom there is a conversation."""
    customer = Customer(id="1", channel="web", channel_user_id="1", created_at=NOW)
    async with database.transaction() as session:
        session.add(Conversation(id="conversation-1", customer=customer, holder="bot", created_at=NOW))
    return Documents(database, clock=FixedClock())


async def send_picture(documents: Documents, application: ApplicationView, number: int) -> None:
    """What the customer sends belongs to the application that came back."""
    await documents.store("conversation-1", f"message-{number}", encode(draw()), application_id=application.id)


async def fill(clients: Clients, slots: dict[str, Any], act: Act) -> ActionResult:
    return await call_action(clients, "validate_completion_form", slots, act, form="completion_form")


async def test_only_the_named_items_are_asked_for(database: Database, clients: Clients) -> None:
    application = await give_back(database, clients, "region", "land_mu")
    begun = await call_action(clients, "action_complete_application", {"amount": 90_000}, ASKS)
    assert application.number in begun.heard
    assert "地址、土地。说明：请写到村。" in begun.heard
    assert begun.events[-1]["name"] == "completion_form"
    assert begun.slots["amount"] is None
    slots = begun.slots
    for act, asked in (
        (ASKS, "region"),
        (inform(text_of("place", "region", "柳河镇王家村")), "land_mu"),
        (inform(sum_of("amount", 70_000)), "land_mu"),
        (Act(name="edit", values={"slot": "amount"}), None),
    ):
        turn = await fill(clients, slots, act)
        slots |= turn.slots
        assert turn.slots.get("requested_slot") == asked
    assert slots["amount"] is None


async def test_what_was_asked_for_is_not_skipped(database: Database, clients: Clients) -> None:
    await give_back(database, clients, "land_mu")
    begun = await call_action(clients, "action_complete_application", {}, ASKS)
    turn = await fill(clients, begun.slots | {"requested_slot": "land_mu"}, Act(name="skip"))
    assert turn.said == ["utter_completion_required"]
    assert turn.slots["requested_slot"] == "land_mu"


async def test_it_is_confirmed_and_handed_in_once(database: Database, clients: Clients) -> None:
    application = await give_back(database, clients, "region")
    begun = await call_action(clients, "action_complete_application", {}, ASKS)
    slots = begun.slots | {"region": "柳河镇王家村", "requested_slot": "completion_confirmed"}
    shown = await call_action(clients, "action_ask_completion_form_completion_confirmed", slots)
    assert "地址柳河镇王家村" in shown.heard
    assert "金额" not in shown.heard
    done = [await call_action(clients, "action_submit_completion", slots) for _ in range(2)]
    assert [turn.said for turn in done] == [["utter_completion_done"]] * 2
    assert application.number in done[0].heard
    assert {slot: done[0].slots[slot] for slot in ("region", "product", "returned_application")} == dict.fromkeys(
        ("region", "product", "returned_application")
    )
    (stored,) = await clients.applications.list_applications("conversation-1")
    assert (stored.stage, stored.region, stored.amount) == ("checking", "柳河镇王家村", application.amount)


async def test_papers_are_handed_in_once_their_pictures_have_come(
    database: Database, clients: Clients, documents: Documents
) -> None:
    application = await give_back(database, clients, "paper:户口簿", "paper:身份证")
    begun = await call_action(clients, "action_complete_application", {}, ASKS)
    assert "户口簿、身份证" in begun.heard
    slots = begun.slots | {"requested_slot": "completion_confirmed"}
    shown = await call_action(clients, "action_ask_completion_form_completion_confirmed", slots)
    assert shown.said == ["utter_completion_papers", "utter_completion_pictures"]
    for number in range(2):
        early = await call_action(clients, "action_submit_completion", slots)
        assert early.said == ["utter_completion_papers_missing"]
        assert early.events[-1]["name"] == "completion_form"
        await send_picture(documents, application, number)
    done = await call_action(clients, "action_submit_completion", slots)
    assert done.said == ["utter_completion_done"]
    (stored,) = await clients.applications.list_applications("conversation-1")
    assert stored.stage == "checking"


async def test_what_is_asked_of_few_is_asked_once_it_is_named(database: Database, clients: Clients) -> None:
    await give_back(database, clients, "marital_status")
    begun = await call_action(clients, "action_complete_application", {}, ASKS)
    turn = await fill(clients, begun.slots, ASKS)
    assert turn.slots["requested_slot"] == "marital_status"


async def test_the_same_items_may_come_back_again(database: Database, clients: Clients) -> None:
    await give_back(database, clients, "region")
    first = await call_action(clients, "action_complete_application", {}, ASKS)
    await call_action(clients, "action_submit_completion", first.slots | {"region": "柳河镇王家村"})
    await give_back(database, clients, "region", before="checking")
    again = await call_action(clients, "action_complete_application", {}, ASKS)
    assert again.said == ["utter_completion_begun"]


async def test_who_goes_on_keeps_what_was_told(database: Database, clients: Clients) -> None:
    await give_back(database, clients, "region", "land_mu")
    begun = await call_action(clients, "action_complete_application", {}, ASKS)
    again = await call_action(clients, "action_complete_application", begun.slots | {"region": "柳河镇"}, ASKS)
    assert again.said == []
    assert "region" not in again.slots


async def test_its_answers_are_none_of_another_application(database: Database, clients: Clients) -> None:
    await give_back(database, clients, "region")
    begun = await call_action(clients, "action_complete_application", {}, ASKS)
    slots = begun.slots | {"region": "柳河镇", "application_consent": True}
    turn = await call_action(
        clients, "validate_application_form", slots, Act(name="apply_for_loan"), form="completion_form"
    )
    assert turn.slots["requested_slot"] == "product"
    assert {turn.slots[slot] for slot in ("product", "region", "returned_application")} == {None}


async def test_nothing_to_complete_is_said(clients: Clients) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    turn = await call_action(clients, "action_complete_application", {}, ASKS)
    assert turn.said == ["utter_completion_nothing"]
    assert turn.slots == {}


async def test_what_ended_meanwhile_is_said_and_forgotten(database: Database, clients: Clients) -> None:
    application = await give_back(database, clients, "region")
    begun = await call_action(clients, "action_complete_application", {}, ASKS)
    async with database.transaction() as session:
        change = Move(expected="incomplete", stage="withdrawn", reason_class="customer_request", reason="电话里说的")
        await move(session, application.id, change, ("account_manager",), now=NOW, hours=HOURS)
    turn = await call_action(clients, "action_submit_completion", begun.slots | {"region": "柳河镇"})
    assert turn.said == ["utter_completion_nothing"]
    assert turn.slots["region"] is None


async def test_while_the_service_is_away_the_answers_stay(database: Database) -> None:
    returned = {"number": "QH260701-ABCDE", "items": ["region"], "as_of": NOW.isoformat()}
    slots = {"returned_application": returned, "region": "柳河镇", "completion_confirmed": True}
    turn = await call_action(make_clients(), "action_submit_completion", slots)
    assert turn.said == ["utter_service_down"]
    assert turn.slots == {"completion_confirmed": None}
