"""Records hold ids and hashes; who reads them is told names, as long as there are any."""

from sqlalchemy import update

from conversations.tables import Handoff
from desk.audit import AuditLog
from desk.audit_names import name_customers, name_staff, pick_names
from desk.audit_wording import describe_record
from desk.data_requests import DataRequests
from desk.schemas import AuditView
from tests.desk.office import Office
from tests.desk.test_data_requests import ask, forget


async def test_names_until_they_are_erased(office: Office) -> None:
    zhang = await office.hire("zhang", phone="13800001234")
    await office.accounts.update_staff(zhang.id, phone="13900004321")
    talk = await office.ask(slots={"name": "王秀英"})
    await office.talks.take(zhang, talk.id)
    await office.talks.close(zhang, talk.id, "solved", "办好了")
    async with office.database.transaction() as session:
        await session.execute(update(Handoff).where(Handoff.id == talk.id).values(name="王秀英"))
    closed, changed, _ = await AuditLog(office.database).list_records(3)
    for record in (closed, changed):
        assert all(text not in str(record) for text in ("王秀英", "张敏", "13900004321", "13800001234"))
    async with office.database.reading() as session:
        names = await name_staff(session) | await name_customers(session, [closed])
    assert describe_record(closed, names) == "结束会话 王秀英：状态 人工服务中→已结束，处理结果 已解决"
    assert "139****4321" in describe_record(changed, names)
    assert pick_names(closed, names) == {zhang.id: "张敏（zhang）", talk.id: "王秀英"}
    async with office.database.transaction() as session:
        await session.execute(update(Handoff).where(Handoff.id == talk.id).values(name=None))
    async with office.database.reading() as session:
        names = await name_customers(session, [closed])
    assert names == {talk.id: f"客户{talk.customer_id[:4].upper()}"}
    assert (await AuditLog(office.database).verify())[2] is None


async def test_a_data_request_is_named_by_its_customer_as_on_its_page(office: Office) -> None:
    chen = await office.hire("chen", "supervisor")
    request = await ask(office, "access", "meng")
    requests = DataRequests(office.database, office.accounts, forget, office.clock)
    await requests.export_copy(chen, request.id)
    (copied,) = await AuditLog(office.database).list_records(1)
    async with office.database.reading() as session:
        names = await name_customers(session, [copied])
    assert describe_record(copied, names) == f"下载客户的信息副本 客户{request.customer_id[:4].upper()}"


async def test_a_login_like_a_code_is_named_only_where_a_login_stands(office: Office) -> None:
    for login in ("agent", "open"):
        await office.hire(login)
    added, _ = (await AuditLog(office.database).list_records(2))[:2]
    async with office.database.reading() as session:
        names = await name_staff(session)
    assert pick_names(added, names) == {"open": "open（open）", **_find_name(added, names)}


def _find_name(record: AuditView, names: dict[str, str]) -> dict[str, str]:
    """That of its hash."""
    return {text: names[text] for _, text in record.details["changes"].values() if str(text).startswith("#")}
