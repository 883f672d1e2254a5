"""What a customer may do about the data of their conversation; one method, one act, done once for a key."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from applications.client import ApplicationsClient
from conversations.agreements import record_consent
from conversations.office_calendar import OfficeCalendar
from conversations.schemas import ConsentGiven
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError, ServiceRefused
from privacy import ledger
from privacy.purposes import CREDIT_INQUIRY
from privacy.rights import copies
from privacy.rights.erasure import erase
from privacy.rights.export import collect, write_page
from privacy.rights.requests import add_request
from privacy.rights.summary import DataSummary, is_held, lock_conversation, summarise
from privacy.rights.withdrawal import (
    ENDING,
    REMEMBERED,
    add_up,
    allow_credit_inquiry,
    list_ended,
    withdraw_consents,
)
from privacy.schemas import RequestKind, RequestView
from verification.repository import list_same_customer

# Within which a request is answered (个人信息保护法 art. 50 says: in time).
REQUEST_DAYS = 15
HELD = "legal_hold"

Forget = Callable[[str], Awaitable[None]]


async def erase_conversation(
    database: Database,
    forget: Forget,
    conversation_id: str,
    *,
    key: str | None = None,
    clock: Clock = read_clock,
    before: Callable[[], Awaitable[None]] | None = None,
    staff_id: str | None = None,
    by: str = "",
) -> dict[str, Any]:
    """Erases what may go of a conversation, once for a key; the record in the ledger is the proof.

    `before` is done first, unless a legal hold forbids it all (RequestError 409 `legal_hold`). `staff_id` or `by` is
    who did it for the customer. Raises ServiceUnavailable before anything is erased.
    """
    async with database.reading() as session:
        if key and (done := await ledger.find_record(session, key)):
            return {**done.details, "receipt": done.id}
        await _refuse_held(session, (await summarise(session, conversation_id, clock())).customer_id)
    if before:
        await before()
    await forget(conversation_id)
    now = clock()
    async with database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        former, channel = conversation.customer_id, conversation.channel
        await _refuse_held(session, former)  # somebody may have put one on meanwhile
        counts = await erase(session, conversation, now)
        details = {**counts, "by": by} if by else counts
        receipt = await ledger.record(
            session, now, "erased", former, channel=channel, staff_id=staff_id, key=key, details=details
        )
    return {**counts, "receipt": receipt}


async def _refuse_held(session: AsyncSession, customer_id: str) -> None:
    if await is_held(session, customer_id):
        raise RequestError(409, HELD, "这位客户有法定保留，依法暂时不能删除")


class Rights:
    """Acts of customers on what their own conversation holds. Uses the database directly.

    `forget` makes the dialogue's own store forget a conversation; `applications` withdraws applications. Both raise
    ServiceUnavailable before anything is erased, so that nothing is half done.
    """

    def __init__(
        self,
        database: Database,
        calendar: OfficeCalendar,
        forget: Forget,
        applications: ApplicationsClient,
        clock: Clock = read_clock,
    ) -> None:
        self._database = database
        self._calendar = calendar
        self._forget = forget
        self._applications = applications
        self._clock = clock

    async def summarise(self, conversation_id: str) -> DataSummary:
        """What the conversation holds."""
        async with self._database.reading() as session:
            return await summarise(session, conversation_id, self._clock())

    async def erase(self, conversation_id: str, key: str, *, withdraws: bool = False) -> dict[str, Any]:
        """Erases what may go, and gives how much; the record's `receipt` is its number in the ledger.

        `withdraws`: applications that may be withdrawn are, first. RequestError 409 `legal_hold`.
        """
        before = partial(self._withdraw_applications, conversation_id) if withdraws else None
        return await erase_conversation(
            self._database, self._forget, conversation_id, key=key, clock=self._clock, before=before
        )

    async def record_consents(self, conversation_id: str, message_id: int, given: Sequence[ConsentGiven]) -> None:
        """Records what a message agreed to, once, before anything is done with it."""
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            for consent in given:
                await record_consent(session, conversation, consent, message_id, self._clock())
                if consent.purpose == CREDIT_INQUIRY:
                    await allow_credit_inquiry(session, conversation_id)

    async def withdraw_consents(
        self, conversation_id: str, key: str, *, purpose: str | None = None, claim: str = ""
    ) -> dict[str, Any]:
        """Withdraws the consent to a purpose, or all, in each conversation that is known to be the same customer's.

        Gives what became of what rests on them (privacy/rights/withdrawal.py); `due_at`: when staff have ended
        what they work on, as the customer `claim`s, else None; `others`: how many other conversations had any.
        """
        ended = list_ended(purpose)
        async with self._database.reading() as session:
            others = sorted(await list_same_customer(session, conversation_id) - {conversation_id})
        for each in (conversation_id, *others):
            if ended & ENDING:
                await self._withdraw_applications(each)
            if ended & REMEMBERED and not (await self.summarise(each)).is_held:
                await self._forget(each)
        done: list[dict[str, Any]] = []
        for each in (conversation_id, *others):
            async with self._database.transaction() as session:
                conversation = await lock_conversation(session, each)
                done.append(await withdraw_consents(session, conversation, self._clock(), key=key, purpose=purpose))
        due_at = None
        for each, part in zip((conversation_id, *others), done, strict=True):
            if part["worked_on"]:
                due_at = (await self.request(each, "withdrawal", claim, f"{each}/{key}")).due_at
        return {**add_up(done), "due_at": due_at, "others": sum(bool(part["purposes"]) for part in done[1:])}

    async def summarise_everywhere(self, conversation_id: str) -> DataSummary:
        """What the conversation holds, with the purposes and applications of the same customer's others."""
        async with self._database.reading() as session:
            others = sorted(await list_same_customer(session, conversation_id) - {conversation_id})
            now = self._clock()
            summary, *rest = [await summarise(session, each, now) for each in (conversation_id, *others)]
        purposes = dict.fromkeys(purpose for each in (summary, *rest) for purpose in each.purposes)
        applications = [application for each in (summary, *rest) for application in each.applications]
        return summary.model_copy(update={"purposes": list(purposes), "applications": applications})

    async def request(self, conversation_id: str, kind: RequestKind, claim: str, key: str) -> RequestView:
        """Leaves it to staff; they answer by `due_at`."""
        now, hours = self._clock(), await self._calendar.read_hours()
        due_at = hours.add(now, hours.length * REQUEST_DAYS)
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            return await add_request(session, conversation, kind, claim, key=key, now=now, due_at=due_at)

    async def is_done(self, key: str) -> bool:
        """Whether the act with this key was done."""
        async with self._database.reading() as session:
            return await ledger.find_record(session, key) is not None

    async def offer_copy(self, conversation_id: str) -> None:
        """One copy may be fetched within a quarter of an hour."""
        async with self._database.transaction() as session:
            await copies.offer_copy(session, conversation_id, self._clock())

    async def fetch_copy(self, conversation_id: str, draft: dict[str, Any]) -> str:
        """The copy as an HTML page. RequestError 410 if none was offered, or it was used up or is too old."""
        now = self._clock()
        async with self._database.transaction() as session:
            await copies.use_copy(session, conversation_id, now)
            return await self._write_copy(session, conversation_id, draft, now)

    async def has_agreed(self, conversation_id: str, purpose: str) -> bool:
        """Whether the customer's consent to a purpose stands."""
        async with self._database.reading() as session:
            return purpose in (await summarise(session, conversation_id, self._clock())).purposes

    async def _write_copy(
        self, session: AsyncSession, conversation_id: str, draft: dict[str, Any], now: datetime
    ) -> str:
        sections = await collect(session, conversation_id, now, draft)
        conversation = await lock_conversation(session, conversation_id)
        counts = {title: len(rows) for title, rows in sections.items()}
        await ledger.record(
            session, now, "exported", conversation.customer_id, channel=conversation.channel, details={"rows": counts}
        )
        return write_page(sections, now)

    async def _withdraw_applications(self, conversation_id: str) -> None:
        for application in (await self.summarise(conversation_id)).list_standing("withdrawable"):
            # Refused: staff have just begun to work on it, and the summary read next says so.
            with suppress(ServiceRefused):
                await self._applications.withdraw(
                    conversation_id, application.number, idempotency_key=f"privacy/{application.id}"
                )
