"""Reads and writes campaigns and their members; every function works inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.schemas import CampaignState, CampaignView, MemberView, Outcome, VillageView
from campaigns.tables import Campaign, CampaignMember
from conversations.tables import Conversation
from kit.clock import CHINA
from kit.errors import RequestError
from kit.masking import mask_personal_data
from verification.tables import PhoneVerification

LISTED_MAX = 200
CHANGED = "活动已经变了，请刷新后再看"


async def lock_campaign(session: AsyncSession, campaign_id: str, *states: CampaignState) -> Campaign:
    """A campaign in one of some states, locked until the transaction ends; RequestError 404, 409 in another state."""
    row = await session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise RequestError(404, "no_such_campaign", "没有这个活动")
    if states and row.state not in states:
        raise RequestError(409, "campaign_moved_on", CHANGED)
    return row


async def get_campaign(session: AsyncSession, campaign_id: str) -> CampaignView:
    """A campaign; RequestError 404."""
    row = await session.get(Campaign, campaign_id)
    if row is None:
        raise RequestError(404, "no_such_campaign", "没有这个活动")
    return CampaignView.model_validate(row)


async def list_campaigns(session: AsyncSession) -> list[CampaignView]:
    """All campaigns, the newest first."""
    rows = await session.scalars(select(Campaign).order_by(Campaign.created_at.desc()).limit(LISTED_MAX))
    return [CampaignView.model_validate(row) for row in rows]


async def list_rows(session: AsyncSession, campaign_id: str) -> Sequence[CampaignMember]:
    """All members as they are stored, in the order of their tables."""
    query = select(CampaignMember).where(CampaignMember.campaign_id == campaign_id)
    return (await session.scalars(query.order_by(CampaignMember.number, CampaignMember.id))).all()


async def mark_undecided(session: AsyncSession, campaign_id: str, now: datetime) -> None:
    """The quotas of a campaign have to be decided anew."""
    changed = update(Campaign).where(Campaign.id == campaign_id)
    await session.execute(changed.values(policy_version="", decided_at=None, changed_at=now))


async def list_members(
    session: AsyncSession,
    campaign_id: str,
    *,
    village: str | None = None,
    manager_id: str | None = None,
    outcome: Outcome | None = None,
    limit: int = LISTED_MAX,
) -> list[MemberView]:
    """Members of a campaign, by village and number in the register."""
    query = select(CampaignMember).where(CampaignMember.campaign_id == campaign_id)
    for column, value in (
        (CampaignMember.village, village),
        (CampaignMember.manager_id, manager_id),
        (CampaignMember.outcome, outcome),
    ):
        if value is not None:
            query = query.where(column == value)
    rows = await session.scalars(query.order_by(CampaignMember.village, CampaignMember.number).limit(limit))
    return [view_member(row) for row in rows]


async def list_villages(session: AsyncSession, campaign_id: str) -> list[VillageView]:
    """The villages of a campaign with their managers, those without one first."""
    own = CampaignMember
    query = (
        select(
            own.village,
            func.max(own.manager_id).label("manager_id"),
            func.count().label("members"),
            *(_count(own.outcome == name).label(name) for name in ("approve", "review", "decline")),
            func.coalesce(func.sum(case((own.outcome == "approve", own.quota), else_=0)), 0).label("quota"),
        )
        .where(own.campaign_id == campaign_id)
        .group_by(own.village)
        .order_by(func.max(own.manager_id).is_not(None), own.village)
    )
    return [VillageView.model_validate(dict(row)) for row in (await session.execute(query)).mappings()]


async def assign_village(session: AsyncSession, campaign_id: str, village: str, manager_id: str | None) -> int:
    """Gives all members of a village to an account manager; how many."""
    is_theirs = CampaignMember.campaign_id == campaign_id, CampaignMember.village == village
    moved = update(CampaignMember).where(*is_theirs).values(manager_id=manager_id)
    return len((await session.scalars(moved.returning(CampaignMember.id))).all())


async def list_of_manager(session: AsyncSession, manager_id: str) -> list[CampaignView]:
    """The running campaigns in which an account manager has members."""
    theirs = select(CampaignMember.campaign_id).where(CampaignMember.manager_id == manager_id)
    query = select(Campaign).where(and_(Campaign.state == "running", Campaign.id.in_(theirs)))
    return [CampaignView.model_validate(row) for row in await session.scalars(query.order_by(Campaign.last_day))]


async def list_quotas(
    session: AsyncSession, customer_ids: Collection[str], now: datetime
) -> Mapping[str, tuple[str, str, int]]:
    """Of customers who are members of a running campaign: its name, their village and their quota."""
    query = (
        select(Conversation.customer_id, Campaign.name, CampaignMember.village, CampaignMember.quota)
        .join(PhoneVerification, PhoneVerification.conversation_id == Conversation.id)
        .join(CampaignMember, CampaignMember.phone_key == PhoneVerification.phone_key)
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .where(
            *is_running(now),
            Conversation.customer_id.in_(customer_ids),
            PhoneVerification.verified_at.is_not(None),
            CampaignMember.outcome == "approve",
        )
        .order_by(Campaign.started_at)
    )
    return {customer_id: (name, village, quota) for customer_id, name, village, quota in await session.execute(query)}


def is_running(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a campaign in which members are invited and greeted now."""
    today = now.astimezone(CHINA).date()
    return Campaign.state == "running", Campaign.first_day <= today, Campaign.last_day >= today


def view_member(row: CampaignMember) -> MemberView:
    """A member with a masked phone."""
    return MemberView(
        id=row.id,
        name=row.name,
        phone=mask_personal_data(row.phone),
        village=row.village,
        grade=row.grade,
        outcome=row.outcome,
        quota=row.quota,
        annual_rate=row.details.get("annual_rate", ""),
        reasons=row.details.get("reasons", []),
        manager_id=row.manager_id,
        invited_at=row.invited_at,
        greeted_at=row.greeted_at,
    )


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
