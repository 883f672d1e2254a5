"""Requests about customers' data: who may decide them, and that the customer hears of it."""

from datetime import timedelta
from typing import cast

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from applications.schemas import ApplicationIn, ApplicationView
from applications.tables import Application
from desk.audit import AuditLog, hash_value
from desk.data_copies import build_router
from desk.data_requests import DataRequests
from desk.roles import Role
from desk.tables import Notification
from kit.errors import RequestError, ServiceUnavailable
from privacy.ledger import Ledger
from privacy.rights.holds import add_hold
from privacy.rights.requests import add_request, record_identity
from privacy.rights.summary import lock_conversation
from privacy.schemas import RequestKind, RequestState, RequestView
from tests.applications.making import make_applications
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office


@pytest.fixture
def requests(office: Office) -> DataRequests:
    return DataRequests(office.database, office.accounts, forget, office.clock)


async def forget(conversation_id: str) -> None:
    """The dialogue's store does what it is asked."""


async def read_kinds(office: Office) -> list[str]:
    return [record.kind async for record in Ledger(office.database).read_from()]


async def ask(
    office: Office, kind: RequestKind = "correction", customer: str = "wang", *, is_known: bool = True
) -> RequestView:
    conversation = await office.conversations.open_conversation("web", customer)
    now = office.clock.now
    async with office.database.transaction() as session:
        locked = await lock_conversation(session, conversation.id)
        request = await add_request(
            session,
            locked,
            kind,
            "我的电话登记错了，是13900005678",
            key=f"{customer}/{kind}",
            now=now,
            due_at=now + timedelta(days=21),
        )
        if is_known:
            await record_identity(session, request.id, "papers")
        return request


async def apply(office: Office, request: RequestView) -> ApplicationView:
    """The customer has an application."""
    content = ApplicationIn(
        conversation_id=request.conversation_id,
        product="farmer_loan",
        amount=50_000,
        term=12,
        purpose="买化肥",
        region="柳河镇",
        name="王秀兰",
        phone="13800001234",
        details={},
        consent_version="2026-11",
    )
    return await make_applications(office.database, office.clock).submit(content, request.conversation_id)


async def test_a_correction_is_made_told_and_recorded(office: Office, requests: DataRequests) -> None:
    boss, request = await office.hire("chen", "supervisor"), await ask(office)
    application = (await apply(office, request)).id
    corrections = {"phone": "13900005678", "name": ""}
    await requests.decide(boss, request, "done", "已改好。", corrections, application)
    async with office.database.reading() as session:
        row = (await session.scalars(select(Application))).one()
    assert (row.phone, row.name) == ("13900005678", "王秀兰")
    async with office.database.reading() as session:
        by_phone = select(Application.id).where(Application.search_keys.contains("13900005678"))
        assert (await session.scalars(by_phone)).all() == [application], "it is found by what is right now"
    said = await office.conversations.list_messages(request.conversation_id)
    assert said[-1].text.endswith("已改好。")
    assert await read_kinds(office) == ["requested", "corrected", "answered"]
    (audited,) = await AuditLog(office.database).list_records(10, staff_id=boss.id)
    async with office.database.reading() as session:
        phones = [hash_value(session, phone) for phone in ("13800001234", "13900005678")]
    assert audited.action == "data_request_decided"
    assert (audited.details["from"], audited.details["to"]) == ("open", "done")
    assert audited.details["customer"] == request.customer_id
    assert audited.details["changes"] == {"phone": phones}
    assert "1390000" not in str(audited.details)
    assert [each.state for each in await requests.list_all(boss)] == ["done"]


