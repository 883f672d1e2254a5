"""Makes and revokes the codes of delegations, and does what one opens: see the papers, mark them ready, bring pictures.

Nothing here reads or changes an application beside its product: whoever has a code sees neither sums, nor numbers, nor
the stage, nor a picture, and cannot submit, withdraw, consent or answer anything.
"""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.checklist import Paper, list_papers, make_checklist
from applications.repository import find_newest_open
from applications.stages import OPEN_STAGES
from applications.tables import Application
from conversations.notices import tell_customer
from delegation.tables import Delegation
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.vault import Vault
from products.catalogue import find_product
from products.schemas import Product
from verification.repository import list_same_customer, list_verified

VALID_TIME = timedelta(hours=72)
# Read aloud on the phone: no 0/O, 1/I. Ten of them are 50 bits, and tries are limited.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 10
_BETWEEN = "、"
TOLD = "帮办人传来一张照片：{paper}。已经放进您的申请，客户经理会看到。不想让他再传，可以回复“收回帮办码”。"


class Code(NamedTuple):
    """A new code, as it is read aloud (ABCDE-FGHJK), and until when it counts."""

    text: str
    expires_at: datetime


class Checklist(NamedTuple):
    """All that somebody with a code sees: the papers, and until when they may look."""

    papers: list[Paper]
    expires_at: datetime


class DelegationView(NamedTuple):
    """What a helper brings papers for; none of it is shown to them."""

    id: str
    conversation_id: str
    application_id: str


class Delegations:
    """The delegations in the database."""

    def __init__(self, database: Database, vault: Vault, clock: Clock = read_clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def create(self, conversation_id: str) -> Code:
        """A code for the customer's newest open application, on whatever channel; an earlier one counts no more.

        RequestError 409 `no_open_application`, 403 `phone_not_verified` unless the applicant's phone is known to be
        theirs: whoever only found the page open must not let others in.
        """
        now, code = self._clock(), "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        async with self._database.transaction() as session:
            application = await find_newest_open(session, conversation_id)
            if application is None:
                raise RequestError(409, "no_open_application", "您还没有在办的申请")
            verified = (await list_verified(session, [conversation_id]))[conversation_id]
            if application.phone not in verified:
                raise RequestError(403, "phone_not_verified", "请先验证您申请时留的手机号")
            before = await _lock_of_customer(session, conversation_id)
            for delegation in before:
                delegation.revoked_at = delegation.revoked_at or now
            same = [each.ready for each in before if each.application_id == application.id]
            session.add(
                Delegation(
                    id=str(uuid.uuid4()),
                    conversation_id=conversation_id,
                    application_id=application.id,
                    code_hash=self._hash(code),
                    ready=same[-1] if same else "",
                    created_at=now,
                    expires_at=now + VALID_TIME,
                )
            )
        return Code(f"{code[:5]}-{code[5:]}", now + VALID_TIME)

    async def revoke(self, conversation_id: str) -> bool:
        """Ends the customer's delegations; returns whether one still counted."""
        now = self._clock()
        async with self._database.transaction() as session:
            live = [each for each in await _lock_of_customer(session, conversation_id) if _is_live(each, now)]
            for delegation in live:
                delegation.revoked_at = now
        return bool(live)

    async def read_checklist(self, code: str) -> Checklist:
        """What the holder of a code sees.

        RequestError 404 `no_such_code`: never given, over, revoked, or for an application that is over, all the same.
        """
        async with self._database.reading() as session:
            delegation, product = await self._find(session, code)
            return _view(delegation, product)

    async def mark_ready(self, code: str, paper: str, *, is_ready: bool) -> Checklist:
        """Says that a paper is ready, or is not after all. RequestError 404 as above, 422 for a paper not asked for."""
        async with self._database.transaction() as session:
            delegation, product = await self._find(session, code, is_changed=True)
            _require_paper(product, paper)
            _mark(delegation, paper, is_ready=is_ready)
            return _view(delegation, product)

    async def get_delegation(self, code: str, paper: str) -> DelegationView:
        """What a picture of a paper belongs to. RequestError as `mark_ready`."""
        async with self._database.reading() as session:
            delegation, product = await self._find(session, code)
            _require_paper(product, paper)
            return DelegationView(delegation.id, delegation.conversation_id, delegation.application_id)

    async def receive_picture(self, code: str, paper: str, document_id: str, *, is_legible: bool) -> Checklist:
        """Tells the applicant of a picture that was stored, once; the paper is ready if it can be read.

        RequestError as `mark_ready`.
        """
        now = self._clock()
        async with self._database.transaction() as session:
            delegation, product = await self._find(session, code, is_changed=True)
            if is_legible:
                _mark(delegation, paper, is_ready=True)
            text = TOLD.format(paper=paper)
            await tell_customer(session, delegation.conversation_id, text, now, key=f"picture {document_id}")
            return _view(delegation, product)

    async def _find(self, session: AsyncSession, code: str, *, is_changed: bool = False) -> tuple[Delegation, Product]:
        query = select(Delegation).where(Delegation.code_hash == self._hash(code))
        if is_changed:
            query = query.with_for_update()
        delegation = (await session.scalars(query)).one_or_none()
        if delegation and _is_live(delegation, self._clock()):
            application = await session.get(Application, delegation.application_id)
            product = find_product(application.product) if application else None
            if application and product and application.stage in OPEN_STAGES:
                return delegation, product
        raise RequestError(404, "no_such_code", "帮办码不对，或者已经过期、被收回")

    def _hash(self, code: str) -> str:
        typed = "".join(letter for letter in code.upper() if letter.isalnum())
        return self._vault.digest(f"delegation {typed}")


async def find_checklist(session: AsyncSession, application_id: str) -> list[Paper] | None:
    """An application's papers as its helper left them; None if it has none, or its product is gone."""
    theirs = select(Delegation).where(Delegation.application_id == application_id)
    newest = await session.scalar(theirs.order_by(Delegation.created_at.desc()).limit(1))
    application = await session.get(Application, application_id)
    product = find_product(application.product) if application else None
    return make_checklist(product, _list_ready(newest)) if newest and product else None


def _require_paper(product: Product, paper: str) -> None:
    if paper not in list_papers(product):
        raise RequestError(422, "no_such_paper", "这笔申请不用这份材料")


def _mark(delegation: Delegation, paper: str, *, is_ready: bool) -> None:
    others = [name for name in _list_ready(delegation) if name != paper]
    delegation.ready = _BETWEEN.join([*others, paper] if is_ready else others)


def _list_ready(delegation: Delegation) -> list[str]:
    return delegation.ready.split(_BETWEEN)


def _view(delegation: Delegation, product: Product) -> Checklist:
    return Checklist(make_checklist(product, _list_ready(delegation)), delegation.expires_at)


def _is_live(delegation: Delegation, now: datetime) -> bool:
    return delegation.revoked_at is None and now < delegation.expires_at


async def _lock_of_customer(session: AsyncSession, conversation_id: str) -> list[Delegation]:
    theirs = Delegation.conversation_id.in_(await list_same_customer(session, conversation_id))
    query = select(Delegation).where(theirs).order_by(Delegation.created_at)
    return list(await session.scalars(query.with_for_update()))
