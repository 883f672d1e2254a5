"""What came of a campaign, by village and account manager."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from applications.tables import Application
from campaigns.schemas import ResultView
from campaigns.tables import Campaign, CampaignMember
from conversations.tables import Conversation
from kit.clock import CHINA
from kit.encrypted import DIGEST_LENGTH, read_vault
from privacy.purposes import MARKETING
from privacy.tables import LedgerRecord
from verification.tables import PhoneVerification

APPROVED = frozenset({"approved", "signed", "drawn"})


async def count_results(session: AsyncSession, campaign_id: str) -> list[ResultView]:
    """One row a village and manager. An application counts by its phone, from the start until the last day."""
    own = CampaignMember
    query = select(own.phone_key, own.village, own.manager_id, own.invited_at, own.greeted_at)
    members = (await session.execute(query.where(own.campaign_id == campaign_id))).all()
    applied = await _list_applications(session, campaign_id)
    unsubscribed = await _list_unsubscribed(session, campaign_id)
    counts: dict[tuple[str, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in members:
        counted = counts[row.village, row.manager_id]
        stage, amount = applied.get(row.phone_key, ("", 0))
        counted["members"] += 1
        counted["invited"] += row.invited_at is not None
        counted["greeted"] += row.greeted_at is not None
        counted["unsubscribed"] += row.phone_key in unsubscribed
        counted["applied"] += bool(stage)
        counted["approved"] += stage in APPROVED
        counted["drawn"] += stage == "drawn"
        counted["amount"] += amount if stage == "drawn" else 0
    return [
        ResultView(village=village, manager_id=manager_id, **counted)
        for (village, manager_id), counted in sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]


async def name_campaigns(session: AsyncSession, since: datetime, until: datetime) -> dict[str, str]:
    """The campaign of each application submitted from `since` until before `until` that a member of one handed in.

    By the application's id; of several campaigns the one that was started last.
    """
    is_submitted = Application.kind == "new", Application.created_at >= since, Application.created_at < until
    query = select(Application.id, Application.phone, Application.product, Application.created_at)
    submitted = (await session.execute(query.where(*is_submitted))).all()
    digest = read_vault(session.get_bind().dialect).digest
    keys = {row.id: digest(row.phone)[:DIGEST_LENGTH] for row in submitted}
    started: dict[tuple[str, str], list[Campaign]] = defaultdict(list)
    for phone_key, campaign in await session.execute(
        select(CampaignMember.phone_key, Campaign)
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .where(Campaign.started_at < until, Campaign.last_day >= since.astimezone(CHINA).date())
        .order_by(Campaign.started_at)
    ):
        started[phone_key, campaign.product].append(campaign)
    named = {}
    for row in submitted:
        own = [each.name for each in started[keys[row.id], row.product] if _covers(each, row.created_at)]
        if own:
            named[row.id] = own[-1]
    return named


def _covers(campaign: Campaign, at: datetime) -> bool:
    started, ended = campaign.started_at, campaign.last_day
    return started is not None and started <= at and at.astimezone(CHINA).date() <= ended


async def _list_applications(session: AsyncSession, campaign_id: str) -> Mapping[str, tuple[str, int]]:
    """The stage and the amount of the last application for the product from each phone, by the hash of the phone."""
    campaign = await session.get_one(Campaign, campaign_id)
    if campaign.started_at is None:
        return {}
    query = select(Application.phone, Application.stage, Application.amount, Application.created_at).where(
        Application.kind == "new",
        Application.product == campaign.product,
        Application.created_at >= campaign.started_at,
    )
    vault = read_vault(session.get_bind().dialect)
    rows = (await session.execute(query.order_by(Application.created_at))).all()
    covered = (row for row in rows if _covers(campaign, row.created_at))
    return {vault.digest(row.phone)[:DIGEST_LENGTH]: (row.stage, row.amount) for row in covered}


async def _list_unsubscribed(session: AsyncSession, campaign_id: str) -> set[Any]:
    """The hashes of phones whose customers took the consent to marketing back after they were invited."""
    given = aliased(LedgerRecord)
    query = (
        select(CampaignMember.phone_key)
        .join(PhoneVerification, PhoneVerification.phone_key == CampaignMember.phone_key)
        .join(Conversation, Conversation.id == PhoneVerification.conversation_id)
        .join(LedgerRecord, LedgerRecord.customer_id == Conversation.customer_id)
        .join(given, given.id == LedgerRecord.withdraws_id)
        .where(
            CampaignMember.campaign_id == campaign_id,
            PhoneVerification.verified_at.is_not(None),
            LedgerRecord.kind == "consent_withdrawn",
            LedgerRecord.purpose == MARKETING,
            LedgerRecord.at >= CampaignMember.invited_at,
        )
    )
    return set(await session.scalars(query))
