"""Who may see and act on a talk; every refusal is a RequestError 403. And who was faster, by name."""

from datetime import datetime

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from desk.accounts import Accounts
from desk.customer_repository import SERVED
from desk.presence import is_present
from desk.roles import may, require
from desk.schemas import StaffView
from kit.errors import RequestError


class TalkAccess:
    """Access by role, by whose talk it is, and by whose customer it is. Who hands a talk on loses it."""

    def __init__(self, handoffs: HandoffQueries, accounts: Accounts) -> None:
        self._handoffs = handoffs
        self._accounts = accounts

    def is_visible(self, staff: StaffView, handoff: HandoffView) -> bool:
        """Whether it is unassigned, is theirs, or is their customer's; a supervisor sees all."""
        if not may(staff.role, "talk"):
            return False
        return may(staff.role, "oversee") or is_unassigned(handoff) or is_theirs(staff, handoff)

    async def get_own(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Their own talk; for a supervisor any talk."""
        require_talker(staff)
        handoff = await self._handoffs.get(handoff_id)
        if handoff.agent_id != staff.id and not may(staff.role, "oversee"):
            raise refuse()
        return handoff

    async def get_visible(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """A talk they may see."""
        handoff = await self._handoffs.get(handoff_id)
        if not self.is_visible(staff, handoff):
            raise refuse()
        return handoff

    async def require_agent(self, agent_id: str, *, present_at: datetime | None = None) -> StaffView:
        """Who is to get a customer, and is there at a moment; RequestError 422."""
        if not agent_id:
            raise RequestError(422, "no_agent", "请选择一位同事")
        agent = next((member for member in await self._accounts.list_staff() if member.id == agent_id), None)
        if agent is None or not agent.is_active or not may(agent.role, "talk"):
            raise RequestError(422, "no_agent", "这位同事不接待客户")
        if present_at and not is_present(agent, present_at):
            raise RequestError(422, "no_agent", "这位同事现在不在，请换一位，或给客户预约回电")
        return agent

    async def name_winner(self, handoff_id: str, error: RequestError) -> RequestError:
        """The error with the name of the colleague who was faster, if it is that somebody was."""
        if error.code != "handoff_moved_on":
            return error
        handoff = await self._handoffs.get(handoff_id)
        if handoff.agent_id is None:
            return error
        winner = await self._accounts.get_staff(handoff.agent_id)
        return RequestError(409, error.code, f"晚了一步，这位客户已由{winner.name}负责")


def is_theirs(staff: StaffView, handoff: HandoffView) -> bool:
    """Whether it is their talk, if only offered to them, or their customer's."""
    return staff.id in (handoff.agent_id, handoff.manager_id)


def find_readable(staff: StaffView, handoff: HandoffView) -> tuple[datetime, datetime] | None:
    """The period of the conversation that they may read with a talk they see; None: all of it."""
    return None if may(staff.role, "oversee") else handoff.limit_for(staff.id)


def is_served_by(staff: StaffView, handoff: HandoffView) -> bool:
    """Whether they serve the customer now, in a talk or a callback, or manage the account."""
    return _serves_now(staff, handoff) or handoff.manager_id == staff.id


def may_see_person(staff: StaffView, handoff: HandoffView) -> bool:
    """Whether the page of its customer is open to them: they serve the customer now, manage the account, or oversee."""
    is_managed = may(staff.role, "customers") and handoff.manager_id == staff.id
    return may(staff.role, "oversee") or _serves_now(staff, handoff) or is_managed


def _serves_now(staff: StaffView, handoff: HandoffView) -> bool:
    return handoff.agent_id == staff.id and handoff.state in SERVED


def is_unassigned(handoff: HandoffView) -> bool:
    """Whether it has no agent, so that everybody who talks to customers may see it."""
    return handoff.state in ("requested", "queued") or (handoff.state == "callback" and handoff.agent_id is None)


def find_required_agent(staff: StaffView) -> str | None:
    """The agent whose talks they may act on: themselves; None: any, for a supervisor."""
    require_talker(staff)
    return None if may(staff.role, "oversee") else staff.id


def require_another(handoff: HandoffView, agent: StaffView) -> None:
    """Requires that a talk or a callback is not the agent's already; RequestError 409."""
    if handoff.agent_id == agent.id:
        raise RequestError(409, "has_it", f"已经在{agent.name}手里")


def require_talker(staff: StaffView) -> None:
    """Requires the permission to talk to customers."""
    require(staff.role, "talk", "您的角色不接待客户")


def require_overseer(staff: StaffView) -> None:
    """Requires a supervisor."""
    require(staff.role, "oversee", "只有主管可以这样操作")


def refuse() -> RequestError:
    """The error that a talk is not theirs."""
    return RequestError(403, "not_yours", "这位客户不归您接待")
