"""Sends codes to phones, and checks what comes back."""

import secrets
import uuid
from datetime import timedelta
from typing import Literal

from sqlalchemy import select

from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.security import is_same_secret
from kit.vault import Vault
from verification.repository import list_verified
from verification.sms import Sms
from verification.tables import PhoneVerification

SIGNATURE = "【青禾农商银行】"  # begins every text message, so that its reader sees whose it is
TEXT = SIGNATURE + "验证码{code}，5分钟内有效，只填在您自己打开的对话里。工作人员不会向您要这个码，请不要告诉任何人。"
CODE_TIME = timedelta(minutes=5)
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
        """Sends a code to a phone; an earlier one counts no more. ServiceUnavailable if none could be sent.

        The caller limits how many are sent (connectors/customer_limits.py).
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
                    return "wrong" if row.tries < TRIES_MAX else "over", row.phone
                row.verified_at = now
            return "verified", row.phone

    async def find_last(self, conversation_id: str) -> str | None:
        """The phone that the conversation's last code was sent to."""
        is_theirs = PhoneVerification.conversation_id == conversation_id
        newest = select(PhoneVerification.phone).where(is_theirs).order_by(PhoneVerification.sent_at.desc())
        rows = await self._database.fetch(newest.limit(1))
        return rows[0][0] if rows else None

    async def list_verified(self, conversation_id: str) -> frozenset[str]:
        """The phones to which a code was sent that came back from this conversation."""
        async with self._database.reading() as session:
            return (await list_verified(session, [conversation_id]))[conversation_id]

    def _hash(self, row_id: str, code: str) -> str:
        return self._vault.digest(f"{row_id} {code}")
