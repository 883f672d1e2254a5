"""What each role may do, as a table the bank can read."""

from typing import get_args

import pytest

from desk.roles import PERMISSIONS, ROLE_NAMES, Permission, Role, may

TABLE: dict[Role, str] = {
    "agent": "talk undelivered",
    "account_manager": "campaigns customers talk undelivered",
    "editor": "answers draft_entries draft_products entries products",
    "approver": "answers approve_entries approve_products entries products",
    "supervisor": (
        "answers audit blocked_people campaigns customers dashboard data_requests entries"
        " manage_campaigns office oversee products reset_second_factor talk undelivered"
    ),
    "admin": (
        "audit blocked_people campaigns data_requests manage_campaigns office products reset_second_factor staff"
    ),
}


@pytest.mark.parametrize("role", get_args(Role))
def test_a_role_may_do_this_and_nothing_else(role: Role) -> None:
    assert " ".join(sorted(p for p in PERMISSIONS if may(role, p))) == TABLE[role]


def test_every_role_has_a_name_and_every_permission_its_roles() -> None:
    assert set(ROLE_NAMES) == set(get_args(Role))
    assert set(PERMISSIONS) == set(get_args(Permission))