class TestIdentity:
    @pytest.mark.parametrize("kind", ["access", "correction", "erasure"])
    async def test_nothing_is_done_for_whoever_only_says_who_they_are(
        self, office: Office, requests: DataRequests, kind: RequestKind
    ) -> None:
        boss, request = await office.hire("chen", "supervisor"), await ask(office, kind, is_known=False)
        with pytest.raises(RequestError, match="422 no_identity"):
            await requests.decide(boss, request, "done", "已办好。")
        with pytest.raises(RequestError, match="422 no_identity"):
            await (requests.erase(boss, request) if kind == "erasure" else requests.export_copy(boss, request.id))
        await requests.record_identity(boss, request, "call")
        await requests.decide(boss, request, "done", "已办好。")
        actions = [record.action for record in await AuditLog(office.database).list_records(10, staff_id=boss.id)]
        assert actions == ["data_request_decided", "identity_checked"]

    @sqlite_only
    async def test_a_refusal_and_a_withdrawal_need_none(self, office: Office, requests: DataRequests) -> None:
        boss = await office.hire("chen", "supervisor")
        await requests.decide(boss, await ask(office, "access", is_known=False), "refused", "没能核实是本人。")
        await requests.decide(boss, await ask(office, "withdrawal", is_known=False), "done", "已停办。")

    @sqlite_only
    async def test_full_numbers_of_a_claim_are_shown_with_a_record(
        self, office: Office, requests: DataRequests
    ) -> None:
        boss, request = await office.hire("chen", "supervisor"), await ask(office)
        assert "13900005678" in await requests.show_claim(boss, request)
        (audited,) = await AuditLog(office.database).list_records(10, staff_id=boss.id)
        assert (audited.action, audited.subject) == ("request_unmasked", str(request.id))


@sqlite_only
@pytest.mark.parametrize(
    ("corrections", "reason"),
    [
        ({"phone": "12345"}, "电话不像是对的"),
        ({"name": "王" * 21}, "姓名不像是对的"),
        ({"stage": "closed"}, "不能更正"),
    ],
)
async def test_what_is_no_correction_changes_nothing(
    office: Office, requests: DataRequests, corrections: dict[str, str], reason: str
) -> None:
    boss, request = await office.hire("chen", "supervisor"), await ask(office)
    application = (await apply(office, request)).id
    with pytest.raises(RequestError, match=reason):
        await requests.decide(boss, request, "done", "已改好。", corrections, application)
    assert [each.state for each in await requests.list_all(boss, "open")] == ["open"]


@sqlite_only
async def test_nobody_elses_application_is_corrected(office: Office, requests: DataRequests) -> None:
    boss, request = await office.hire("chen", "supervisor"), await ask(office)
    other = (await apply(office, await ask(office, customer="li"))).id
    with pytest.raises(RequestError, match="404"):
        await requests.decide(boss, request, "done", "已改好。", {"phone": "13900005678"}, other)
    async with office.database.reading() as session:
        assert (await session.scalars(select(Application.phone))).all() == ["13800001234"]


@sqlite_only
@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver"])
async def test_others_may_neither_see_nor_decide(office: Office, requests: DataRequests, role: Role) -> None:
    staff, request = await office.hire("an", role), await ask(office, "access")
    for act in (
        requests.list_all(staff),
        requests.decide(staff, request, "done", "好"),
        requests.export_copy(staff, request.id),
        requests.tell_kept(staff, request),
        requests.erase(staff, request),
    ):
        with pytest.raises(RequestError, match="403 forbidden"):
            await act


@sqlite_only
async def test_an_answer_is_needed(office: Office, requests: DataRequests) -> None:
    boss, request = await office.hire("chen", "supervisor"), await ask(office)
    with pytest.raises(RequestError, match="422 no_answer"):
        await requests.decide(boss, request, "refused", "  ")


@sqlite_only
async def test_a_copy_is_for_who_asked_for_one(office: Office, requests: DataRequests) -> None:
    boss = await office.hire("wu", "admin")
    access, other = await ask(office, "access"), await ask(office, "correction")
    assert "我的电话登记错了" in await requests.export_copy(boss, access.id)
    with pytest.raises(RequestError, match="404"):
        await requests.export_copy(boss, other.id)
    assert (await read_kinds(office)).count("exported") == 1
    for state, request in (("done", access), ("refused", await ask(office, "access", "li"))):
        await requests.decide(boss, request, cast(RequestState, state), "好")
        with pytest.raises(RequestError, match="409 already_decided"):
            await requests.export_copy(boss, request.id)
    assert (await read_kinds(office)).count("exported") == 1


