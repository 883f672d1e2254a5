"""Customers' requests about their data: supervisors and admins see, answer and carry them out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from applications.repository import (
    correct,
    get_application,
    list_of_conversations,
    list_without_credit_inquiry,
)
from applications.schemas import ManagedApplication
from applications.stages import OPEN_STAGES
from desk.accounts import Accounts
from desk.audit import hash_value, list_changes, record
from desk.notifications import notifier
from desk.roles import may, require
from desk.schemas import StaffView
from desk.wording import format_time, name_customer
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from privacy.rights.requests import (
    decide_request,
    list_requests,
    lock_open_request,
    read_answer,
    read_copy,
    record_identity,
    require_identity,
)
from privacy.rights.service import Forget, erase_conversation
from privacy.rights.summary import summarise
from privacy.rights.wording import tell_gone, tell_kept, tell_untouched
from privacy.schemas import IDENTITY_NAMES, REQUEST_NAMES, Identity, RequestState, RequestView

FORBIDDEN = "您的角色不能处理客户的个人信息请求"
PATH = "/data-requests"
CUSTOMERS_PATH = "/customers"
SHOWN_MAX = 200


class DataRequests:
    """Each act with its audit record in one transaction. RequestError 403 without permission.

    `forget` makes the dialogue's own store forget a conversation.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        forget: Forget,
        clock: Clock = read_clock,
        *,
        poll_seconds: float = 30.0,
    ) -> None:
        self._database = database
        self._forget = forget
        self._accounts = accounts
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def list_all(self, staff: StaffView, state: RequestState | None = None) -> list[RequestView]:
        """Open ones first, by their deadline."""
        require(staff.role, "data_requests", FORBIDDEN)
        async with self._database.reading() as session:
            return await list_requests(session, state, SHOWN_MAX)

    async def list_applications(self, staff: StaffView, request: RequestView) -> Sequence[ManagedApplication]:
        """The applications that a correction may be about, the newest first."""
        require(staff.role, "data_requests", FORBIDDEN)
        async with self._database.reading() as session:
            return await list_of_conversations(session, [request.conversation_id])

    async def record_identity(self, staff: StaffView, request: RequestView, identity: Identity) -> None:
        """Staff made sure who asks. RequestError 404, 409 or 422."""
        require(staff.role, "data_requests", FORBIDDEN)
        if identity not in IDENTITY_NAMES:
            raise RequestError(422, "no_identity", "请选择是怎样核实的")
        async with self._database.transaction() as session:
            await record_identity(session, request.id, identity)
            await record(session, self._clock(), staff.id, "identity_checked", str(request.id), how=identity)

    async def show_claim(self, staff: StaffView, request: RequestView) -> str:
        """What the customer wrote, with full numbers."""
        require(staff.role, "data_requests", FORBIDDEN)
        async with self._database.transaction() as session:
            await record(session, self._clock(), staff.id, "request_unmasked", str(request.id))
        return request.claim

    async def decide(
        self,
        staff: StaffView,
        request: RequestView,
        state: RequestState,
        answer: str,
        corrections: Mapping[str, str] | None = None,
        application_id: str = "",
    ) -> None:
        """Answers a request, and corrects an application's fields with it. RequestError 404, 409 or 422."""
        require(staff.role, "data_requests", FORBIDDEN)
        answer = read_answer(answer)
        corrected = {field: value for field, value in (corrections or {}).items() if value.strip()}
        now = self._clock()
        async with self._database.transaction() as session:
            if state == "done":
                await require_identity(session, request.id)
            changes: dict[str, list[str]] = {}
            if corrected and state == "done":
                if not application_id:
                    raise RequestError(422, "no_application", "请选择要更正哪笔申请")
                before = (await get_application(session, application_id, is_changed=True)).model_dump()
                application = await correct(session, application_id, corrected)
                changes = list_changes(session, before, application.model_dump(include=set(corrected)), set(corrected))
                if application.conversation_id != request.conversation_id:
                    raise RequestError(404, "no_such_application", "没有这笔申请")
            await decide_request(
                session, request.id, state, answer, staff_id=staff.id, now=now, corrected=list(changes)
            )
            details = {
                "customer": request.customer_id,
                "from": "open",
                "to": state,
                "answer": hash_value(session, answer),
                **({"application": application_id, "changes": changes} if changes else {}),
            }
            await record(session, now, staff.id, "data_request_decided", str(request.id), **details)

    async def tell_kept(self, staff: StaffView, request: RequestView) -> list[str]:
        """What an erasure would not touch, a sentence each."""
        require(staff.role, "data_requests", FORBIDDEN)
        async with self._database.reading() as session:
            summary = await summarise(session, request.conversation_id, self._clock())
        return [*tell_kept(summary), *tell_untouched(summary)]

    async def erase(self, staff: StaffView, request: RequestView) -> None:
        """Erases what may go of the conversation that asked for it, and answers what went and what stays.

        Done again after a failure in between, it only answers. RequestError 404, 409 for a decided request or a legal
        hold, 503 while the dialogue cannot be forgotten.
        """
        require(staff.role, "data_requests", FORBIDDEN)
        async with self._database.transaction() as session:
            await lock_open_request(session, request.id, "erasure")
            await require_identity(session, request.id)
        try:
            done = await erase_conversation(
                self._database,
                self._forget,
                request.conversation_id,
                key=f"request/{request.id}/erased",
                clock=self._clock,
                staff_id=staff.id,
            )
        except (ServiceUnavailable, ServiceRefused):
            raise RequestError(503, "not_forgotten", "小禾的对话记录现在删不了，什么都没有删，请过几分钟再试") from None
        now = self._clock()
        async with self._database.transaction() as session:
            summary = await summarise(session, request.conversation_id, now)
            answer = "\n".join([tell_gone(done), *tell_kept(summary), *tell_untouched(summary)])
            await decide_request(session, request.id, "done", answer, staff_id=staff.id, now=now)
            await record(session, now, staff.id, "customer_erased", str(request.id), customer=request.customer_id)

    async def export_copy(self, staff: StaffView, request_id: int) -> str:
        """The copy of a customer's data as an HTML page, for who has proved to be them."""
        require(staff.role, "data_requests", FORBIDDEN)
        async with self._database.transaction() as session:
            await require_identity(session, request_id)
            page = await read_copy(session, request_id, staff_id=staff.id, now=self._clock())
            await record(session, self._clock(), staff.id, "data_copy_exported", str(request_id))
            return page

    async def run(self) -> None:
        """Notifies those who may decide of new requests, until cancelled."""
        await repeat(self.notify, seconds=self._poll_seconds)

    async def notify(self) -> None:
        """Notifies once of each open request, and of consents to credit inquiries that were withdrawn."""
        await self._notify_of_credit()
        async with self._database.reading() as session:
            requests = await list_requests(session, "open", SHOWN_MAX)
        if not requests:
            return
        told = [s for s in await self._accounts.list_staff() if s.is_active and may(s.role, "data_requests")]
        now = self._clock()
        async with self._database.transaction() as session:
            for request in requests:
                who, due = name_customer(request.customer_id), format_time(request.due_at, now)
                text = f"客户要求{REQUEST_NAMES[request.kind]}个人信息\n{who}，最迟{due}答复"
                for member in told:
                    key = f"data_request:{request.id}:{member.id}"
                    await notifier.add(session, member.id, key, text, PATH, now=now)
                if request.kind == "withdrawal":
                    await self._stop_managers(session, request.id, request.conversation_id, now)

    async def _notify_of_credit(self) -> None:
        """Tells the managers of open applications that the credit bureau may not be asked any more, once each."""
        now = self._clock()
        async with self._database.transaction() as session:
            for application in await list_without_credit_inquiry(session):
                since = application.credit_withdrawn_at
                key = f"credit_withdrawn:{application.id}:{since and since.isoformat()}"
                text = f"客户撤回了查征信的同意\n申请{application.number}，不要再查征信"
                await notifier.add(session, str(application.manager_id), key, text, CUSTOMERS_PATH, now=now)

    async def _stop_managers(self, session: AsyncSession, request_id: int, conversation_id: str, now: datetime) -> None:
        """Who works on an application of a customer who withdrew a consent stops at once, before it is decided."""
        for application in await list_of_conversations(session, [conversation_id]):
            if application.manager_id and application.stage in OPEN_STAGES:
                key = f"data_request:{request_id}:{application.manager_id}"
                text = f"客户撤回了同意\n申请{application.number}先停办，等主管处理"
                await notifier.add(session, application.manager_id, key, text, CUSTOMERS_PATH, now=now)
