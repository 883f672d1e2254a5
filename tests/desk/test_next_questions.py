"""What customers often ask next is kept for the knowledge service; on both kinds of database."""

import asyncio

import pytest

from conversations.inbox import Inbox
from conversations.schemas import Reply
from conversations.service import Conversations
from desk.next_questions import CUSTOMERS_MIN, PERIOD, NextQuestions
from kit.database import Database
from knowledge.next_questions import list_asked_next
from tests.conversations.conftest import inbox, record
from tests.conversations.talk import talk
from tests.fakes import FixedClock

__all__ = ["inbox", "record"]


async def show(database: Database) -> dict[str, list[str]]:
    async with database.reading() as session:
        return await list_asked_next(session)


async def ask_in_turn(record: Conversations, inbox: Inbox, customer: str, *entries: str) -> None:
    conversation = (await record.open_conversation("web", customer)).id
    for entry in entries:
        await talk(inbox, conversation, f"问{entry}", Reply(text="答。", entry=f"{entry}@1"))


@pytest.fixture
def next_questions(database: Database, clock: FixedClock) -> NextQuestions:
    return NextQuestions(database, clock)


async def test_what_enough_customers_ask_next_is_kept(
    database: Database, record: Conversations, inbox: Inbox, next_questions: NextQuestions
) -> None:
    for number in range(CUSTOMERS_MIN + 1):
        await ask_in_turn(record, inbox, f"customer-{number}", "rate", "repay", *(["term"] if number else []))
    await ask_in_turn(record, inbox, "customer-odd", "rate", "hours")
    await next_questions.count()
    assert await show(database) == {"rate": ["repay"], "repay": ["term"]}


async def test_two_processes_count_the_same_and_what_is_past_is_forgotten(
    database: Database, record: Conversations, inbox: Inbox, clock: FixedClock, next_questions: NextQuestions
) -> None:
    for number in range(CUSTOMERS_MIN):
        await ask_in_turn(record, inbox, f"customer-{number}", "rate", "repay")
    await asyncio.gather(next_questions.count(), NextQuestions(database, clock).count())
    assert await show(database) == {"rate": ["repay"]}
    clock.move(days=PERIOD.days + 1)
    await next_questions.count()
    assert await show(database) == {}
