"""The block list: phones and identity numbers of fraud and false names, as keyed hashes; both ways take two persons."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from applications.tables import BlockedPerson
from kit.errors import RequestError
from kit.identity_numbers import read_identity_number
from kit.masking import mask_personal_data
from kit.phones import read_phone

BlockKind = Literal["phone", "identity"]
BlockReason = Literal["fraud", "false_name", "court", "other_lender"]
BLOCK_KINDS: dict[BlockKind, str] = {"phone": "电话", "identity": "身份证号"}
BLOCK_REASONS: dict[BlockReason, str] = {
    "fraud": "骗贷",
    "false_name": "冒名",
    "court": "法院协助",
    "other_lender": "同业通报",
}
DAYS_MAX = 730  # privacy/retention.yml: blocked_person


class BlockedView(BaseModel):
    """An entry as staff see it."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: str
    kind: BlockKind
    shown: str
    reason: BlockReason
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    lift_proposed_by: str | None
    expires_at: datetime


async def propose_block(
    session: AsyncSession, number: str, reason: str, days: int, *, by: str, now: datetime
) -> BlockedView:
    """Proposes a phone or an identity number; RequestError 409 for one that stands, 422 for anything else."""
    said = number.strip().upper()
    phone, identity = read_phone(said), read_identity_number(said)
    if not (phone or identity):
        raise RequestError(422, "no_number", "请填11位手机号，或18位身份证号")
    if reason not in BLOCK_REASONS:
        raise RequestError(422, "no_reason", "请选择原因")
    if not 1 <= days <= DAYS_MAX:
        raise RequestError(422, "no_time", f"期限是1到{DAYS_MAX}天")
    row = BlockedPerson(
        id=str(uuid.uuid4()),
        kind="phone" if phone else "identity",
        key=phone or said,
        shown=mask_personal_data(phone or said),
        reason=reason,
        proposed_by=by,
        proposed_at=now,
        expires_at=now + timedelta(days=days),
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise RequestError(409, "already_blocked", "这个号码已经在黑名单上，或者在等确认") from None
    return BlockedView.model_validate(row)


async def confirm_block(session: AsyncSession, block_id: str, *, by: str, now: datetime) -> BlockedView:
    """Puts it in force; RequestError 403 for who proposed it, 404, 409."""
    row = await _take(session, block_id)
    if row.confirmed_by is not None:
        raise RequestError(409, "already_confirmed", "已经有同事确认过了")
    if row.proposed_by == by:
        raise RequestError(403, "own_proposal", "自己提出的要由另一位同事确认")
    row.confirmed_by, row.confirmed_at = by, now
    await session.flush()
    return BlockedView.model_validate(row)


async def refuse_block(session: AsyncSession, block_id: str) -> BlockedView:
    """Drops what was only proposed; RequestError 404, 409 once it is in force."""
    row = await _take(session, block_id)
    if row.confirmed_by is not None:
        raise RequestError(409, "already_confirmed", "已经有同事确认过了")
    return await _drop(session, row)


async def propose_lift(session: AsyncSession, block_id: str, *, by: str) -> BlockedView:
    """Proposes to take off what is in force; RequestError 404, 409."""
    row = await _take_confirmed(session, block_id)
    if row.lift_proposed_by is not None:
        raise RequestError(409, "already_proposed", "已经有同事提出移出了")
    row.lift_proposed_by = by
    await session.flush()
    return BlockedView.model_validate(row)


async def keep_block(session: AsyncSession, block_id: str) -> BlockedView:
    """Leaves on the list what somebody proposed to take off; gives it as it was. RequestError 404, 409."""
    row = await _take_confirmed(session, block_id)
    view = BlockedView.model_validate(row)
    row.lift_proposed_by = None
    await session.flush()
    return view


async def lift_block(session: AsyncSession, block_id: str, *, by: str) -> BlockedView:
    """Takes it off the list; RequestError 403 for who proposed that, 404, 409 before anybody did."""
    row = await _take_confirmed(session, block_id)
    if row.lift_proposed_by is None:
        raise RequestError(409, "lift_not_proposed", "要先有一位同事提出移出")
    if row.lift_proposed_by == by:
        raise RequestError(403, "own_proposal", "自己提出的要由另一位同事确认")
    return await _drop(session, row)


async def _take_confirmed(session: AsyncSession, block_id: str) -> BlockedPerson:
    row = await _take(session, block_id)
    if row.confirmed_by is None:
        raise RequestError(409, "not_confirmed", "这条还没有生效")
    return row


async def _drop(session: AsyncSession, row: BlockedPerson) -> BlockedView:
    view = BlockedView.model_validate(row)
    await session.delete(row)
    await session.flush()
    return view


async def list_blocks(session: AsyncSession, now: datetime) -> list[BlockedView]:
    """All that stand or wait, those to be confirmed first."""
    query = select(BlockedPerson).where(BlockedPerson.expires_at > now)
    rows: Sequence[BlockedPerson] = (
        await session.scalars(query.order_by(BlockedPerson.confirmed_at.is_not(None), BlockedPerson.proposed_at.desc()))
    ).all()
    return [BlockedView.model_validate(row) for row in rows]


async def is_blocked(session: AsyncSession, kind: BlockKind, number: str, now: datetime) -> bool:
    """Whether a number is on the list, confirmed and in time."""
    stands = (
        BlockedPerson.kind == kind,
        BlockedPerson.key == number.upper(),
        BlockedPerson.confirmed_by.is_not(None),
        BlockedPerson.expires_at > now,
    )
    return await session.scalar(select(BlockedPerson.id).where(*stands)) is not None


async def _take(session: AsyncSession, block_id: str) -> BlockedPerson:
    row = await session.get(BlockedPerson, block_id, with_for_update=True)
    if row is None:
        raise RequestError(404, "no_such_block", "这条已经不在了，请刷新")
    return row
