"""Permissions on the staff site, by role."""

from typing import Literal

from kit.errors import RequestError

Role = Literal["agent", "account_manager", "editor", "approver", "supervisor", "admin"]
Permission = Literal[
    "talk",
    "customers",
    "answers",
    "dashboard",
    "oversee",
    "undelivered",
    "office",
    "staff",
    "audit",
    "reset_second_factor",
    "data_requests",
    "blocked_people",
    "campaigns",
    "manage_campaigns",
    "products",
    "draft_products",
    "approve_products",
    "entries",
    "draft_entries",
    "approve_entries",
]

ROLE_NAMES: dict[Role, str] = {
    "agent": "客服坐席",
    "account_manager": "客户经理",
    "editor": "知识编辑",
    "approver": "知识审核",
    "supervisor": "主管",
    "admin": "管理员",
}
PERMISSIONS: dict[Permission, frozenset[Role]] = {
    "talk": frozenset({"agent", "account_manager", "supervisor"}),
    "customers": frozenset({"account_manager", "supervisor"}),
    "answers": frozenset({"editor", "approver", "supervisor"}),
    "dashboard": frozenset({"supervisor"}),
    "oversee": frozenset({"supervisor"}),
    "undelivered": frozenset({"agent", "account_manager", "supervisor"}),
    "office": frozenset({"supervisor", "admin"}),
    "staff": frozenset({"admin"}),
    "audit": frozenset({"supervisor", "admin"}),
    "reset_second_factor": frozenset({"supervisor", "admin"}),
    "data_requests": frozenset({"supervisor", "admin"}),
    "blocked_people": frozenset({"supervisor", "admin"}),
    "campaigns": frozenset({"account_manager", "supervisor", "admin"}),
    "manage_campaigns": frozenset({"supervisor", "admin"}),
    "products": frozenset({"editor", "approver", "supervisor", "admin"}),
    "draft_products": frozenset({"editor"}),
    "approve_products": frozenset({"approver"}),
    "entries": frozenset({"editor", "approver", "supervisor"}),
    "draft_entries": frozenset({"editor"}),
    "approve_entries": frozenset({"approver"}),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role has the permission."""
    return role in PERMISSIONS[permission]


def require(role: Role, permission: Permission, reason: str) -> None:
    """Raises RequestError 403 with the reason unless a role has the permission."""
    if not may(role, permission):
        raise RequestError(403, "forbidden", reason)
