"""What a conversation leaves in the database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import select

from applications.tables import Application
from conversations.tables import Conversation, Customer, Handoff, Message
from dev.stack import Stack
from kit.database import Database
from kit.security import hash_token
from privacy.tables import LedgerRecord
from scoring.tables import StoredDecision
from tests.end_to_end.customer import Customer as WebCustomer

Found = TypeVar("Found")


def ask_database(stack: Stack, question: Callable[[Database], Awaitable[Found]]) -> Found:
    async def ask() -> Found:
        database = stack.open_database()
        try:
            return await question(database)
        finally:
            await database.close()

    return asyncio.run(ask())


async def find_conversation_id(database: Database, customer: WebCustomer) -> str:
    query = select(Conversation.id).join(Customer).where(Customer.channel_user_id == hash_token(customer.token))
    async with database.reading() as session:
        return (await session.scalars(query)).one()


def test_an_application_is_stored_with_its_consents(stack: Stack, customer: WebCustomer) -> None:
    for words in ["我想贷款", "同意", "开店摆摊", "6万", "2年", "进货", "青山镇", "赵六", "13600002222"]:
        customer.say(words)
    customer.press("提交")
    customer.press("授权查征信")

    async def read(database: Database) -> tuple[Application, list[LedgerRecord]]:
        conversation_id = await find_conversation_id(database, customer)
        async with database.reading() as session:
            stored = (
                await session.scalars(select(Application).where(Application.conversation_id == conversation_id))
            ).one()
            consents = (
                select(LedgerRecord)
                .join(Conversation, Conversation.customer_id == LedgerRecord.customer_id)
                .where(LedgerRecord.kind == "consent_given")
            )
            theirs = consents.where(Conversation.id == conversation_id).order_by(LedgerRecord.id)
            return stored, list(await session.scalars(theirs))

    stored, given = ask_database(stack, read)
    assert (stored.product, stored.amount, stored.term) == ("trader_loan", 60_000, 24)
    assert (stored.purpose, stored.region, stored.name, stored.phone) == ("进货", "青山镇", "赵六", "13600002222")
    assert [(each.purpose, each.details["how"]) for each in given] == [
        ("application", "words"),
        ("sharing", "button"),
        ("credit_inquiry", "button"),
    ]
    assert given[0].wording_version == stored.consent_version


def test_a_handoff_keeps_the_story_and_what_was_filled_in(stack: Stack, customer: WebCustomer) -> None:
    for words in ["我想贷款", "同意", "开店摆摊", "6万", "转人工", "在吗"]:
        customer.say(words)

    async def read(database: Database) -> tuple[Handoff, list[str]]:
        conversation_id = await find_conversation_id(database, customer)
        said = select(Message.text).where(Message.conversation_id == conversation_id, Message.author == "customer")
        async with database.reading() as session:
            handoff = (await session.scalars(select(Handoff).where(Handoff.conversation_id == conversation_id))).one()
            return handoff, list(await session.scalars(said.order_by(Message.id)))

    handoff, said = ask_database(stack, read)
    assert handoff.reason == "customer_request"
    assert handoff.slots["product"] == "商户贷"
    assert handoff.slots["amount"] == 60_000
    assert said == ["我想贷款", "同意", "开店摆摊", "6万", "转人工", "在吗"]


def test_a_decision_is_stored_with_its_policy(stack: Stack, customer: WebCustomer) -> None:
    for words in ["能贷多少", "同意", "开店摆摊", "一年77万", "6年", "没有", "没有"]:
        customer.say(words)

    async def read(database: Database) -> list[StoredDecision]:
        async with database.reading() as session:
            return list(await session.scalars(select(StoredDecision)))

    decisions = [d for d in ask_database(stack, read) if d.request["facts"].get("annual_turnover") == 770_000]
    assert len(decisions) == 1
    assert decisions[0].policy_version.startswith("trader_loan@")
