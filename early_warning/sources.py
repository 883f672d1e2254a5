"""Reads the cases and what else their customers said, in pages, from tables of other packages; it only reads."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.stages import OPEN_STAGES
from applications.tables import Application
from conversations.tables import Message
from early_warning.case import Case, Told
from early_warning.rules import SLOTS
from quota_checks.tables import QuotaCheck
from visits.tables import Visit

PAGE = 250
OTHERS_MAX = 50  # of one person; a phone that many share is no person's


class FoundCase(NamedTuple):
    """An application: what it says and whose it is; the case too while it is open."""

    told: Told
    keys: tuple[str, ...]
    case: Case | None


class People:
    """What people said, found by keys of the person: hashes, so that no number stays in memory."""

    def __init__(self) -> None:
        self._told: defaultdict[str, list[Told]] = defaultdict(list)

    def add(self, told: Told, keys: Collection[str]) -> None:
        """Adds what somebody said."""
        for key in keys:
            self._told[key].append(told)

    def list_others(self, case: Case) -> tuple[Told, ...]:
        """What the same person said elsewhere, newest first."""
        found = {told.id: told for key in case.keys for told in self._told.get(key, ()) if told.id != case.told.id}
        return tuple(sorted(found.values(), key=lambda told: told.at, reverse=True)[:OTHERS_MAX])


async def list_applications(session: AsyncSession, since: datetime, after_id: str) -> list[FoundCase]:
    """A page of the open applications and of those submitted since then, by id."""
    wanted = or_(Application.stage.in_(OPEN_STAGES), Application.created_at >= since)
    columns = select(
        Application.id,
        Application.number,
        Application.conversation_id,
        Application.manager_id,
        Application.phone,
        Application.details,
        Application.stage,
        Application.alerts,
        Application.acted_at,
        Application.changed_at,
        Application.created_at,
    )
    page = columns.where(Application.id > after_id, wanted).order_by(Application.id).limit(PAGE)
    return [_find_case(row) for row in await session.execute(page)]


async def list_quota_checks(session: AsyncSession, since: datetime, after_id: str) -> list[tuple[str, Told]]:
    """A page of the quota checks since then, by id, each with its conversation's key."""
    columns = select(QuotaCheck.id, QuotaCheck.conversation_id, QuotaCheck.facts, QuotaCheck.decided_at)
    page = columns.where(QuotaCheck.id > after_id, QuotaCheck.decided_at >= since).order_by(QuotaCheck.id).limit(PAGE)
    return [
        (row.conversation_id, Told(row.id, "测额度", row.decided_at, pick_facts(row.facts)))
        for row in await session.execute(page)
    ]


async def list_contacts(session: AsyncSession, conversation_ids: Collection[str], now: datetime) -> dict[str, datetime]:
    """When each customer or a colleague last wrote, or they met; nothing of those who never did."""
    is_written = Message.conversation_id.in_(conversation_ids), Message.author.in_(("customer", "agent"))
    is_met = Visit.conversation_id.in_(conversation_ids), Visit.state == "done", Visit.starts_at <= now
    contacts: dict[str, datetime] = {}
    for query in (
        select(Message.conversation_id, func.max(Message.at)).where(*is_written).group_by(Message.conversation_id),
        select(Visit.conversation_id, func.max(Visit.starts_at)).where(*is_met).group_by(Visit.conversation_id),
    ):
        for conversation_id, at in await session.execute(query):
            contacts[conversation_id] = max(at, contacts.get(conversation_id, at))
    return contacts


def pick_facts(told: Mapping[str, Any]) -> dict[str, float]:
    """Of what was answered the numbers that rules look at."""
    found = {slot: told[slot] for slot in SLOTS if isinstance(told.get(slot), int | float)}
    return {slot: value for slot, value in found.items() if isfinite(value) and value >= 0}


def make_keys(phone: str, identity: object, conversation_id: str) -> tuple[str, ...]:
    """The keys by which a person is found; the conversation's only finds what names nobody."""
    named = [phone, identity.strip().upper() if isinstance(identity, str) else ""]
    return (*(hashlib.sha256(each.encode()).hexdigest() for each in named if each), conversation_id)


def _find_case(row: Any) -> FoundCase:
    is_open = row.stage in OPEN_STAGES
    told = Told(row.id, f"申请{row.number}", row.created_at, pick_facts(row.details), is_open)
    keys = make_keys(row.phone, row.details.get("id_number"), row.conversation_id)
    if not is_open:
        return FoundCase(told, keys[:-1], None)
    case = Case(
        kind="application",
        id=row.id,
        number=row.number,
        conversation_id=row.conversation_id,
        staff_id=row.manager_id,
        told=told,
        keys=keys,
        changed_at=row.changed_at,
        last_contact_at=max(row.changed_at, row.acted_at or row.changed_at),
        stage=row.stage,
        alerts=row.alerts,
    )
    return FoundCase(told, keys[:-1], case)
