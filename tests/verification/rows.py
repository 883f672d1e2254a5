"""Rows of phones that customers were sent a code to."""

import uuid
from datetime import datetime

from verification.tables import PhoneVerification


def make_verification(conversation_id: str, phone: str, at: datetime, *, is_done: bool = True) -> PhoneVerification:
    """A number that was sent a code, which came back at once unless it did not."""
    return PhoneVerification(
        id=str(uuid.uuid4()),
        conversation_id=conversation_id,
        phone=phone,
        phone_key=phone,
        code_hash="",
        tries=1,
        sent_at=at,
        verified_at=at if is_done else None,
    )
