"""Invites members who agreed to marketing, where their channel takes it now, and never at night."""

import logging
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from campaigns import service
from campaigns.greetings import build_invitation
from campaigns.repository import is_running
from campaigns.tables import Campaign, CampaignMember
from campaigns.wording import invite
from conversations import statements
from conversations.channels import PUSHED
from conversations.outgoing import say
from conversations.tables import Conversation, Customer
from conversations.windows import is_open, view_window
from kit.background import guard, repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.working_time import find_waking
from privacy.ledger import has_consent
from privacy.purposes import MARKETING
from privacy.tables import LedgerRecord
from verification.tables import PhoneVerification

log = logging.getLogger(__name__)

BATCH = 100


class Invitations:
    """Invites each member once, and ends campaigns that are over; every desk process may run one."""

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = 30.0) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.check, seconds=self._poll_seconds)

    async def check(self) -> None:
        """Invites whoever may be invited now."""
        now = self._clock()
        async with self._database.transaction() as session:
            await service.end_over(session, now)
        if find_waking(now) > now:
            return
        async with self._database.reading() as session:
            due = await _list_due(session, now)
        for member_id, conversation_id in due:
            with guard(log, "the invitation of member %s failed", member_id):
                async with self._database.transaction() as session:
                    await _invite(session, member_id, conversation_id, now)


async def _list_due(session: AsyncSession, now: datetime) -> list[tuple[str, str]]:
    """Members who were not invited yet, with the conversation of a customer who agreed and can be reached now.

    Those whom the bot does not answer now talk to people: they are invited later.
    """
    taken_back = aliased(LedgerRecord)
    agreed = exists().where(
        LedgerRecord.customer_id == Conversation.customer_id,
        LedgerRecord.kind == "consent_given",
        LedgerRecord.purpose == MARKETING,
        ~exists().where(taken_back.withdraws_id == LedgerRecord.id),
    )
    is_reachable = or_(
        Customer.channel.not_in(PUSHED),
        Conversation.window_until.is_(None),
        (Conversation.window_until > now) & (Conversation.window_left > 0),
    )
    query = (
        select(CampaignMember.id, Conversation.id)
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .join(PhoneVerification, PhoneVerification.phone_key == CampaignMember.phone_key)
        .join(Conversation, Conversation.id == PhoneVerification.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(
            *is_running(now),
            CampaignMember.outcome == "approve",
            CampaignMember.invited_at.is_(None),
            CampaignMember.greeted_at.is_(None),
            PhoneVerification.verified_at.is_not(None),
            Conversation.holder == "bot",
            agreed,
            is_reachable,
        )
        .order_by(CampaignMember.number)
        .limit(BATCH)
    )
    return [(member_id, conversation_id) for member_id, conversation_id in (await session.execute(query)).all()]


async def _invite(session: AsyncSession, member_id: str, conversation_id: str, now: datetime) -> None:
    """Once each member: whoever comes second sees that it was done. What was true a moment ago is looked at again."""
    conversation = (await session.execute(statements.LOCK, {"conversation_id": conversation_id})).one_or_none()
    member = await session.get(CampaignMember, member_id, with_for_update=True, populate_existing=True)
    if conversation is None or member is None or member.invited_at or member.greeted_at:
        return
    campaign = await session.get_one(Campaign, member.campaign_id)
    if campaign.state != "running" or conversation.holder != "bot":
        return
    if conversation.channel in PUSHED and not is_open(view_window(conversation), now):
        return
    if not await has_consent(session, conversation.customer_id, MARKETING):
        return
    member.invited_at = now
    key = f"campaign:{member_id}"
    await say(session, conversation, [invite(build_invitation(member, campaign))], now, key=key)
