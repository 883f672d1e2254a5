"""Plain values of the staff site: staff and audit records."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict

from conversations.schemas import Value
from desk.roles import Role

# Whether somebody takes talks, and why not; `missed`: they did not take one that was given to them.
Status = Literal["online", "away", "meal", "meeting", "outside", "offline", "missed"]
# How somebody proved who they are: by a password, with an app's code or a recovery code, or by the bank's provider.
SignInMethod = Literal["password", "totp", "recovery", "oidc"]


class StaffView(Value):
    """A staff member as pages see them, without the password.

    `must_enrol`: this session opens nothing until they have a second factor.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    login: str
    name: str
    role: Role
    branch: str
    villages: tuple[str, ...]
    products: tuple[str, ...]
    capacity: int
    status: Status
    status_at: datetime | None = None
    seen_at: datetime | None
    phone: str
    email: str
    wecom_id: str
    is_active: bool
    must_change_password: bool
    must_enrol: bool = False


# Who draws up what a command drafts; somebody else approves it.
OPERATOR = StaffView(
    id=str(UUID(int=0)),  # that of nobody
    login="operator",
    name="命令行",
    role="editor",
    branch="",
    villages=(),
    products=(),
    capacity=0,
    status="offline",
    seen_at=None,
    phone="",
    email="",
    wecom_id="",
    is_active=True,
    must_change_password=False,
)


class ProposalView(Value):
    """A change of rights that waits for a second admin; `staff_id` is None for a new account."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    login: str
    staff_id: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    work_to: dict[str, str]
    proposed_by: str
    proposed_at: datetime


class SessionView(Value):
    """A browser in which somebody is signed in; `id` names it to its owner."""

    id: str
    address: str
    device: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


class FactorView(Value):
    """A staff member's second factor: since when they have it (None: not yet), and the recovery codes left."""

    since: datetime | None
    codes_left: int


class AuditView(Value):
    """An audit record; `staff_id` is None for a command of the operator and for unknown logins."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    staff_id: str | None
    action: str
    subject: str
    details: dict[str, Any]
    hash: str = ""
