"""Invitations: with consent only, where the channel takes them, never at night, once; and what is counted of them."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from applications.schemas import ApplicationIn
from applications.stages import Stage
from applications.tables import Application
from campaigns.invitations import Invitations
from campaigns.results import count_results
from campaigns.tables import Campaign
from conversations.tables import Conversation, Message
from kit.database import Database
from tests.applications.making import make_applications
from tests.campaigns.customers import WANG, agree, open_conversation, take_back, verify
from tests.campaigns.registers import start
from tests.fakes import FixedClock


async def list_said(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(Message.text).where(Message.direction == "outbound")))


async def set_up(database: Database, clock: FixedClock, channel: str = "web", **conversation: Any) -> str:
    await start(database, clock, managers={"青山村": "liqiang"})
    conversation_id = await open_conversation(database, clock, channel=channel)
    await verify(database, clock, conversation_id)
    await agree(database, clock, conversation_id)
    if conversation:
        async with database.transaction() as session:
            changed = update(Conversation).where(Conversation.id == conversation_id)
            await session.execute(changed.values(**conversation))
    return conversation_id


async def test_who_agreed_is_invited_once(database: Database, clock: FixedClock) -> None:
    await set_up(database, clock)
    invitations = Invitations(database, clock)
    await invitations.check()
    (told,) = await list_said(database)
    assert told.startswith("您在青山村整村授信名单里，农户贷预授信额度10万元（以实际审批为准），年利率")
    assert told.endswith("8月30日前可以申请。回复“退订”不再收到。")
    await invitations.check()
    await Invitations(database, clock).check()
    assert len(await list_said(database)) == 1


@pytest.mark.parametrize(
    ("hour", "minute", "count"), [(7, 59, 0), (8, 0, 1), (21, 59, 1), (22, 0, 0), (23, 30, 0), (3, 0, 0)]
)
async def test_nobody_is_invited_at_night(
    database: Database, clock: FixedClock, hour: int, minute: int, count: int
) -> None:
    await set_up(database, clock)
    clock.now = datetime(2026, 7, 2, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    await Invitations(database, clock).check()
    assert len(await list_said(database)) == count


async def test_nobody_is_invited_without_consent_or_after_unsubscribing(database: Database, clock: FixedClock) -> None:
    await start(database, clock)
    conversation_id = await open_conversation(database, clock)
    await verify(database, clock, conversation_id)
    await Invitations(database, clock).check()
    await agree(database, clock, conversation_id)
    await take_back(database, clock, conversation_id)
    await Invitations(database, clock).check()
    assert await list_said(database) == []


@pytest.mark.parametrize(("left", "minutes", "count"), [(5, 60, 1), (0, 60, 0), (5, -1, 0)])
async def test_wechat_is_written_to_in_its_window(
    database: Database, clock: FixedClock, left: int, minutes: int, count: int
) -> None:
    window = {"window_left": left, "window_until": clock.now + timedelta(minutes=minutes)}
    await set_up(database, clock, "wechat", **window)
    await Invitations(database, clock).check()
    assert len(await list_said(database)) == count


async def test_who_talks_to_an_agent_is_not_invited(database: Database, clock: FixedClock) -> None:
    await set_up(database, clock, holder="agent")
    await Invitations(database, clock).check()
    assert await list_said(database) == []


async def test_results_are_counted_by_village_and_manager(database: Database, clock: FixedClock) -> None:
    conversation_id = await set_up(database, clock)
    await Invitations(database, clock).check()
    clock.move(minutes=5)
    await take_back(database, clock, conversation_id)
    async with database.reading() as session:
        campaign_id = str(await session.scalar(select(Campaign.id)))
        results = {each.village: each for each in await count_results(session, campaign_id)}
    qingshan, liuzhuang = results["青山村"], results["柳庄"]
    assert (qingshan.manager_id, qingshan.members, qingshan.invited, qingshan.unsubscribed) == ("liqiang", 1, 1, 1)
    assert (liuzhuang.members, liuzhuang.invited, liuzhuang.applied) == (1, 0, 0)


async def test_what_members_applied_for_is_counted_until_the_last_day(database: Database, clock: FixedClock) -> None:
    conversation_id = await set_up(database, clock)
    async with database.reading() as session:
        campaign_id = str(await session.scalar(select(Campaign.id)))

    async def count() -> tuple[int, int, int, int]:
        async with database.reading() as session:
            found = next(each for each in await count_results(session, campaign_id) if each.village == "青山村")
        return found.applied, found.approved, found.drawn, found.amount

    async def apply(product: str) -> str:
        clock.move(minutes=1)
        about = {"conversation_id": conversation_id, "product": product, "amount": 80_000, "term": 12, "phone": WANG}
        said = {"purpose": "买化肥", "region": "青山村", "name": "王秀英", "details": {}, "consent_version": "2026-07"}
        wanted = ApplicationIn.model_validate({**about, **said})
        return (await make_applications(database, clock).submit(wanted, uuid.uuid4().hex)).id

    async def move(application_id: str, stage: Stage) -> None:
        async with database.transaction() as session:
            (await session.get_one(Application, application_id)).stage = stage

    await apply("trader_loan")
    assert await count() == (0, 0, 0, 0)
    application_id = await apply("farmer_loan")
    assert await count() == (1, 0, 0, 0)
    await move(application_id, "approved")
    assert await count() == (1, 1, 0, 0)
    await move(application_id, "drawn")
    assert await count() == (1, 1, 1, 80_000)
    clock.move(days=61)
    await apply("farmer_loan")
    assert await count() == (1, 1, 1, 80_000)
