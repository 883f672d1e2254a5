"""Reads what the portraits of some customers go by."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.repository import list_quotas
from conversations.leaving import list_ratings, list_repay_early
from core_banking.interface import LoanFacts
from desk.customer_repository import CustomerCard
from desk.portrait import SIGNAL_DAYS, CampaignQuota, PortraitFacts, Tag, list_tags
from kit.clock import CHINA
from products.catalogue import find_product


async def read_tags(
    session: AsyncSession, cards: Sequence[CustomerCard], loans: Mapping[str, Sequence[LoanFacts]], now: datetime
) -> Mapping[str, list[Tag]]:
    """The tags of each customer, by id, as are the `loans` that the bank's core tells."""
    ids, since = [card.customer_id for card in cards], now - timedelta(days=SIGNAL_DAYS)
    ratings = await list_ratings(session, ids, since)
    asked = await list_repay_early(session, ids, since)
    quotas = await list_quotas(session, ids, now)
    found = {}
    for card in cards:
        application, repay_early = card.application, asked.get(card.customer_id)
        known = PortraitFacts(
            product=find_product(application.product) if application else None,
            stage=application.stage if application else None,
            since=application.changed_at.astimezone(CHINA).date() if application else None,
            months=application.term if application else 0,
            region=card.region,
            loans=tuple(loans.get(card.customer_id, ())),
            ratings=ratings.get(card.customer_id, ()),
            repay_early_asked=repay_early.astimezone(CHINA).date() if repay_early else None,
            campaign=CampaignQuota(*quotas[card.customer_id]) if card.customer_id in quotas else None,
        )
        found[card.customer_id] = list_tags(known, now.astimezone(CHINA).date())
    return found
