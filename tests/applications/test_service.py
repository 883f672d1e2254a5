"""Pre-applications on both kinds of database: stored once, whoever hands them in how often."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from applications.schemas import ApplicationIn, ApplicationView
from applications.service import Applications
from applications.tables import Application
from conversations.service import Conversations
from kit.database import Database
from kit.errors import RequestError
from tests.applications.making import make_applications
from tests.fakes import FixedClock
from tests.vaults import VAULT
from tests.verification.rows import make_verification


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def applications(database: Database, clock: FixedClock) -> Applications:
    return make_applications(database, clock)


@pytest.fixture
async def other(database_url: str, clock: FixedClock) -> AsyncIterator[Applications]:
    """Another process on the same database."""
    opened = Database(database_url, VAULT)
    yield make_applications(opened, clock)
    await opened.close()


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Application)) or 0


async def test_it_is_stored_as_handed_in(
    applications: Applications, form: dict[str, Any], clock: FixedClock, database: Database
) -> None:
    stored = await applications.submit(ApplicationIn.model_validate(form), "key-12345")
    told = stored.model_dump(exclude=set(ApplicationView.model_fields) - set(ApplicationIn.model_fields))
    assert told == {key: value for key, value in form.items() if key != "consent_version"}
    assert (stored.stage, stored.is_withdrawable, stored.created_at) == ("submitted", True, clock.now)
    assert await applications.list_applications("conversation-1") == [stored]
    async with database.reading() as session:
        assert await session.scalar(select(Application.consent_version)) == "2026-07"


async def test_its_number_can_be_read_aloud_and_dates_from_china(
    applications: Applications, form: dict[str, Any], clock: FixedClock
) -> None:
    clock.now = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # midnight in China
    stored = await applications.submit(ApplicationIn.model_validate(form), "key-12345")
    assert re.fullmatch(r"QH260701-[2-9A-HJ-NP-Z]{5}", stored.number)


async def test_the_same_key_gives_what_is_stored(
    applications: Applications, form: dict[str, Any], clock: FixedClock, database: Database
) -> None:
    first = await applications.submit(ApplicationIn.model_validate(form), "key-12345")
    clock.move(hours=1)
    assert await applications.submit(ApplicationIn.model_validate(form), "key-12345") == first
    assert await count(database) == 1
    other = ApplicationIn.model_validate({**form, "product": "trader_loan"})
    second = await applications.submit(other, "key-67890")
    assert second.number != first.number
    assert await count(database) == 2


async def test_the_same_key_with_another_content_is_refused(
    applications: Applications, form: dict[str, Any], database: Database
) -> None:
    await applications.submit(ApplicationIn.model_validate(form), "key-12345")
    with pytest.raises(RequestError) as refused:
        await applications.submit(ApplicationIn.model_validate({**form, "amount": 60_000}), "key-12345")
    assert (refused.value.status, refused.value.code) == (409, "idempotency_conflict")
    assert await count(database) == 1


async def test_handed_in_many_times_at_once_it_is_stored_once(
    applications: Applications, other: Applications, form: dict[str, Any], database: Database
) -> None:
    application = ApplicationIn.model_validate(form)
    stored = await asyncio.gather(*(each.submit(application, "key-12345") for each in (applications, other) * 5))
    assert all(each == stored[0] for each in stored)
    assert await count(database) == 1


async def test_they_are_listed_newest_first_for_their_conversation(
    applications: Applications, form: dict[str, Any], clock: FixedClock
) -> None:
    for n in range(22):
        clock.move(minutes=1)
        stored = await applications.submit(ApplicationIn.model_validate({**form, "amount": 1000 + n}), f"key-{n:05}")
        await applications.withdraw("conversation-1", stored.number, f"withdrawal-{n:05}")
    stranger = ApplicationIn.model_validate({**form, "conversation_id": "conversation-2"})
    await applications.submit(stranger, "key-of-a-stranger")
    listed = await applications.list_applications("conversation-1")
    assert [a.amount for a in listed] == list(range(1021, 1001, -1))
    assert await applications.list_applications("conversation-3") == []


async def test_a_second_application_for_the_same_product_is_refused_while_the_first_is_in_progress(
    applications: Applications, form: dict[str, Any], database: Database
) -> None:
    first = await applications.submit(ApplicationIn.model_validate(form), "key-12345")
    again = ApplicationIn.model_validate({**form, "amount": 60_000})
    with pytest.raises(RequestError) as refused:
        await applications.submit(again, "key-67890")
    assert (refused.value.status, refused.value.code) == (409, "already_applied")
    assert first.number in refused.value.reason
    await applications.withdraw("conversation-1", first.number, "withdrawal-1")
    await applications.submit(again, "key-67890")
    assert await count(database) == 2


async def test_who_withdrew_may_hand_in_the_same_again(
    applications: Applications, form: dict[str, Any], database: Database
) -> None:
    application = ApplicationIn.model_validate(form)
    first = await applications.submit(application, "key-12345")
    await applications.withdraw("conversation-1", first.number, "withdrawal-1")
    second = await applications.submit(application, "key-12345")
    assert (second.stage, second.number == first.number) == ("submitted", False)
    assert await applications.submit(application, "key-12345") == second
    await applications.withdraw("conversation-1", second.number, "withdrawal-2")
    assert (await applications.submit(application, "key-12345")).number not in (first.number, second.number)
    assert await count(database) == 3


async def test_handed_in_on_two_channels_at_once_one_is_refused(
    applications: Applications, other: Applications, form: dict[str, Any], database: Database, clock: FixedClock
) -> None:
    conversations = Conversations(database, clock)
    for n in range(8):
        ids = [(await conversations.open_conversation(channel, f"customer-{n}")).id for channel in ("web", "wechat")]
        phone = f"1381234567{n}"
        async with database.transaction() as session:
            session.add_all(make_verification(conversation_id, phone, clock.now) for conversation_id in ids)
        both = [ApplicationIn.model_validate({**form, "conversation_id": each, "phone": phone}) for each in ids]
        submitted = (applications.submit(both[0], f"key-web-{n}"), other.submit(both[1], f"key-wechat-{n}"))
        results = await asyncio.gather(*submitted, return_exceptions=True)
        assert [error.code for error in results if isinstance(error, RequestError)] == ["already_applied"]
    assert await count(database) == 8
