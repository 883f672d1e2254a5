"""What staff do with campaigns, inside the caller's transaction: prepare, decide the quotas, propose, start, end."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns import repository
from campaigns.policy import find_policy
from campaigns.pre_approval import Policies, pre_approve
from campaigns.schemas import LONGEST_DAYS, CampaignIn, CampaignView
from campaigns.tables import Campaign, CampaignMember
from imports.service import Progress
from kit.clock import CHINA
from kit.database import Database
from kit.errors import RequestError
from products.catalogue import get_catalogue
from products.schemas import Product
from scoring.policy_file import PolicyError, choose_policy, load_policies

ROWS_AT_ONCE = 500


async def create(session: AsyncSession, wanted: CampaignIn, *, by: str, now: datetime) -> CampaignView:
    """A campaign to be prepared. RequestError 409 for a name that is taken, 422 for wrong days or a wrong product."""
    today = now.astimezone(CHINA).date()
    if not today <= wanted.last_day or not wanted.first_day <= wanted.last_day:
        raise RequestError(422, "wrong_days", "结束日期要在今天和开始日期之后")
    if wanted.last_day - wanted.first_day > timedelta(days=LONGEST_DAYS):
        raise RequestError(422, "wrong_days", f"活动最长{LONGEST_DAYS}天")
    product = find_product(wanted.product, now)
    if wanted.kind == "village" and product.kind != "farmer":
        raise RequestError(422, "wrong_product", "整村授信请选农户的产品")
    row = Campaign(
        id=str(uuid.uuid4()), state="draft", created_by=by, created_at=now, changed_at=now, **wanted.model_dump()
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise RequestError(409, "name_taken", "已经有同名的活动") from None
    return CampaignView.model_validate(row)


async def decide_all(database: Database, campaign_id: str, progress: Progress, now: datetime) -> str:
    """Decides the quotas of all members by the policies in force, all or none; gives the version they followed.

    The same members by the same version have the same quotas. RequestError 404, 409 when the campaign has been changed
    meanwhile, 422 without members; ImportCancelled.
    """
    async with database.reading() as session:
        seen = await session.get(Campaign, campaign_id)
        if seen is None or seen.state != "draft":
            raise RequestError(409, "campaign_moved_on", repository.CHANGED)
        product, changed_at = find_product(seen.product, now), seen.changed_at
        members = await repository.list_rows(session, campaign_id)
    if not members:
        raise RequestError(422, "no_members", "还没有名单，请先导入")
    progress.begin(2 * len(members))
    if seen.kind == "village":
        policies = find_policies(product, now)
        version = policies.version
        decided = await asyncio.to_thread(_decide_village, members, policies, now, progress)
    else:
        version = product.reference
        decided = [_write(each.id, "approve", int(each.facts["quota"]), "", ["额度由本行名单给定"]) for each in members]
    async with database.transaction() as session:
        row = await repository.lock_campaign(session, campaign_id, "draft")
        if row.changed_at != changed_at:
            raise RequestError(409, "campaign_changed", "名单刚刚变了，请再算一次")
        for start in range(0, len(decided), ROWS_AT_ONCE):
            await session.execute(update(CampaignMember), decided[start : start + ROWS_AT_ONCE])
            progress.advance(len(members) + start)
        row.policy_version, row.decided_at, row.changed_at = version, now, now
    progress.advance(2 * len(members))
    return version


async def propose(session: AsyncSession, campaign_id: str, *, by: str) -> CampaignView:
    """Hands a prepared campaign to a second person. RequestError 404, 409, 422 before its quotas are decided."""
    row = await repository.lock_campaign(session, campaign_id, "draft")
    if not row.policy_version:
        raise RequestError(422, "not_decided", "请先算好额度，再提交启动")
    row.state, row.proposed_by = "proposed", by
    return await _view(session, row)


async def start(session: AsyncSession, campaign_id: str, *, by: str, now: datetime) -> CampaignView:
    """Starts it. RequestError 403 for who proposed it, 404, 409, 422 once its last day is over."""
    row = await repository.lock_campaign(session, campaign_id, "proposed")
    if row.proposed_by == by:
        raise RequestError(403, "own_proposal", "自己提交的要由另一位同事启动")
    if row.last_day < now.astimezone(CHINA).date():
        raise RequestError(422, "over", "活动的结束日期已经过了")
    row.state, row.started_by, row.started_at = "running", by, now
    return await _view(session, row)


async def take_back(session: AsyncSession, campaign_id: str) -> CampaignView:
    """Back to be prepared, before it was started. RequestError 404, 409."""
    row = await repository.lock_campaign(session, campaign_id, "proposed")
    row.state, row.proposed_by = "draft", None
    return await _view(session, row)


async def end(session: AsyncSession, campaign_id: str, now: datetime) -> CampaignView:
    """Ends a running campaign: nobody is invited or greeted any more. RequestError 404, 409."""
    row = await repository.lock_campaign(session, campaign_id, "running")
    row.state, row.last_day = "ended", min(row.last_day, now.astimezone(CHINA).date())
    return await _view(session, row)


async def end_over(session: AsyncSession, now: datetime) -> Sequence[str]:
    """Ends running campaigns whose last day is over; their ids."""
    is_over = Campaign.state == "running", Campaign.last_day < now.astimezone(CHINA).date()
    if await session.scalar(select(Campaign.id).where(*is_over).limit(1)) is None:
        return []
    return (await session.scalars(update(Campaign).where(*is_over).values(state="ended").returning(Campaign.id))).all()


def find_product(product_id: str, now: datetime) -> Product:
    """A product offered today; RequestError 422."""
    product = get_catalogue().find(product_id, now.astimezone(CHINA).date())
    if product is None or not product.is_offered:
        raise RequestError(422, "no_product", "这个产品现在没有在办")
    return product


def find_policies(product: Product, now: datetime) -> Policies:
    """The policies in force for a product; RequestError 422 where there is none."""
    today = now.astimezone(CHINA).date()
    try:
        return Policies(choose_policy(load_policies(), product, today), find_policy(today))
    except (PolicyError, LookupError) as error:
        raise RequestError(422, "no_policy", "今天没有适用的信用政策") from error


def _decide_village(
    members: Sequence[CampaignMember], policies: Policies, now: datetime, progress: Progress
) -> list[dict[str, Any]]:
    today, decided = now.astimezone(CHINA).date(), []
    for count, member in enumerate(members, 1):
        if count % ROWS_AT_ONCE == 0:
            progress.advance(count)
        found = pre_approve(member.facts, member.grade or "D", policies, today)
        decided.append(_write(member.id, found.outcome, found.quota, found.annual_rate, list(found.reasons)))
    return decided


def _write(member_id: str, outcome: str, quota: int, annual_rate: str, reasons: list[str]) -> dict[str, Any]:
    details = {"annual_rate": annual_rate, "reasons": reasons}
    return {"id": member_id, "outcome": outcome, "quota": quota, "details": details}


async def _view(session: AsyncSession, row: Campaign) -> CampaignView:
    await session.flush()
    return CampaignView.model_validate(row)
