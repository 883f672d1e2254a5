"""Sends notices to applicants: in the conversation, else by SMS or WeChat template, else as a task of their manager."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta

from applications.notices import LEASED, DueNotice, claim_due, has_due
from applications.stages import REVIEWED_STAGES, STAGE_NAMES, load_process
from applications.wording import describe_standing, name_party, write_application_notice, write_news, write_short_notice
from conversations.notices import find_user, tell_customer
from conversations.office_calendar import OfficeCalendar
from desk import staff_repository
from desk.accounts import Accounts
from desk.items import name_items
from desk.notifications import notifier
from desk.reviews import assign_reviewer
from desk.wechat_template import WeChatTemplate
from desk.wording import describe_application, name_application
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.outbox import SendError, compute_pause
from kit.working_time import OfficeHours, describe_moment
from verification.repository import list_verified
from verification.service import SIGNATURE
from verification.sms import Sms

log = logging.getLogger(__name__)

BATCH = 5  # at once: each takes a connection, of which others need some
LEASE_TIME = timedelta(seconds=60)
ATTEMPTS_MAX = 4  # of sending a text message; then somebody has to call
PAUSE_SECONDS = 30.0
PATH = "/customers"


class NoticeSender:
    """Every desk process may run one; `sms` and `template` are None where they are not set up.

    A notice is said in a conversation exactly once. A text message is sent again when it is not known whether it was
    taken, under the same key, and only to a number that is known to be the customer's.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        calendar: OfficeCalendar,
        sms: Sms | None = None,
        template: WeChatTemplate | None = None,
        clock: Clock = read_clock,
        *,
        poll_seconds: float = 3.0,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._calendar = calendar
        self._sms = sms
        self._template = template
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Sends what is due until cancelled."""
        await repeat(self.send_due, seconds=self._poll_seconds)

    async def send_due(self) -> None:
        """Sends what is due now."""
        while notices := await self._claim():
            await asyncio.gather(*(self._try(notice) for notice in notices))

    async def _claim(self) -> list[DueNotice]:
        now = self._clock()
        async with self._database.reading() as session:
            if not await has_due(session, now):
                return []
        async with self._database.transaction() as session:
            return await claim_due(session, now, now + LEASE_TIME, BATCH)

    async def _try(self, notice: DueNotice) -> None:
        try:
            await self._send(notice)
        except Exception:  # its lease ends, and it is tried again
            log.exception("notice %d could not be sent", notice.id)
            if notice.attempt >= ATTEMPTS_MAX:
                await self._make_task(notice, "系统故障")

    async def _send(self, notice: DueNotice) -> None:
        notice = await self._name_reviewer(notice)
        application, now = notice.application, self._clock()
        hours = await self._calendar.read_hours()
        async with self._database.transaction() as session:
            if not await LEASED.change(session, notice.id, notice.attempt, problem=None):
                return  # another process has it
            if notice.is_over:
                await LEASED.change(session, notice.id, notice.attempt, state="over")
                return
            responsible = application.responsible_id or ""
            names = await staff_repository.list_names(session, [responsible])
            text = _write(notice, names.get(responsible, ""), now, hours)
            told = await tell_customer(session, application.conversation_id, text, now, key=f"notice:{notice.id}")
            if told == "pushed":
                await LEASED.change(session, notice.id, notice.attempt, state="said")
                return
            verified = (await list_verified(session, [application.conversation_id]))[application.conversation_id]
            follower = await find_user(session, application.conversation_id, "wechat")
        sms, template, key = self._sms, self._template, f"notice:{notice.id}"
        if sms and application.phone in verified:
            words = SIGNATURE + write_short_notice(notice.kind, application.number, notice.step.stage)
            await self._send_by("sms", notice, sms.send(application.phone, words, key=key))
        elif template and follower:
            news = write_news(notice.kind, notice.step.stage)
            await self._send_by("template", notice, template.send(follower, application.number, news, key=key))
        elif told and not _is_urgent(notice):
            await self._change(notice, state="said")
        else:
            await self._make_task(notice, "平台现在发不出去")

    async def _name_reviewer(self, notice: DueNotice) -> DueNotice:
        """The core and the customer move applications too, and the customer is to hear who reviews theirs."""
        if notice.application.stage not in REVIEWED_STAGES:
            return notice
        async with self._database.transaction() as session:
            return notice._replace(application=await assign_reviewer(session, notice.application, self._clock))

    async def _send_by(self, way: str, notice: DueNotice, sending: Awaitable[None]) -> None:
        """Sends it another way; what is refused, or fails too often, is somebody's task."""
        try:
            await sending
        except ServiceRefused:
            await self._make_task(notice, "短信平台没有接收")
        except ServiceUnavailable:
            await self._postpone(notice, "短信暂时发不出去")
        except SendError as error:
            if error.kind == "retry":
                await self._postpone(notice, error.reason)
            else:
                await self._make_task(notice, error.reason)
        else:
            await self._change(notice, state=way, problem=None)

    async def _postpone(self, notice: DueNotice, problem: str) -> None:
        if notice.attempt >= ATTEMPTS_MAX:
            await self._make_task(notice, problem)
            return
        seconds = compute_pause(notice.attempt, first_seconds=PAUSE_SECONDS, factor=4, seconds_max=3600)
        await self._change(notice, due_at=self._clock() + timedelta(seconds=seconds), problem=problem)

    async def _make_task(self, notice: DueNotice, problem: str) -> None:
        """The account manager is to call, or whoever finds them one."""
        application, now = notice.application, self._clock()
        staff = [member for member in await self._accounts.list_staff() if member.is_active]
        told = [member.id for member in staff if member.id == application.manager_id]
        told = told or [member.id for member in staff if member.role == "supervisor"]
        text = f"请电话告知客户\n{describe_application(application)}：{STAGE_NAMES[application.stage]}"
        async with self._database.transaction() as session:
            if await LEASED.change(session, notice.id, notice.attempt, state="task", problem=problem):
                for member in told:
                    await notifier.add(session, member, f"notice:{notice.id}:{member}", text, PATH, now=now)

    async def _change(self, notice: DueNotice, **values: object) -> None:
        async with self._database.transaction() as session:
            await LEASED.change(session, notice.id, notice.attempt, **values)


def _is_urgent(notice: DueNotice) -> bool:
    """Whether the customer has to act, or it is over: who closed the page must be told all the same."""
    return notice.kind != "step" or load_process().stages[notice.step.stage].who in ("customer", None)


def _write(notice: DueNotice, responsible: str, now: datetime, hours: OfficeHours) -> str:
    step, application = notice.step, notice.application
    labels = name_items(step.items)
    standing = describe_standing(step.stage, step.reason_class, step.reason, labels, responsible, step.due_at, now)
    due = describe_moment(hours.add(now, hours.length), now)
    who = name_party(step.stage, responsible)
    return write_application_notice(
        notice.kind, name_application(application), application.number, step.stage, standing, who, due
    )
