"""Reasons of a handoff are called as the bank's staff call them, everywhere and at every process."""

from collections.abc import Iterator

import pytest

from desk.audit import AuditLog
from desk.audit_wording import describe_record
from desk.reason_names import NAME_MAX, ReasonNames
from desk.roles import Role
from desk.wording import REASONS, describe_reason, name_reason, name_reasons, replace_reason_names
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office


@pytest.fixture(autouse=True)
def names_as_before() -> Iterator[None]:
    yield
    replace_reason_names({})


@pytest.fixture
def names(office: Office) -> ReasonNames:
    return ReasonNames(office.database, office.clock)


@pytest.mark.parametrize("role", ["supervisor", "admin"])
async def test_one_is_named_and_gets_its_first_name_back(office: Office, names: ReasonNames, role: Role) -> None:
    boss = await office.hire("chen", role)
    await names.set(boss, "complaint", " 客户不满 ", "投诉")
    assert (name_reason("complaint"), describe_reason("complaint", None)) == ("客户不满", "客户不满")
    assert list(name_reasons()) == list(REASONS)
    (changed,) = await AuditLog(office.database).list_records(1)
    assert describe_record(changed, {}).endswith("投诉：标题 投诉→客户不满")
    await names.set(boss, "complaint", "", "客户不满")
    assert name_reason("complaint") == "投诉"


async def test_another_process_follows(office: Office, names: ReasonNames) -> None:
    boss = await office.hire("chen", "supervisor")
    await names.set(boss, "complaint", "客户不满", "投诉")
    replace_reason_names({})  # as another process has them
    await ReasonNames(office.database, office.clock).refresh()
    assert name_reason("complaint") == "客户不满"


@sqlite_only
async def test_refusals(office: Office, names: ReasonNames) -> None:
    boss, agent = await office.hire("chen", "supervisor"), await office.hire("an")
    for name, shown, code in (
        ("长" * (NAME_MAX + 1), "投诉", "422 invalid_name"),
        (REASONS["appeal"], "投诉", "422 name_taken"),
        ("客户不满", "不满", "409 changed_meanwhile"),
    ):
        with pytest.raises(RequestError, match=code):
            await names.set(boss, "complaint", name, shown)
    with pytest.raises(RequestError, match="422 unknown_reason"):
        await names.set(boss, "weather", "天气", "天气")
    with pytest.raises(RequestError, match="403 forbidden"):
        await names.set(agent, "complaint", "客户不满", "投诉")
    assert name_reasons() == REASONS
