"""Customers' documents for the staff who serve them; every look at one is audited."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from applications.checklist import Paper
from conversations.customers import find_customer_id, get_customer
from delegation.service import find_checklist
from desk import customer_repository
from desk.audit import record
from desk.roles import may
from desk.schemas import StaffView
from documents.schemas import Document, DocumentView
from documents.service import Documents
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError

NOT_SERVED = "这位客户现在不由您接待，不能看他发来的材料"


class ApplicationPapers(NamedTuple):
    """The documents of an application, and its papers as a helper left them; None without a helper."""

    documents: list[DocumentView]
    checklist: list[Paper] | None


class CustomerDocuments:
    """For the customer's or the application's manager, whoever serves the customer now, and supervisors.

    RequestError 403, 404.
    """

    def __init__(self, database: Database, documents: Documents, clock: Clock = read_clock) -> None:
        self._database = database
        self._documents = documents
        self._clock = clock

    async def list_of_application(self, staff: StaffView, application_id: str) -> ApplicationPapers:
        """Those of an application, oldest first, and what a helper got ready; audited."""
        async with self._database.transaction() as session:
            application = await applications.get_application(session, application_id)
            await self._require(session, staff, application.conversation_id, application_id)
            await record(session, self._clock(), staff.id, "documents_listed", application.number)
            checklist = await find_checklist(session, application_id)
        return ApplicationPapers(await self._documents.list_of_application(application_id), checklist)

    async def open(self, staff: StaffView, document_id: str) -> Document:
        """One, to be looked at; audited before it is shown."""
        document = await self._documents.read(document_id)
        view = document.view
        async with self._database.transaction() as session:
            customer_id = await self._require(session, staff, view.conversation_id, view.application_id)
            details: dict[str, str] = {"document": view.kind or "unknown"}
            if view.application_id:
                application = await applications.get_application(session, view.application_id)
                details["application"] = application.number
            await record(session, self._clock(), staff.id, "document_viewed", customer_id, **details)
        return document

    async def preview(self, staff: StaffView, document_id: str) -> Document:
        """One, to be shown too small to be read, beside those of `list_of_application`."""
        document = await self._documents.read(document_id)
        async with self._database.reading() as session:
            await self._require(session, staff, document.view.conversation_id, document.view.application_id)
        return document

    async def list_of_talk(self, conversation_id: str) -> dict[str, str]:
        """Ids of a conversation's documents by that of the message that brought each; none of them can be seen yet."""
        found = await self._documents.list_of_conversations([conversation_id])
        return {view.message_id: view.id for view in found}

    async def _require(
        self, session: AsyncSession, staff: StaffView, conversation_id: str, application_id: str | None
    ) -> str:
        """The customer's id, if this is a customer whom they serve."""
        customer = await get_customer(session, await find_customer_id(session, conversation_id) or "")
        managers = {customer.manager_id}
        if application_id:
            managers.add((await applications.get_application(session, application_id)).manager_id)
        is_manager = may(staff.role, "customers") and staff.id in managers
        if not (is_manager or may(staff.role, "oversee")) and not (
            may(staff.role, "talk") and await customer_repository.is_served(session, [conversation_id], staff.id)
        ):
            raise RequestError(403, "not_served", NOT_SERVED)
        return customer.id