@sqlite_only
def test_no_link_makes_a_copy(requests: DataRequests) -> None:
    (route,) = build_router(requests).routes
    assert isinstance(route, APIRoute)
    assert route.methods == {"POST"}


@sqlite_only
@pytest.mark.parametrize("kind", ["access", "correction", "withdrawal", "erasure"])
async def test_an_answer_alone_proves_no_act(office: Office, requests: DataRequests, kind: RequestKind) -> None:
    boss, request = await office.hire("chen", "supervisor"), await ask(office, kind)
    await requests.decide(boss, request, "done", "在网点办好了。")
    assert await read_kinds(office) == ["requested", "answered"]


class TestErasing:
    async def test_it_is_done_told_and_recorded(self, office: Office, requests: DataRequests) -> None:
        boss, request = await office.hire("chen", "supervisor"), await ask(office, "erasure")
        await apply(office, request)
        ((number,),) = await office.database.fetch(select(Application.number))
        assert await requests.tell_kept(boss, request) == [f"申请{number}照常办。"]
        await requests.erase(boss, request)
        (said,) = await office.conversations.list_messages(request.conversation_id)
        assert "这里没有要删的内容" in said.text
        assert f"申请{number}照常办。" in said.text
        records = [record async for record in Ledger(office.database).read_from()]
        assert [record.kind for record in records] == ["requested", "erased", "answered"]
        assert f"凭证号{records[1].id}" in said.text
        assert (records[1].customer_id, records[1].staff_id) == (request.customer_id, boss.id)
        (audited,) = await AuditLog(office.database).list_records(10, staff_id=boss.id)
        assert audited.action == "customer_erased"
        with pytest.raises(RequestError, match="409 already_decided"):
            await requests.erase(boss, request)

    @sqlite_only
    async def test_a_legal_hold_is_in_the_way(self, office: Office, requests: DataRequests) -> None:
        boss, request = await office.hire("chen", "supervisor"), await ask(office, "erasure")
        async with office.database.transaction() as session:
            await add_hold(session, request.customer_id, "诉讼", office.clock.now)
        with pytest.raises(RequestError, match="409 legal_hold"):
            await requests.erase(boss, request)
        assert await read_kinds(office) == ["requested", "held"]

    @sqlite_only
    async def test_what_the_bot_cannot_forget_is_not_erased(self, office: Office) -> None:
        async def be_away(conversation_id: str) -> None:
            raise ServiceUnavailable("rasa is away")

        requests = DataRequests(office.database, office.accounts, be_away, office.clock)
        boss, request = await office.hire("chen", "supervisor"), await ask(office, "erasure")
        with pytest.raises(RequestError, match="503 not_forgotten"):
            await requests.erase(boss, request)
        assert [each.state for each in await requests.list_all(boss)] == ["open"]

    @sqlite_only
    async def test_only_what_was_asked(self, office: Office, requests: DataRequests) -> None:
        boss, request = await office.hire("chen", "supervisor"), await ask(office, "correction")
        with pytest.raises(RequestError, match="404 no_such_request"):
            await requests.erase(boss, request)


async def test_those_who_may_decide_are_notified_once(office: Office, requests: DataRequests) -> None:
    boss, _ = await office.hire("chen", "supervisor"), await office.hire("an")
    await ask(office)
    for _ in range(2):
        await requests.notify()
    async with office.database.reading() as session:
        (told,) = await session.scalars(select(Notification))
    assert (told.staff_id, "更正个人信息" in told.text) == (boss.id, True)


async def test_a_withdrawal_stops_the_manager_at_once(office: Office, requests: DataRequests) -> None:
    request = await ask(office, "withdrawal")
    application = await apply(office, request)
    async with office.database.transaction() as session:
        row = (await session.scalars(select(Application))).one()
        row.manager_id, row.credit_withdrawn_at = "zhao", office.clock.now
    for _ in range(2):
        await requests.notify()
    async with office.database.reading() as session:
        told = (await session.scalars(select(Notification.text).where(Notification.staff_id == "zhao"))).all()
    assert sorted(told) == [
        f"客户撤回了同意\n申请{application.number}先停办，等主管处理",
        f"客户撤回了查征信的同意\n申请{application.number}，不要再查征信",
    ]
