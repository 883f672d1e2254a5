"""A campaign as its members meet it in the web chat: greeted, invited, unsubscribed."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from campaigns import service
from campaigns.greetings import LOOKS_AGAIN
from campaigns.invitations import Invitations
from campaigns.schemas import CampaignView
from conversations.tables import Conversation
from dev.stack import Stack
from kit.clock import CHINA, read_clock
from kit.database import Database
from kit.security import hash_token
from tests.campaigns.customers import agree
from tests.campaigns.registers import HEADING, start
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.phones import verify_before
from tests.fakes import FixedClock

pytestmark = pytest.mark.exhaustive
WANG, LI = "13800008001", "13800008002"
REGISTER = f"{HEADING}\n青山村,王秀英,{WANG},A级,20,3万,8万,0,否,45\n柳庄,李大山,{LI},B,15,,6万,1万,否,40\n"
TOLD = "您在青山村整村授信名单里，农户贷预授信额度10万元（以实际审批为准），年利率"


class Office:
    """What staff and the clock do, at a time of their own; nothing of it happens to run by itself."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.campaigns: list[str] = []

    def start(self, name: str, now: datetime) -> None:
        """Two persons start a campaign for the register's two households."""

        async def begin(database: Database) -> CampaignView:
            return await start(database, FixedClock(now), REGISTER, {"青山村": "liqiang"}, name=name)

        self.campaigns.append(self._run(begin).id)

    def invite(self, now: datetime) -> None:
        """The desk looks whom to invite."""
        self._run(lambda database: Invitations(database, FixedClock(now)).check())

    def record_consent(self, customer: Customer) -> None:
        """As if the customer had pressed 有新产品时通知我 before (dialogues/results.yml)."""

        async def record(database: Database) -> None:
            key = hash_token(customer.token)
            async with database.reading() as session:
                own = await session.scalars(
                    select(Conversation.id).where(Conversation.customer.has(channel_user_id=key))
                )
            await agree(database, FixedClock(read_clock()), own.one())

        self._run(record)

    def end_all(self) -> None:
        """Ends what was started."""

        async def end(database: Database) -> None:
            for campaign_id in self.campaigns:
                async with database.transaction() as session:
                    await service.end(session, campaign_id, read_clock())

        self._run(end)

    def _run(self, act: Any) -> Any:
        async def run() -> Any:
            database = self.stack.open_database()
            try:
                return await act(database)
            finally:
                await database.close()

        return asyncio.run(run())


def at(hour: int, minute: int = 0, *, days: int = 7) -> datetime:
    """A time of day in China, when the desk of the stack does not invite by itself."""
    day = (read_clock().astimezone(CHINA) + timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA).astimezone(UTC)


def read_new(customer: Customer) -> str:
    """What came by itself."""
    found = customer.client.get("/webchat/messages").raise_for_status().json()
    return "\n".join(reply["text"] for reply in found["messages"] if reply["author"] == "system")


@pytest.fixture
def office(staffed: Stack) -> Iterator[Office]:
    office = Office(staffed)
    yield office
    office.end_all()


def test_a_member_is_greeted_with_their_quota_once_their_phone_is_known(office: Office, customer: Customer) -> None:
    office.start("青山村今年授信", read_clock())
    time.sleep(LOOKS_AGAIN.total_seconds() + 1)
    assert "预授信" not in read_words(customer.say("你们几点上班"))
    asyncio.run(verify_before(office.stack, customer, WANG))
    greeted = read_words(customer.say("你们几点上班"))
    assert greeted.count(TOLD) == 1
    assert "申请贷款" in customer.buttons
    assert "预授信" not in read_words(customer.say("周末上班吗"))
    assert TOLD in read_words(customer.say("我能贷多少"))
    assert {"申请贷款", "自己测额度"} <= set(customer.buttons)
    assert "您同意吗" in read_words(customer.press("申请贷款"))
    assert "多少" in read_words(customer.press("同意"))  # which product is known


def test_who_is_not_on_the_list_is_not_greeted(office: Office, customer: Customer) -> None:
    office.start("柳庄今年授信", read_clock())
    time.sleep(LOOKS_AGAIN.total_seconds() + 1)
    asyncio.run(verify_before(office.stack, customer, "13800008009"))
    assert "预授信" not in read_words(customer.say("你们几点上班"))


def test_invited_by_day_with_consent_until_they_unsubscribe(office: Office, customer: Customer) -> None:
    asyncio.run(verify_before(office.stack, customer, WANG))
    office.start("青山村春耕授信", at(9))
    office.invite(at(9))
    assert "授信" not in read_new(customer)  # without consent
    office.record_consent(customer)
    for hour, minute in ((22, 0), (23, 30)):
        office.invite(at(hour, minute))
    office.invite(at(7, 59, days=8))
    assert "授信" not in read_new(customer)
    office.invite(at(8, days=8))
    assert TOLD in read_new(customer)
    assert "回复“退订”不再收到" in read_new(customer)
    assert "新产品通知不再发了" in read_words(customer.say("退订"))
    office.start("青山村秋收授信", at(9, days=9))
    office.invite(at(9, days=9))
    assert read_new(customer).count(TOLD) == 1
