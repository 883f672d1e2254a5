"""Watches promises to applicants: alerts whoever is late, tells the customer before they ask, ends what waits."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from applications import promises
from applications.moves import move
from applications.notices import add_notice
from applications.schemas import ManagedApplication, Move
from applications.stages import STAGE_NAMES, load_process
from conversations.office_calendar import OfficeCalendar
from desk.accounts import Accounts
from desk.notifications import notifier
from desk.schemas import StaffView
from desk.wording import describe_application, format_time
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import OfficeHours

log = logging.getLogger(__name__)

BATCH = 200
PATH = "/customers"


class PromiseClock:
    """Every desk process may run one: each alert, reminder and end happens once.

    Late at the bank: at once the account manager, or the reviewer, is alerted and the customer told; a working day
    later, and each one after, the supervisors are. Late at the customer's: one reminder, then the application expires.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        calendar: OfficeCalendar,
        clock: Clock = read_clock,
        *,
        poll_seconds: float = 30.0,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._calendar = calendar
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.check, seconds=self._poll_seconds)

    async def check(self) -> None:
        """Does what is due now."""
        now = self._clock()
        async with self._database.reading() as session:
            late = await promises.list_to_check(session, now, BATCH)
        if not late:
            return
        hours = await self._calendar.read_hours()
        active = {member.id: member for member in await self._accounts.list_staff() if member.is_active}
        for application in late:
            try:
                async with self._database.transaction() as session:
                    await self._act(session, application, active, now, hours)
            except RequestError as error:  # somebody moved it at the same moment
                log.info("application %s was not checked: %s", application.id, error.code)
            except Exception:  # it is tried again and must not hold up the others
                log.exception("application %s could not be checked", application.id)

    async def _act(
        self,
        session: AsyncSession,
        application: ManagedApplication,
        active: Mapping[str, StaffView],
        now: datetime,
        hours: OfficeHours,
    ) -> None:
        rule = load_process().stages[application.stage]
        next_day = hours.add(now, hours.length)
        if rule.who != "customer":
            step_id = await promises.take_alert(session, application, next_day)
            if step_id is not None:
                await _alert(session, application, step_id, active, now)
        elif application.alerts == 0:
            # After a standstill of ours they still get the time to act.
            step_id = await promises.take_alert(session, application, max(application.due_at or next_day, next_day))
            if step_id is not None:
                await add_notice(session, step_id, "remind", now)
        elif rule.ends_in:
            change = Move(expected=application.stage, stage=rule.ends_in, reason_class="no_answer")
            await move(session, application.id, change, ("clock",), now=now, hours=hours)


async def _alert(
    session: AsyncSession,
    application: ManagedApplication,
    step_id: int,
    active: Mapping[str, StaffView],
    now: datetime,
) -> None:
    rule = load_process().stages[application.stage]
    supervisors = [member.id for member in active.values() if member.role == "supervisor"]
    # What the core is late with, the account manager sees to.
    able = [each for each in (application.responsible_id, application.manager_id) if each in active][:1]
    is_unreviewed = rule.who == "credit_department" and application.responsible_id not in able
    is_escalated = application.alerts > 0 or not able or is_unreviewed
    due = format_time(application.due_at or now, now)
    text = f"{'申请超期还没办' if application.alerts else '申请超期了'}\n{describe_application(application)}，"
    text += f"{STAGE_NAMES[application.stage]}：应在{due}前{rule.do.replace('您', '客户')}"
    for member in _list_once([*able, *(supervisors if is_escalated else [])]):
        key = f"late:{step_id}:{application.alerts}:{member}"
        await notifier.add(session, member, key, text, PATH, now=now)
    if application.alerts == 0:
        await add_notice(session, step_id, "late", now)


def _list_once(members: Sequence[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, members)))
