"""Reminds customers of the yearly review of their line, once each, in a conversation whose phone they verified."""

import logging
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from applications import existing
from conversations.notices import is_told, put_pushed_first, tell_customer
from core_banking.interface import CoreBanking, CustomerLoan
from kit.background import guard, repeat
from kit.clock import CHINA, Clock, read_clock, write_day
from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.security import hash_content
from kit.working_time import find_waking
from verification.repository import list_conversations_of_phone

log = logging.getLogger(__name__)

REMIND_BEFORE = timedelta(days=30)
TEXT = "您的{loan}（尾号{tail}）额度要在{day}前做年审。回复“年审”就能在这里办，材料拍照发来就行。"


class ReviewReminders:
    """Every desk process may run one: a customer is told the same once.

    Nothing is said at night, nor where the platform takes nothing now: then it is tried again. `core` is None where
    there is none.
    """

    def __init__(
        self, core: CoreBanking | None, database: Database, clock: Clock = read_clock, *, poll_seconds: float = 1800.0
    ) -> None:
        self._core = core
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.check, seconds=self._poll_seconds)

    async def check(self) -> None:
        """Reminds of what is due soon, in the daytime."""
        now = self._clock()
        if self._core is None or find_waking(now) > now:
            return
        today = now.astimezone(CHINA).date()
        try:
            due = await self._core.list_due_reviews(today + REMIND_BEFORE)
        except (ServiceUnavailable, ServiceRefused) as error:
            log.warning("which reviews are due is not known: %s", error)
            return
        for review in due:
            line = review.loan.line
            if line and line.review_on and line.review_on >= today:
                with guard(log, "a reminder of a yearly review failed"):
                    async with self._database.transaction() as session:
                        await _remind(session, review, line.review_on, now)


async def _remind(session: AsyncSession, review: CustomerLoan, day: date, now: datetime) -> None:
    """Tells it where it reaches the customer, the conversation verified last first, unless they know or are at it."""
    conversations = await list_conversations_of_phone(session, review.phone)
    if await existing.find_open(session, conversations, "review", review.loan.loan_id):
        return
    text = TEXT.format(loan=review.loan.product_name, tail=review.loan.tail, day=write_day(day))
    key = f"review:{hash_content([review.loan.loan_id, day.isoformat()])[:16]}"
    if await is_told(session, conversations, key):
        return
    for conversation_id in await put_pushed_first(session, conversations):
        if await tell_customer(session, conversation_id, text, now, key=key):
            return
