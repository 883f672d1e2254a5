"""Who may see and act on a talk; every refusal is a RequestError 403."""

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from desk.roles import may, require
from desk.schemas import StaffView
from kit.errors import RequestError


class TalkAccess:
    """Access by role, by whose talk it is, and by whose customer it is. Who hands a talk on loses it."""

    def __init__(self, handoffs: HandoffQueries) -> None:
        self._handoffs = handoffs

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


def is_theirs(staff: StaffView, handoff: HandoffView) -> bool:
    """Whether it is their talk, if only offered to them, or their customer's."""
    return staff.id in (handoff.agent_id, handoff.manager_id)


def is_served_by(staff: StaffView, handoff: HandoffView) -> bool:
    """Whether they serve the customer: they accepted the talk or the callback, or manage the account."""
    has_accepted = handoff.agent_id == staff.id and handoff.state != "assigned"
    return has_accepted or handoff.manager_id == staff.id


def is_unassigned(handoff: HandoffView) -> bool:
    """Whether it has no agent, so that everybody who talks to customers may see it."""
    return handoff.state in ("requested", "queued") or (handoff.state == "callback" and handoff.agent_id is None)


def find_required_agent(staff: StaffView) -> str | None:
    """The agent whose talks they may act on: themselves; None: any, for a supervisor."""
    require_talker(staff)
    return None if may(staff.role, "oversee") else staff.id


def require_talker(staff: StaffView) -> None:
    """Requires the permission to talk to customers."""
    require(staff.role, "talk", "您的角色不接待客户")


def require_overseer(staff: StaffView) -> None:
    """Requires a supervisor."""
    require(staff.role, "oversee", "只有主管可以这样操作")


def refuse() -> RequestError:
    """The error that a talk is not theirs."""
    return RequestError(403, "not_yours", "这位客户不归您接待")
