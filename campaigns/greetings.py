"""What a member of a running campaign is told in their conversation: once by itself, and whenever they ask."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.repository import is_running
from campaigns.schemas import CampaignView
from campaigns.tables import Campaign, CampaignMember
from campaigns.wording import Invitation
from conversations.customers import find_customer_id
from kit.clock import Clock, read_clock
from kit.database import Database
from privacy.ledger import has_withdrawn
from privacy.purposes import MARKETING
from verification.tables import PhoneVerification

# How long it may take until a campaign that begins is seen: customers' messages do not ask for it each time.
LOOKS_AGAIN = timedelta(seconds=5)


class Greetings:
    """Finds the invitation of a conversation's customer, who verified the phone of a member."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock
        self._looked_at: datetime | None = None
        self._is_any = False

    async def find(self, conversation_id: str) -> Invitation | None:
        """The newest invitation that stands; None for everybody else."""
        if not await self._has_campaigns():
            return None
        async with self._database.reading() as session:
            found = (await session.execute(self._select(conversation_id).limit(1))).first()
        return build_invitation(found[0], found[1]) if found else None

    async def take(self, conversation_id: str, message_id: int) -> Invitation | None:
        """The invitation that the answer to a message is to tell, once; the same message is given the same one again.

        None once the customer took the consent to marketing back.
        """
        if not await self._has_campaigns():
            return None
        own = or_(CampaignMember.greeted_for.is_(None), CampaignMember.greeted_for == message_id)
        query = self._select(conversation_id).where(own).limit(1)
        async with self._database.reading() as session:
            found = (await session.execute(query)).first()
            if found is None or await _is_unsubscribed(session, conversation_id):
                return None
        member, campaign = found
        taken = update(CampaignMember).where(CampaignMember.id == member.id, own)
        async with self._database.transaction() as session:
            changed = await session.scalars(
                taken.values(greeted_for=message_id, greeted_at=self._clock()).returning(CampaignMember.id)
            )
            return build_invitation(member, campaign) if changed.all() else None

    async def _has_campaigns(self) -> bool:
        now = self._clock()
        if self._looked_at is None or not timedelta(0) <= now - self._looked_at < LOOKS_AGAIN:
            async with self._database.reading() as session:
                self._is_any = bool(await session.scalar(select(Campaign.id).where(*is_running(now)).limit(1)))
            self._looked_at = now
        return self._is_any

    def _select(self, conversation_id: str) -> Select[CampaignMember, Campaign]:
        verified = (
            PhoneVerification.conversation_id == conversation_id,
            PhoneVerification.verified_at.is_not(None),
            PhoneVerification.phone_key == CampaignMember.phone_key,
        )
        return (
            select(CampaignMember, Campaign)
            .join(Campaign, Campaign.id == CampaignMember.campaign_id)
            .where(*is_running(self._clock()), CampaignMember.outcome == "approve", exists().where(*verified))
            .order_by(Campaign.started_at.desc())
        )


def build_invitation(member: CampaignMember, campaign: Campaign) -> Invitation:
    """What a member is offered."""
    view = CampaignView.model_validate(campaign)
    rate = member.details.get("annual_rate", "")
    return Invitation(view.kind, view.product, view.last_day, member.village, member.quota, rate)


async def _is_unsubscribed(session: AsyncSession, conversation_id: str) -> bool:
    customer_id = await find_customer_id(session, conversation_id)
    return customer_id is not None and await has_withdrawn(session, customer_id, MARKETING)
