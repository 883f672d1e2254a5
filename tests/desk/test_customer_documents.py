"""Who may see customers' documents, that every look is on record, and that browsers keep nothing of them."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.audit_wording import ACTIONS
from desk.customer_documents import CustomerDocuments
from desk.document_files import build_router
from documents.schemas import DocumentView
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError
from kit.web import create_web_app
from tests.desk.village import Village
from tests.documents.pictures import draw, encode
from tests.documents.samples import PDF
from tests.fakes import FixedClock


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock) -> Village:
    return Village(database, accounts, clock)


@pytest.fixture
def store(database: Database, clock: FixedClock) -> Documents:
    return Documents(database, clock=clock)


@pytest.fixture
def documents(database: Database, store: Documents, clock: FixedClock) -> CustomerDocuments:
    return CustomerDocuments(database, store, clock)


async def send(village: Village, store: Documents, message_id: str = "picture-1") -> DocumentView:
    """The customer sends a picture."""
    opened = await village.conversations.open_conversation("wechat", "wang")
    return await store.store(opened.id, message_id, encode(draw()))


async def list_audit(village: Village, *actions: str) -> list[tuple[str | None, str, str, Any]]:
    records = await AuditLog(village.database).list_records(100)
    return [
        (each.staff_id, each.action, each.subject, each.details.get("document"))
        for each in records
        if each.action in actions
    ]


async def is_refused(look: Callable[[], Awaitable[object]]) -> bool:
    try:
        await look()
    except RequestError as refused:
        return refused.status == 403
    return False


async def test_what_was_sent_belongs_to_the_application_that_was_handed_in(
    village: Village, store: Documents, documents: CustomerDocuments
) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    await village.meet("wang")
    sent = await send(village, store)
    application = await village.apply("wang")
    later = await send(village, store, "picture-2")
    await village.ownership.assign_new()
    (listed,) = (await documents.list_of_application(zhang, application.id)).documents
    assert (listed.id, listed.application_id, listed.expires_at) == (sent.id, application.id, None)
    assert later.application_id is None, "it came after the application"


async def test_who_may_see_them(village: Village, store: Documents, documents: CustomerDocuments) -> None:
    staff = await village.hire_everybody()
    await village.meet("wang")
    sent = await send(village, store)
    application = await village.apply("wang")
    await village.ownership.assign_new()
    await village.ask("wang", "active", agent_id=staff["an agent who serves them"].id)
    for who, member in staff.items():
        may = who in ("their manager", "an agent who serves them", "a supervisor")
        for look in (
            lambda member=member: documents.open(member, sent.id),
            lambda member=member: documents.preview(member, sent.id),
            lambda member=member: documents.list_of_application(member, application.id),
        ):
            assert await is_refused(look) is not may, who


async def test_every_look_is_audited_and_no_refused_one(
    village: Village, store: Documents, documents: CustomerDocuments
) -> None:
    zhang, li = await village.hire("zhang", "account_manager", "柳河镇"), await village.hire("li")
    customer = await village.meet("wang")
    sent = await send(village, store)
    await store.describe(sent.id, "identity_card")
    application = await village.apply("wang")
    await village.ownership.assign_new()
    await documents.list_of_application(zhang, application.id)
    await documents.open(zhang, sent.id)
    assert await is_refused(lambda: documents.open(li, sent.id))
    assert await list_audit(village, "documents_listed", "document_viewed") == [
        (zhang.id, "document_viewed", customer.id, "identity_card"),
        (zhang.id, "documents_listed", application.number, None),
    ]
    assert {"documents_listed", "document_viewed"} <= ACTIONS.keys()


async def test_an_unknown_one_is_not_found(documents: CustomerDocuments, village: Village) -> None:
    wu = await village.hire("wu", "supervisor")
    with pytest.raises(RequestError, match="no_such_document"):
        await documents.open(wu, "no such id")


async def test_a_talk_knows_which_message_brought_which(
    village: Village, store: Documents, documents: CustomerDocuments
) -> None:
    sent = await send(village, store)
    assert await documents.list_of_talk(sent.conversation_id) == {"picture-1": sent}


async def test_browsers_show_a_file_and_keep_nothing_of_it(
    village: Village, store: Documents, documents: CustomerDocuments
) -> None:
    wu = await village.hire("wu", "supervisor")
    sent = await send(village, store)
    app: FastAPI = create_web_app("desk", checks={})

    @app.middleware("http")
    async def sign_in(request: Request, go_on: Any) -> Any:
        request.state.staff = wu
        return await go_on(request)

    app.include_router(build_router(documents))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as desk:
        whole = await desk.get(f"/documents/{sent.id}")
        small = await desk.get(f"/documents/{sent.id}/thumbnail")
        gone = await desk.get("/documents/none")
        paper = await store.store(sent.conversation_id, "file-1", PDF, medium="file", name="流水.pdf")
        no_picture = await desk.get(f"/documents/{paper.id}/thumbnail")
    assert no_picture.status_code == 404
    assert whole.content == (await store.read(sent.id)).content
    assert gone.status_code == 404
    assert whole.headers["content-disposition"].startswith("inline; filename*=UTF-8''document-")
    for response in (whole, small):
        assert response.headers["content-type"] == "image/jpeg"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "sandbox" in response.headers["content-security-policy"]
        assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert len(small.content) < len(whole.content)
