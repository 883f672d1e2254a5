"""Sends codes to phones, and checks what comes back."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from kit.security import is_same_secret
from kit.vault import Vault
from verification.repository import list_verified
from verification.sms import Sms
from verification.tables import PhoneVerification

TEXT = "【青禾农商银行】验证码{code}，5分钟内有效。工作人员不会向您要这个码，请不要告诉任何人。"
CODE_TIME = timedelta(minutes=5)
PAUSE = timedelta(seconds=60)  # between two codes to a phone
DAY = timedelta(days=1)
CODES_A_DAY = 5  # to a phone, and for a conversation to all phones
TRIES_MAX = 5  # of a million codes

Checked = Literal["verified", "wrong", "over"]


class Verification:
    """The codes in the database."""

    def __init__(self, database: Database, vault: Vault, sms: Sms, clock: Clock = read_clock) -> None:
        self._database = database
        self._vault = vault
        self._sms = sms
        self._clock = clock

    async def send_code(self, conversation_id: str, phone: str) -> None:
        """Sends a code to a phone; an earlier one counts no more.

        RequestError 429 if too many were sent, with what the customer may do; ServiceUnavailable if none could be sent.
        """
        now, code = self._clock(), f"{secrets.randbelow(10**6):06}"
        row = PhoneVerification(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            phone=phone,
            phone_key=phone,
            code_hash="",
            sent_at=now,
        )
        row.code_hash = self._hash(row.id, code)
        async with self._database.transaction() as session:
            await self._require_room(session, conversation_id, phone, now)
            session.add(row)
        try:
            await self._sms.send(phone, TEXT.format(code=code), key=row.id)
        except (ServiceUnavailable, ServiceRefused) as error:
            async with self._database.transaction() as session:
                await session.delete(await session.get_one(PhoneVerification, row.id))
            raise ServiceUnavailable(f"no code was sent: {error}") from error

    async def check_code(self, conversation_id: str, code: str) -> tuple[Checked, str]:
        """What a typed code is worth, and the phone it went to; `over`: too late, tried too often, or never sent."""
        now = self._clock()
        newest = select(PhoneVerification).where(PhoneVerification.conversation_id == conversation_id)
        async with self._database.transaction() as session:
            row = (
                await session.scalars(newest.order_by(PhoneVerification.sent_at.desc()).limit(1).with_for_update())
            ).one_or_none()
            if row is None:
                return "over", ""
            if row.verified_at is None:
                if now - row.sent_at > CODE_TIME or row.tries >= TRIES_MAX:
                    return "over", row.phone
                row.tries += 1
                if not is_same_secret(self._hash(row.id, code), row.code_hash):
                    return "wrong", row.phone
                row.verified_at = now
            return "verified", row.phone

    async def is_verified(self, conversation_id: str, phone: str) -> bool:
        """Whether a code that was sent to the phone came back from this conversation."""
        async with self._database.reading() as session:
            return phone in (await list_verified(session, [conversation_id]))[conversation_id]

    def _hash(self, row_id: str, code: str) -> str:
        return self._vault.digest(f"{row_id} {code}")

    async def _require_room(self, session: AsyncSession, conversation_id: str, phone: str, now: datetime) -> None:
        to_phone = PhoneVerification.phone_key == phone
        newest = await session.scalar(select(func.max(PhoneVerification.sent_at)).where(to_phone))
        if newest and now - newest < PAUSE:
            raise RequestError(429, "too_soon", "刚刚发过一条短信，请等一分钟再重发")
        for theirs in (to_phone, PhoneVerification.conversation_id == conversation_id):
            sent = await session.scalar(select(func.count()).where(theirs, PhoneVerification.sent_at > now - DAY))
            if (sent or 0) >= CODES_A_DAY:
                raise RequestError(429, "too_many_codes", "今天发的验证码太多了，请明天再试，或转人工")
