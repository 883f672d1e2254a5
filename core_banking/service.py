"""What customers see of their loans, and ask for: the core is asked at each turn, and only requests are stored."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from applications import existing
from applications.moves import CONFLICT
from applications.schemas import ManagedApplication
from applications.stages import ENDED_STAGES
from conversations.notices import tell_customer
from core_banking.interface import CoreBanking, CoreLoan, CoreRequest, LoanFacts, find_loans
from core_banking.renewal import check_renewal
from core_banking.schemas import LoanList, LoanRequestIn, LoanRequestView, LoanView
from core_banking.wishes import find_draw_obstacle, make_wish
from kit.background import guard
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from kit.vault import Vault
from kit.working_time import OfficeHours
from verification.repository import list_verified

log = logging.getLogger(__name__)

RequireConsents = Callable[[AsyncSession, str], Awaitable[None]]
ReadHours = Callable[[], Awaitable[OfficeHours]]
Announce = Callable[[AsyncSession, ManagedApplication], Awaitable[None]]
BATCH = 50
# So long the core is waited for, together less than the gateway waits for us (connectors/gateway.py): each takes the
# two tries of HttpCore. A phone more does not make it longer.
FIND_SECONDS, SEND_SECONDS = 2.3, 2.3
_NAMES = {"drawdown": "用款申请", "renewal": "续贷申请"}
_AWAY = ("core_away", "贷款系统现在连不上")
_NOT_THEIRS = ("no_such_loan", "没有找到这笔贷款")
REFUSED = "您的{what}（编号{number}）贷款系统没有受理：{reason}。已经转给客户经理。"


class Loans:
    """The loans in the core; `core` is None where there is none."""

    def __init__(
        self,
        core: CoreBanking | None,
        database: Database,
        vault: Vault,
        clock: Clock = read_clock,
        *,
        read_hours: ReadHours,
        require_consents: RequireConsents,
        announce_refusal: Announce,
        find_seconds: float = FIND_SECONDS,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        """`require_consents` raises RequestError 403 for a consent that is missing (see Applications).

        `announce_refusal` tells staff, in the same transaction, of what the core refused behind the customer's back.
        """
        self._core = core
        self._database = database
        self._vault = vault
        self._clock = clock
        self._read_hours = read_hours
        self._require_consents = require_consents
        self._announce_refusal = announce_refusal
        self._find_seconds = find_seconds
        self._send_seconds = send_seconds

    async def list_loans(self, conversation_id: str) -> LoanList:
        """The loans of the phones that the conversation verified. RequestError 503 while the core is away."""
        if self._core is None:
            return LoanList(is_offered=False)
        try:
            found = await self._find(self._core, conversation_id)
        except ServiceUnavailable as error:
            raise RequestError(503, *_AWAY) from error
        if found is None:
            return LoanList(is_offered=True)
        today = self._today()
        views = [_view(loan, self._name(conversation_id, loan), today) for _, loan in found]
        return LoanList(is_offered=True, is_verified=True, loans=views)

    async def request(self, ref: str, wanted: LoanRequestIn, key: str) -> LoanRequestView:
        """Stores what the customer confirmed, once for each key, and asks the core for it.

        What is stored under the key is answered whatever became of the loan since. A request that the core could not be
        asked for is asked for later (`send_waiting`). RequestError 404 for a loan that is not theirs, 409 for what
        cannot be (`above_line`, `no_line`, a code of RenewalCheck, `not_online`, `already_applied`), and `core_away`
        where nothing was stored since the core is.
        """
        async with self._database.reading() as session:
            stored = await existing.find(session, key)
        if stored is None:
            stored = await self._store(ref, wanted, key)
        elif stored.conversation_id != wanted.conversation_id:
            raise RequestError(404, *_NOT_THEIRS)
        return await self._send(stored)

    async def _store(self, ref: str, wanted: LoanRequestIn, key: str) -> ManagedApplication:
        try:
            found = await self._find(self._core, wanted.conversation_id) if self._core else None
        except ServiceUnavailable as error:
            raise RequestError(409, *_AWAY) from error
        theirs = ((phone, loan) for phone, loan in found or [] if self._name(wanted.conversation_id, loan) == ref)
        if (named := next(theirs, None)) is None:
            raise RequestError(404, *_NOT_THEIRS)
        phone, loan = named
        hours, now = await self._read_hours(), self._clock()
        async with self._database.transaction() as session:
            await self._require_consents(session, wanted.conversation_id)
            wish = make_wish(loan, phone, wanted, self._today())
            return await existing.store(session, wish, key, now=now, hours=hours)

    async def send_waiting(self) -> None:
        """Asks the core for what it could not be asked for when the customer confirmed it; a failure stops no other."""
        if self._core is None:
            return
        async with self._database.reading() as session:
            waiting = await existing.list_to_send(session, BATCH)
        for application in waiting:
            with guard(log, "the core could not be asked for %s", application.number):
                await self._send(application, is_late=True)

    async def _send(self, application: ManagedApplication, *, is_late: bool = False) -> LoanRequestView:
        """Asks the core, unless it was asked or the application is over. `is_late`: the customer waits no more."""
        number = application.number
        view = LoanRequestView(number=number, due_at=application.due_at)
        async with self._database.reading() as session:
            state, stage = await existing.read_state(session, application.id)
        if state != "to_send":
            reason = str((application.loan or {}).get("refused", ""))
            return view.model_copy(update={"core": state or "", "reason": reason})
        if stage in ENDED_STAGES:
            return view
        if self._core is None:
            return view.model_copy(update={"core": "waiting"})
        try:
            wanted = CoreRequest.model_validate({**(application.loan or {})["request"], "number": number})
            async with asyncio.timeout(self._send_seconds):
                receipt = await self._core.request(wanted, key=number)
        except (ServiceUnavailable, TimeoutError) as error:
            log.warning("the core is not asked for %s yet: %s", number, error)
            return view.model_copy(update={"core": "waiting"})
        except ServiceRefused as refused:
            if refused.code == CONFLICT:  # our fault: its account manager has it, and nobody was refused
                log.error("the core knows %s with another content", number)
                return view
            await self._note_refusal(application, refused.reason, is_late=is_late)
            return view.model_copy(update={"core": "refused", "reason": refused.reason})
        async with self._database.transaction() as session:
            await existing.note_answer(session, application.id, "sent", reference=receipt.reference)
        return view.model_copy(update={"core": "sent"})

    async def _note_refusal(self, application: ManagedApplication, reason: str, *, is_late: bool) -> None:
        """Notes it; a late one is told, at night too: they asked for it, and may count on the money."""
        async with self._database.transaction() as session:
            noted = await existing.note_answer(session, application.id, "refused", refused=reason)
            if noted is None or not is_late:
                return
            what, number = _NAMES[noted.kind], noted.number
            text = REFUSED.format(what=what, number=number, reason=reason.rstrip("。"))
            await tell_customer(session, noted.conversation_id, text, self._clock(), key=f"core:{number}")
            await self._announce_refusal(session, noted)

    async def _find(self, core: CoreBanking, conversation_id: str) -> list[tuple[str, CoreLoan]] | None:
        """The loans, each once with a phone of its customer; None without a verified phone. ServiceUnavailable."""
        async with self._database.reading() as session:
            phones = (await list_verified(session, [conversation_id]))[conversation_id]
        if not phones:
            return None
        found: dict[str, tuple[str, CoreLoan]] = {}
        try:
            async with asyncio.timeout(self._find_seconds):
                async for each in find_loans(core, phones):
                    found.setdefault(each.loan.loan_id, (each.phone, each.loan))
        except (ServiceUnavailable, ServiceRefused, TimeoutError) as error:
            log.warning("the core's loans are not to be had: %s", error)
            raise ServiceUnavailable("the core's loans are not to be had") from error
        return list(found.values())

    def _name(self, conversation_id: str, loan: CoreLoan) -> str:
        return self._vault.digest(f"loan {conversation_id} {loan.loan_id}")[:16]

    def _today(self) -> date:
        return self._clock().astimezone(CHINA).date()


def _view(loan: CoreLoan, ref: str, today: date) -> LoanView:
    facts = loan.model_dump(include=set(LoanFacts.model_fields))
    found = {"renewal": check_renewal(loan, today), "draw_obstacle": find_draw_obstacle(loan, today)}
    return LoanView.model_validate({**facts, "ref": ref, **found})
