"""Who works at the demo bank; everybody has the same password, which is printed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from desk.accounts import Accounts
from desk.roles import ROLE_NAMES, Role
from desk.schemas import StaffView

_FIRST_PASSWORD = "first-day-at-the-mill"  # noqa: S105 (replaced at once, as at a first sign-in)
PASSWORD = "stone-bridge-4-ducks"  # noqa: S105 (the demo's, which is printed for everybody)


class Member(NamedTuple):
    """Somebody who may sign in; `tour` is what a visitor looks at as them, where the address leads."""

    login: str
    name: str
    role: Role
    tour: str = ""
    details: Mapping[str, Any] = {}


MEMBERS = (
    Member("liufang", "刘芳", "agent", "工作台：有客户在等、在谈", {"products": ["farmer_loan"]}),
    Member("machao", "马超", "agent"),
    Member("zhouqiang", "周强", "account_manager", "客户：申请、进度、预警、上门", {"villages": ["柳河镇"]}),
    Member("chenjing", "陈静", "account_manager", details={"villages": ["青禾镇", "东风乡"]}),
    Member("helihua", "何丽华", "supervisor", "看板、贷款看板、知识分析、营销活动"),
    Member("sunyue", "孙悦", "editor", "知识、没答上的"),
    Member("zhengwei", "郑伟", "approver"),
    Member("gaofeng", "高峰", "admin", "人员、操作记录"),
    Member("wuxia", "吴霞", "admin"),
)


async def hire(accounts: Accounts, members: Sequence[Member]) -> dict[str, StaffView]:
    """Adds whoever is not there yet, as after their first sign-in; everybody by login."""
    known = {each.login for each in await accounts.list_staff()}
    await asyncio.gather(*(_add(accounts, member) for member in members if member.login not in known))
    return {each.login: each for each in await accounts.list_staff()}


async def _add(accounts: Accounts, member: Member) -> None:
    added = await accounts.add_staff(member.login, member.name, member.role, _FIRST_PASSWORD, **member.details)
    await accounts.change_password(added.id, _FIRST_PASSWORD, PASSWORD)


def describe_logins() -> str:
    """A line for each who has something to show: login, role, what to look at."""
    lines = [f"    {each.login:<11}{ROLE_NAMES[each.role]}  {each.tour}" for each in MEMBERS if each.tour]
    return "\n".join(lines)
