"""Phones that are known to be a customer's: by the code that was sent, or since before."""

import json
import re
from pathlib import Path

from sqlalchemy import select

from conversations.tables import Conversation
from dev.stack import Stack
from kit.clock import read_clock
from kit.security import hash_token
from tests.end_to_end.customer import Customer
from tests.verification.rows import make_verification


def read_code(sms_file: Path, phone: str) -> str:
    """The last code that was sent to a phone."""
    texts = [json.loads(line) for line in sms_file.read_text(encoding="utf-8").splitlines()]
    code = re.search("[0-9]{6}", [each["text"] for each in texts if each["phone"] == phone][-1])
    assert code
    return code[0]


async def verify_before(stack: Stack, customer: Customer, phone: str) -> None:
    """As if it had been long ago: a phone gets one code a minute."""
    database = stack.open_database()
    async with database.transaction() as session:
        query = select(Conversation.id).where(Conversation.customer.has(channel_user_id=hash_token(customer.token)))
        conversation_id = (await session.scalars(query)).one()
        session.add(make_verification(conversation_id, phone, read_clock()))
    await database.close()
