"""Resolves the ids and hashes in audit records to names, when they are read: the records hold none."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import hash_value
from desk.customer_repository import list_names
from desk.schemas import AuditView
from desk.tables import Staff
from kit.masking import mask_personal_data


async def name_staff(session: AsyncSession) -> dict[str, str]:
    """What staff are called, by id and login, and what their details are by hash (numbers masked)."""
    names: dict[str, str] = {}
    for staff in await session.scalars(select(Staff)):
        names |= dict.fromkeys((staff.id, staff.login), f"{staff.name}（{staff.login}）")
        for value in filter(None, (staff.name, staff.phone, staff.email, staff.wecom_id)):
            names[hash_value(session, value)] = mask_personal_data(value)
    return names


async def name_customers(session: AsyncSession, records: Sequence[AuditView]) -> dict[str, str]:
    """What the customers of these records are called, by the ids of customers, talks and applications in them."""
    ids = {text for record in records for text in _list_texts([record.subject, record.details])}
    return await list_names(session, ids)


def pick_names(record: AuditView, names: dict[str, str]) -> dict[str, str]:
    """The names of what one record mentions."""
    mentioned = _list_texts([record.staff_id, record.subject, record.details])
    return {text: names[text] for text in dict.fromkeys(mentioned) if text in names}


def _list_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _list_texts(list(value.values()))
    elif isinstance(value, Collection):
        for each in value:
            yield from _list_texts(each)
