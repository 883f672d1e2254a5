"""Customers' documents for the staff who serve them; every look at one is audited."""

from typing import NamedTuple

from applications import repository as applications
from applications.checklist import Paper
from delegation.service import find_checklist
from desk.audit import record
from desk.customer_access import require_served
from desk.schemas import StaffView
from documents.schemas import Document, DocumentView
from documents.service import Documents
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError


class ApplicationPapers(NamedTuple):
    """The documents of an application, and its papers as a helper left them; None without a helper."""

    documents: list[DocumentView]
    checklist: list[Paper] | None


class CustomerDocuments:
    """For those who may see what the customer handed in (desk/customer_access.py). RequestError 403, 404."""

    def __init__(self, database: Database, documents: Documents, clock: Clock = read_clock) -> None:
        self._database = database
        self._documents = documents
        self._clock = clock

    async def list_of_application(self, staff: StaffView, application_id: str) -> ApplicationPapers:
        """Those of an application, oldest first, and what a helper got ready; audited."""
        async with self._database.transaction() as session:
            application = await applications.get_application(session, application_id)
            await require_served(session, staff, application.conversation_id, application_id)
            await record(session, self._clock(), staff.id, "documents_listed", application.number)
            checklist = await find_checklist(session, application_id)
        return ApplicationPapers(await self._documents.list_of_application(application_id), checklist)

    async def open(self, staff: StaffView, document_id: str) -> Document:
        """One, to be looked at; audited before it is shown."""
        document = await self._documents.read(document_id)
        view = document.view
        async with self._database.transaction() as session:
            customer_id = await require_served(session, staff, view.conversation_id, view.application_id)
            details: dict[str, str] = {"document": view.kind or "unknown"}
            if view.application_id:
                application = await applications.get_application(session, view.application_id)
                details["application"] = application.number
            await record(session, self._clock(), staff.id, "document_viewed", customer_id, **details)
        return document

    async def preview(self, staff: StaffView, document_id: str) -> Document:
        """A picture, to be shown too small to be read, beside those of `list_of_application`; 404 for another one."""
        document = await self._documents.read(document_id)
        if document.view.medium != "image":
            raise RequestError(404, "no_picture", "这不是图片")
        async with self._database.reading() as session:
            await require_served(session, staff, document.view.conversation_id, document.view.application_id)
        return document

    async def list_of_talk(self, conversation_id: str) -> dict[str, DocumentView]:
        """A conversation's documents by the id of the message that brought each; none of them can be seen yet."""
        return await self._documents.list_of_messages(conversation_id)
