"""Runs the rules over all open cases once a day, by one of the processes that try."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from early_warning import repository, sources
from early_warning.case import Case, CaseKind
from early_warning.repository import FoundWarning
from early_warning.rule_book import RuleText, load_rules
from early_warning.rules import RULES, Finding, Values
from early_warning.schemas import NewWarnings
from early_warning.sources import People
from kit.background import repeat
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.encrypted import read_vault
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.pubsub import Signal, publish

log = logging.getLogger(__name__)

SUBJECT = "early_warnings"  # of the signals
NOT_BEFORE = 5  # o'clock in China: before the account managers begin
POLL_SECONDS = 300.0
# A process that has written nothing for that long is stalled, and another begins anew.
LEASE = timedelta(minutes=10)
CASES_AT_ONCE = 200
# What was said longer ago is compared with nothing.
HISTORY = timedelta(days=365)

ListLoans = Callable[[], Awaitable[Sequence[Case]]]
"""The open loans and lines, without what others said and with no contact later than what the loans' own record says.

ServiceUnavailable or ServiceRefused when the bank's core does not say: their warnings stay as they were.
"""
Announce = Callable[[AsyncSession, Sequence[NewWarnings], datetime], Awaitable[None]]
"""Tells staff what the day has raised, in the run's last transaction."""


async def list_no_loans() -> Sequence[Case]:
    """Without a core banking system there are none."""
    return ()


async def tell_nobody(session: AsyncSession, raised: Sequence[NewWarnings], now: datetime) -> None:
    """Staff find new warnings on their page only."""


class EarlyWarningWorker:
    """Every desk process may have one. What a killed run had kept stays, and the next one goes over it again."""

    def __init__(
        self,
        database: Database,
        clock: Clock = read_clock,
        *,
        list_loans: ListLoans = list_no_loans,
        announce: Announce = tell_nobody,
        rules: Mapping[str, RuleText] | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._list_loans = list_loans
        self._announce = announce
        self._rules = load_rules() if rules is None else rules
        self._poll_seconds = poll_seconds
        self._digest = read_vault(database.engine.dialect).digest

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.look, seconds=self._poll_seconds)

    async def look(self) -> None:
        """Does today's run if its hour has come, it was not done, and nobody else is at it."""
        now = self._clock()
        if now.astimezone(CHINA).hour < NOT_BEFORE:
            return
        day = now.astimezone(CHINA).date()
        async with self._database.transaction() as session:
            is_claimed = await repository.claim_run(session, day, now, now + LEASE)
        if is_claimed:
            await self._check_all(day, now)

    async def _check_all(self, day: date, now: datetime) -> None:
        cases, people = await self._read_applications(now)
        loans = await self._read_loans()
        cases += loans or ()
        findings = 0
        failed: set[str] = set()
        for start in range(0, len(cases), CASES_AT_ONCE):
            found = await self._check(cases[start : start + CASES_AT_ONCE], people, day, now, failed)
            findings += len(found)
            async with self._database.transaction() as session:
                if not await repository.renew_run(session, day, now, self._clock() + LEASE):
                    log.warning("another process has taken over the early warnings of %s", day)
                    return
                await repository.keep_warnings(session, found, now)
        async with self._database.transaction() as session:
            ended = self._clock()
            if await repository.renew_run(session, day, now, ended):
                kinds: tuple[CaseKind, ...] = ("application",) if loans is None else ("application", "loan")
                await repository.mark_gone(session, now, kinds, unknown=failed)
                await repository.finish_run(session, day, ended, cases=len(cases), findings=findings)
                raised = await repository.count_raised(session, datetime.combine(day, time.min, CHINA))
                await self._announce(session, raised, now)
                await publish(session, Signal(SUBJECT, "checked"))
        log.info("early warnings of %s: %d cases, %d findings", day, len(cases), findings)

    async def _read_loans(self) -> Sequence[Case] | None:
        """None when they are not to be had."""
        try:
            return await self._list_loans()
        except (ServiceUnavailable, ServiceRefused) as error:
            log.warning("no loans are checked today: %s", error)
            return None

    async def _read_applications(self, now: datetime) -> tuple[list[Case], People]:
        """All open ones, and what everybody said in the last year, read in pages."""
        cases, people, since = [], People(), now - HISTORY
        after, is_more = "", True
        while is_more:
            async with self._database.reading() as session:
                page = await sources.list_applications(session, since, after)
            for each in page:
                people.add(each.told, each.keys)
            cases += [each.case for each in page if each.case]
            after, is_more = page[-1].told.id if page else "", len(page) == sources.PAGE
        after, is_more = "", True
        while is_more:
            async with self._database.reading() as session:
                checks = await sources.list_quota_checks(session, since, after)
            for conversation_id, told in checks:
                people.add(told, [conversation_id])
            after, is_more = checks[-1][1].id if checks else "", len(checks) == sources.PAGE
        return cases, people

    async def _check(
        self, cases: Sequence[Case], people: People, day: date, now: datetime, failed: set[str]
    ) -> list[FoundWarning]:
        async with self._database.reading() as session:
            contacts = await sources.list_contacts(session, {each.conversation_id for each in cases}, now)
        whole = [_complete(each, people, contacts) for each in cases]
        found: list[FoundWarning] = []
        for code, rule in self._rules.items():
            mode = rule.find_mode(day)
            if mode != "stopped" and code not in failed:
                try:
                    found += self._apply(code, rule.read_values(day), whole, now, is_shadow=mode == "shadow")
                except Exception:  # a rule on trial must not take the others with it
                    log.exception("the rule %s failed; what it had found before stays", code)
                    failed.add(code)
        return found

    def _apply(
        self, code: str, values: Values, cases: Sequence[Case], now: datetime, *, is_shadow: bool
    ) -> list[FoundWarning]:
        found = [(each, RULES[code].check(each, values, now)) for each in cases]
        return [
            FoundWarning(
                each, code, _explain(each, finding), self._digest(json.dumps([code, *finding.facts])), is_shadow
            )
            for each, finding in found
            if finding
        ]


def _explain(case: Case, finding: Finding) -> str:
    return f"{case.title}：{finding.reason}" if case.title else finding.reason


def _complete(case: Case, people: People, contacts: Mapping[str, datetime]) -> Case:
    contact = max(case.last_contact_at, contacts.get(case.conversation_id, case.last_contact_at))
    return replace(case, others=people.list_others(case), last_contact_at=contact)
