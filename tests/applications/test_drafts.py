"""What was filled in of an application is kept for its customer, on every channel where the phone is verified."""

from typing import Any

import pytest

from applications.drafts import Drafts
from applications.schemas import ApplicationIn, DraftIn
from conversations.service import Conversations
from kit.database import Database
from tests.applications.making import make_applications
from tests.fakes import FixedClock
from tests.verification.rows import make_verification

ANSWERS: dict[str, Any] = {"product": "农户贷", "amount": 50_000, "crops": "", "has_licence": False}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def drafts(database: Database, clock: FixedClock) -> Drafts:
    return Drafts(database, clock)


async def verify(database: Database, user: str, phone: str, *, is_done: bool = True) -> str:
    """A conversation that was sent a code; its id."""
    conversation = await Conversations(database, FixedClock()).open_conversation("web", user)
    async with database.transaction() as session:
        session.add(make_verification(conversation.id, phone, FixedClock().now, is_done=is_done))
    return conversation.id


def make(conversation_id: str = "conversation-1", **answers: Any) -> DraftIn:
    return DraftIn(conversation_id=conversation_id, answers=answers or ANSWERS)


async def test_it_is_found_again_and_replaced(drafts: Drafts, clock: FixedClock) -> None:
    assert await drafts.find("conversation-1") is None
    await drafts.save(make(product="农户贷"))
    clock.move(hours=1)
    await drafts.save(make())
    found = await drafts.find("conversation-1")
    assert found
    assert (found.answers, found.saved_at) == (ANSWERS, clock.now)


async def test_it_is_found_on_another_channel_once_both_verified_the_phone(drafts: Drafts, database: Database) -> None:
    first = await verify(database, "first", "13800001234")
    unsure = await verify(database, "unsure", "13800001234", is_done=False)
    other = await verify(database, "other", "13800001234")
    stranger = await verify(database, "stranger", "13900001234")
    await drafts.save(make(first))
    assert [await drafts.find(each) for each in (unsure, stranger)] == [None, None]
    found = await drafts.find(other)
    assert found
    assert found.conversation_id == first


async def test_without_answers_nothing_is_kept(drafts: Drafts) -> None:
    await drafts.save(make())
    await drafts.save(DraftIn(conversation_id="conversation-1", answers={}))
    assert await drafts.find("conversation-1") is None


async def test_it_ends_after_30_days(drafts: Drafts, clock: FixedClock) -> None:
    await drafts.save(make())
    clock.move(days=29)
    assert await drafts.find("conversation-1")
    clock.move(days=1)
    assert await drafts.find("conversation-1") is None


async def test_what_is_handed_in_is_no_draft_any_more(
    drafts: Drafts, database: Database, clock: FixedClock, form: dict[str, object]
) -> None:
    await drafts.save(make())
    await make_applications(database, clock).submit(ApplicationIn.model_validate(form), "key-12345")
    assert await drafts.find("conversation-1") is None
